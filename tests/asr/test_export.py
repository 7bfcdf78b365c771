"""Every format says the same, in a form that its own readers accept."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from docx import Document

from asr.export import Aside, Format, render
from asr.transcript import Change, Reason, Segment, Transcript, Turn, Word

TRANSCRIPT = Transcript(
    segments=(
        Segment(start_s=0.5, end_s=2.25, text="会議を始めます。", speaker="話者1", confidence=0.91),
        Segment(start_s=3725.0404, end_s=3730.9996, text="A<B & C --> D", speaker="話者2", confidence=0.5),
    ),
    turns=(Turn(start_s=0.5, end_s=2.25, speaker="話者1"),),
    duration_s=3731.0,
    elapsed_s=400.12345,
    model="whisper-base",
    device="cpu",
)
CALL = Transcript(
    segments=(
        Segment(start_s=0, end_s=1, text="市民課です。", channel=0),
        Segment(start_s=1, end_s=2, text="お願いします。", channel=1),
    ),
    duration_s=2,
    elapsed_s=1,
    model="m",
    device="cpu",
)
SILENT = Transcript(segments=(), duration_s=5, elapsed_s=1, model="m", device="cpu")


def test_json_has_exactly_the_promised_fields() -> None:
    record = json.loads(render(TRANSCRIPT, Format.JSON, title="会議"))
    assert set(record) == {"text", "segments", "turns", "duration_s", "elapsed_s", "model", "device"}
    assert record["segments"][0] == {
        "start": 0.5, "end": 2.25, "text": "会議を始めます。", "speaker": "話者1", "channel": None, "confidence": 0.91,
        "heard": "会議を始めます。", "words": [], "changes": [],
    }  # fmt: skip
    assert record["turns"] == [{"start": 0.5, "end": 2.25, "speaker": "話者1"}]
    assert record["text"] == "会議を始めます。A<B & C --> D"
    assert (record["duration_s"], record["elapsed_s"], record["model"], record["device"]) == (
        3731.0,
        400.123,
        "whisper-base",
        "cpu",
    )


def test_json_says_what_was_heard_and_when_each_word_was_said() -> None:
    segment = Segment(
        start_s=0,
        end_s=2,
        text="25人です",
        heard="えー二十五人です",
        words=(
            Word(start_s=0.1, end_s=0.4, text="えー", confidence=0.5),
            Word(start_s=0.6, end_s=1.1, text="二十五", confidence=0.75),
            Word(start_s=1.1, end_s=1.8, text="人です", confidence=0.9),
        ),
        changes=(
            Change(start=0, end=2, written="", reasons=(Reason.FILLER,)),
            Change(start=2, end=5, written="25", reasons=(Reason.NOTATION,)),
        ),
    )
    (record,) = json.loads(render(replace(TRANSCRIPT, segments=(segment,)), Format.JSON, title="会議"))["segments"]
    assert record["heard"] == "えー二十五人です"
    assert record["words"] == [
        {"start": 0.6, "end": 1.1, "text": "25", "confidence": 0.75},
        {"start": 1.1, "end": 1.8, "text": "人です", "confidence": 0.9},
    ]
    assert record["changes"] == [
        {"start": 0, "end": 2, "heard": "えー", "written": "", "reasons": ["filler"], "undone": False},
        {"start": 2, "end": 5, "heard": "二十五", "written": "25", "reasons": ["notation"], "undone": False},
    ]


def test_txt_has_a_line_a_segment() -> None:
    lines = render(TRANSCRIPT, Format.TXT, title="会議").decode().splitlines()
    assert lines == ["[0:00:00] 話者1: 会議を始めます。", "[1:02:05] 話者2: A<B & C --> D"]


def test_srt_counts_its_cues_and_writes_times_with_a_comma() -> None:
    cues = render(TRANSCRIPT, Format.SRT, title="会議").decode().strip().split("\n\n")
    assert cues[0] == "1\n00:00:00,500 --> 00:00:02,250\n話者1: 会議を始めます。"
    assert cues[1] == "2\n01:02:05,040 --> 01:02:11,000\n話者2: A<B & C --> D"


def test_vtt_names_the_speaker_and_escapes_markup() -> None:
    head, *cues = render(TRANSCRIPT, Format.VTT, title="会議").decode().strip().split("\n\n")
    assert head == "WEBVTT"
    assert cues[0] == "00:00:00.500 --> 00:00:02.250\n<v 話者1>会議を始めます。"
    assert cues[1] == "01:02:05.040 --> 01:02:11.000\n<v 話者2>A&lt;B &amp; C --&gt; D"


def test_what_happened_beside_what_was_said_stands_in_its_place_in_every_form() -> None:
    asides = (Aside(at_s=1.5, text="音声欠落 0.3秒", who="相手 <鈴木>"), Aside(at_s=1, text="保留"))

    def rendered(form: Format) -> str:
        return render(CALL, form, title="通話", asides=asides).decode()

    assert rendered(Format.TXT).splitlines() == [
        "[0:00:00] チャンネル1: 市民課です。",
        "[0:00:01] ［保留］",
        "[0:00:01] チャンネル2: お願いします。",
        "[0:00:01] ［音声欠落 0.3秒（相手 <鈴木>）］",
    ]
    assert "4\n00:00:01,500 --> 00:00:03,500\n［音声欠落 0.3秒（相手 <鈴木>）］\n" in rendered(Format.SRT)
    assert "\n\nNOTE [0:00:01] 音声欠落 0.3秒（相手 &lt;鈴木&gt;）\n" in rendered(Format.VTT)
    assert json.loads(rendered(Format.JSON))["remarks"] == [
        {"start": 1.5, "text": "音声欠落 0.3秒", "speaker": "相手 <鈴木>"},
        {"start": 1, "text": "保留", "speaker": None},
    ]
    assert "remarks" not in json.loads(render(CALL, Format.JSON, title="会議"))


def test_docx_opens_and_holds_title_times_speakers_and_text() -> None:
    document = Document(io.BytesIO(render(TRANSCRIPT, Format.DOCX, title="定例会議")))
    lines = [p.text for p in document.paragraphs]
    assert lines[0] == "定例会議"
    assert "1:02:11" in lines[1]
    assert lines[2:] == ["0:00:00　話者1　会議を始めます。", "1:02:05　話者2　A<B & C --> D"]


def test_docx_is_printed_on_a4_with_the_number_and_the_mark_of_the_copy_on_each_page() -> None:
    document = Document(io.BytesIO(render(TRANSCRIPT, Format.DOCX, title="通話", mark="複製番号 12")))
    page = document.sections[0]
    assert [round(side.cm, 1) for side in (page.page_width, page.page_height) if side] == [21.0, 29.7]
    assert "PAGE" in page.footer._element.xml
    assert page.footer.paragraphs[-1].text == "複製番号 12"


@pytest.mark.parametrize("form", [Format.TXT, Format.SRT, Format.VTT])
def test_channels_are_told_apart_where_no_speaker_is_known(form: Format) -> None:
    text = render(CALL, form, title="通話").decode()
    assert text.index("チャンネル1") < text.index("市民課です") < text.index("チャンネル2") < text.index("お願いします")


@pytest.mark.parametrize("form", list(Format))
def test_silence_gives_a_valid_file_without_invented_text(form: Format) -> None:
    content = render(SILENT, form, title="無音")
    match form:
        case Format.JSON:
            assert json.loads(content)["text"] == ""
        case Format.TXT | Format.SRT:
            assert content == b""
        case Format.VTT:
            assert content.strip() == b"WEBVTT"
        case Format.DOCX:
            assert Document(io.BytesIO(content)).paragraphs[-1].text == "発言は見つかりませんでした。"


@pytest.mark.parametrize("title", ["録音\x0b\x00会議", "録音" * 200, ""])
def test_any_file_name_will_do_as_the_title_of_a_word_file(title: str) -> None:
    document = Document(io.BytesIO(render(SILENT, Format.DOCX, title=title)))
    assert document.paragraphs[0].text.startswith(title[:2])
