"""A city's word list is read as Excel and editors write it, and what is wrong with it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.vocabulary import Term, load_vocabulary
from core.errors import NotFound, UnreadableTable

ROWS = "term,reading,kind\n曽於市,そおし,市\n\n末吉町,すえよしちょう,地名\n市民課,しみんか,組織\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_reads_every_usual_encoding(encoding: str, newline: str, tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_bytes(ROWS.replace("\n", newline).encode(encoding))
    vocabulary = load_vocabulary(path)
    assert vocabulary.terms[0] == Term(term="曽於市", reading="そおし", kind="市")
    assert [t.term for t in vocabulary.terms] == ["曽於市", "末吉町", "市民課"]


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("kind, note, term ,reading\n市,x, 曽於市 ,そおし\n")
    assert load_vocabulary(path).terms == (Term(term="曽於市", reading="そおし", kind="市"),)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "何も書かれていません"),
        (b"term,kind\na,b\n", "reading の列がありません"),
        ("term,reading,kind\n曽於市,,市\n".encode(), "2 行目"),
        (b"\xff\xff\x00\x01\x80\x81", "CSVとして読み取れません"),
        (b'term,reading,kind\n"' + b"a" * 200_000 + b'",b,c\n', "2 行目を使えません。term の文章が長すぎます"),
    ],
)
def test_says_what_is_wrong(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableTable, match=sentence):
        load_vocabulary(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="見つかりません"):
        load_vocabulary(tmp_path / "none.csv")
