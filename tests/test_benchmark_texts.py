"""The passages that a benchmark indexes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from newsqa import Article, InputError
from newsqa.evaluation.sample import passages_to_index, read_texts
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.sentences import sentence_spans

DATA = Path(__file__).parent / "data"
RICE = Article("rice", "Beras", "Harga beras naik. Petani senang.")


def test_passages_to_index_are_different_and_stay_whole(seed_article: Article) -> None:
    passages = passages_to_index([seed_article, RICE], 40)
    assert len({passage.text for passage in passages}) == len({passage.id for passage in passages}) == 40
    assert all(len(split_into_passages(passage, PassageSettings())) == 1 for passage in passages)
    # The real ones are first; the others hold as much as fits, of the same sentences.
    real = {passage.span.text.strip() for passage in split_into_passages(seed_article, PassageSettings())}
    assert {passage.text for passage in passages[:4]} == real | {RICE.text}
    assert all(600 < len(passage.text) <= 900 for passage in passages[4:])
    sentences = {text.strip() for one in (seed_article.text, RICE.text) for text in _sentences(one)}
    assert [_without(passage.text, sentences) for passage in passages[4:]] == [""] * 36
    assert passages_to_index([seed_article, RICE], 40) == passages
    assert passages_to_index([seed_article, RICE], 2) == passages[:2]


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def _without(text: str, sentences: Iterable[str]) -> str:
    for sentence in sorted(sentences, key=len, reverse=True):
        text = text.replace(sentence, "")
    return text.strip()


def test_too_few_sentences_are_an_error() -> None:
    message = r"^\d different passages can be made of these texts, not 40; give more texts$"
    with pytest.raises(InputError, match=message):
        passages_to_index([RICE], 40)


def test_texts_are_read_from_question_files_and_others(tmp_path: Path, seed_article: Article) -> None:
    (tmp_path / "beras.txt").write_text(RICE.text, encoding="utf-8")
    texts = read_texts([DATA / "seed_questions_en.jsonl", tmp_path])
    assert [article.text for article in texts] == [seed_article.text, RICE.text]
