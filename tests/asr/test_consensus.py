"""Of several likely texts, the one is taken that most of what is likely bears out."""

from __future__ import annotations

import math

from asr.consensus import agreed
from models.engine import Decoded, Hypothesis
from models.language_model import LanguageModel
from models.whisper import Whisper


def decoded(whisper: Whisper, *texts: tuple[str, float]) -> Decoded:
    """Texts with the probability of each."""
    found = [(ids := whisper.tokens.encode(text), math.log(chance) / len(ids)) for text, chance in texts]
    first, *others = (Hypothesis(ids=ids, logprob=mean) for ids, mean in found)
    return Decoded(ids=first.ids, logprob=first.logprob, no_speech=0.1, others=tuple(others))


def text_of(whisper: Whisper, found: Decoded) -> str:
    return whisper.tokens.decode(found.ids).strip()


def test_two_that_are_nearly_alike_outweigh_the_likeliest(whisper: Whisper) -> None:
    heard = decoded(whisper, ("点入と毛を出したい", 0.4), ("転入届を出したい", 0.35), ("転入届けを出したい", 0.25))
    found = agreed(heard, whisper.tokens)
    assert text_of(whisper, found) == "転入届を出したい"
    assert found.logprob == heard.others[0].logprob
    assert found.no_speech == heard.no_speech


def test_a_text_that_is_likelier_than_all_others_together_stays(whisper: Whisper) -> None:
    heard = decoded(whisper, ("点入と毛を出したい", 0.9), ("転入届を出したい", 0.05), ("転入届けを出したい", 0.05))
    assert agreed(heard, whisper.tokens) == heard


def test_marks_and_spaces_make_no_difference(whisper: Whisper) -> None:
    heard = decoded(whisper, ("住民票の写しをください", 0.5), ("住民票の写しを、ください。", 0.5))
    assert agreed(heard, whisper.tokens) == heard


def test_what_has_no_other_text_stays(whisper: Whisper) -> None:
    heard = Decoded(ids=[], logprob=-0.2, no_speech=0.9)
    assert agreed(heard, whisper.tokens) == heard


def test_the_likelier_sentence_is_taken_where_both_sound_about_alike(whisper: Whisper, language_model: LanguageModel) -> None:
    heard = decoded(whisper, ("店入届を出したいのですが", 0.55), ("転入届を出したいのですが", 0.45))
    assert text_of(whisper, agreed(heard, whisper.tokens)) == "店入届を出したいのですが"
    assert text_of(whisper, agreed(heard, whisper.tokens, language_model)) == "転入届を出したいのですが"


def test_what_was_clearly_heard_stays_though_another_sentence_is_likelier(
    whisper: Whisper, language_model: LanguageModel
) -> None:
    heard = decoded(whisper, ("店入届を出したいのですが", 0.99), ("転入届を出したいのですが", 0.0001))
    assert text_of(whisper, agreed(heard, whisper.tokens, language_model)) == "店入届を出したいのですが"
