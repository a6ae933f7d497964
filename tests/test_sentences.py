from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa import Article
from newsqa.sentences import MAX_SENTENCE_CHARACTERS, sentence_spans

# What news is made of, and what breaks splitters.
PIECES = st.sampled_from(
    [
        "Ia pergi. ", "Siapa? ", "“Kami datang. Kami pulang,” katanya. ", "Rabu (18/10/2023). ", "1.300 warga tewas. ",
        "PT Bank Tbk. naik. ", "Ir. H. Joko ", "di Jl. Thamrin No. 5. ", "\n\n", "\r\n", "\n", " ", "\u00a0", "...", "?!", ")", "”",
        "👋🏽", "👨‍👩‍👧", "e\u0301", "a\u0308\u0323", "他说。", "مرحبا. ", "\u2028", "\u200b", "\ud800", "\x00", "a", "Kata ",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))


@given(TEXTS)
def test_sentences_tile_any_text(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)
    assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]


@given(TEXTS)
def test_no_sentence_is_white_space_only_or_too_long(text: str) -> None:
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    if text.strip():
        assert all(sentence.strip() for sentence in sentences)
    assert all(len(sentence.strip()) <= MAX_SENTENCE_CHARACTERS for sentence in sentences)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "Presiden Ir. H. Joko Widodo tiba di Jl. M.H. Thamrin No. 5.",
        "Saham PT Bank Tbk. naik Rp. 1.300 per lembar.",
        "PT Bumi Tbk. (BUMI) merugi.",
        "Sekitar 1.300 warga dan 2.750 orang tewas pada Rabu (18/10/2023).",
        "“Pihak Israel tahu. Kami juga,” kata Kremlin.",
        "Prof. Dr. Budi, S.H. hadir bersama Drs. Amir.",
        "Adi dkk. pulang.",
        "Letjen. Andi bertemu a.n. Menteri.",
    ],
)
def test_abbreviations_dates_numbers_and_quotations_stay_whole(whole: str) -> None:
    assert sentences(f"{whole} Lalu ia pergi.") == [f"{whole} ", "Lalu ia pergi."]


def test_an_abbreviation_can_end_a_sentence() -> None:
    assert sentences("Ia memimpin PT Bank Tbk. Menurut dia, laba naik.") == [
        "Ia memimpin PT Bank Tbk. ",
        "Menurut dia, laba naik.",
    ]


def test_a_headline_is_a_sentence_of_its_own(seed_article: Article) -> None:
    first, second, *_ = sentences(seed_article.text)
    assert first == "Telepon PM Israel, Putin Bocorkan Obrolan dengan Pimpinan Arab\n\n"
    assert second == (
        "ERA.id - Presiden Rusia Vladimir Putin melakukan sambungan telepon dengan Perdana Menteri Israel, "
        "Benjamin Netanyahu. "
    )
    assert len(sentences(seed_article.text)) == 15


def test_an_abbreviation_before_a_line_break_ends_its_paragraph() -> None:
    assert sentences("Alamat: Jl.\n\nBerita baru.") == ["Alamat: Jl.\n\n", "Berita baru."]


def test_one_line_of_100_kb_is_cut_between_words() -> None:
    text = "kata demi kata, " * 6400
    parts = sentences(text)
    assert "".join(parts) == text
    assert max(map(len, parts)) <= MAX_SENTENCE_CHARACTERS
    assert all(part.startswith("kata demi") for part in parts)


def test_a_cut_does_not_split_what_a_reader_sees_as_one() -> None:
    text = "e\u0301" * 1000
    parts = sentences(text)
    assert "".join(parts) == text
    assert not any(part.startswith("\u0301") for part in parts)
    assert not any(part.startswith(("\u200d", "🏽")) for part in sentences("x" + "👨‍👩‍👧🏽" * 300))


def test_sentences_of_a_long_article_begin_where_they_should() -> None:
    # sentencex leaves out a line break behind about 10,000 bytes; all that came after it was cut two characters early.
    paragraph = "Kata satu dua. Kata tiga.\n\n"
    assert sentences(paragraph * 700) == ["Kata satu dua. ", "Kata tiga.\n\n"] * 700
