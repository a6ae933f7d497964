"""What a benchmark is made of: passages to index, each text once, and questions with the passages that answer them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsqa.articles import load_articles
from newsqa.errors import InputError
from newsqa.evaluation.questions import Question, QuestionFile, read_questions
from newsqa.evaluation.synthetic import real_passages
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.sentences import sentence_spans
from newsqa.types import Article

# Sentences are drawn anew so many times for each made passage before giving up.
_TRIES = 20


def read_texts(paths: Sequence[Path]) -> tuple[Article, ...]:
    """The articles of question files (``.jsonl``) and of whatever else ``load_articles`` reads.

    Raises:
        InputError: a path does not exist or cannot be read.
    """
    articles: list[Article] = []
    for path in paths:
        articles += read_questions(path).articles if path.suffix == ".jsonl" else load_articles(path)
    return tuple(articles)


def passages_to_index(articles: Iterable[Article], count: int) -> tuple[Article, ...]:
    """``count`` different passages, each an article of its own without a title.

    They are the passages of ``articles``, in an order drawn with a fixed seed, and where these do not suffice made
    ones: sentences of all articles, drawn at random, as many as a passage may hold.

    Args:
        articles: at least one, with more than a few sentences.
        count: how many.

    Raises:
        InputError: so many different ones cannot be made.
    """
    draw = random.Random(0)
    texts = [article.text for article in real_passages(articles)]
    draw.shuffle(texts)
    sentences = sorted({text[start:end].strip() for text in texts for start, end in sentence_spans(text)} - {""})
    known = set(texts)
    for _ in range(_TRIES * count):
        if len(texts) >= count:
            break
        text = _made(draw.sample(sentences, len(sentences)))
        if text not in known:
            known.add(text)
            texts.append(text)
    if len(texts) < count:
        raise InputError(f"{len(texts)} different passages can be made of these texts, not {count}; give more texts")
    return tuple(Article(f"passage-{number}", "", text) for number, text in enumerate(texts[:count]))


def _made(sentences: Sequence[str]) -> str:
    """The first of ``sentences``, as many as make no more than one passage, at least one."""
    text = ""
    for sentence in sentences:
        if text and len(text) + 1 + len(sentence) > PassageSettings().max_characters:
            break
        text = f"{text} {sentence}".strip()
    return text


@dataclass(frozen=True, slots=True)
class Findable:
    """Answerable questions and ``passages`` to find the answers in, each an article of its own, no text twice.

    ``gold`` has for each of ``questions`` the positions of the passages that a gold source overlaps.
    """

    passages: tuple[Article, ...]
    questions: tuple[str, ...]
    gold: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, file: QuestionFile, questions: Sequence[Question]) -> Findable:
        """The passages of all articles of ``file``, and those of its ``questions`` that have an answer."""
        texts: dict[str, int] = {}
        passages: list[Article] = []
        places: dict[str, list[tuple[int, int, int]]] = {}  # of each article: start, end and position of its passages
        for article in file.articles:
            for passage in split_into_passages(article, PassageSettings()):
                text = passage.span.text.strip()
                if not text:
                    continue
                if text not in texts:
                    texts[text] = len(passages)
                    passages.append(Article(f"passage-{len(passages)}", article.title, text))
                places.setdefault(article.id, []).append((passage.span.start, passage.span.end, texts[text]))
        asked = [question for question in questions if question.answerable]
        gold = tuple(
            frozenset(
                position
                for start, end, position in places[question.article_id]
                if any(source.start < end and start < source.end for source in question.sources)
            )
            for question in asked
        )
        return cls(tuple(passages), tuple(question.text for question in asked), gold)

    def ranks(self, found: Sequence[Sequence[int]]) -> list[int | None]:
        """For each question the rank, from 1, of the first right passage in ``found``; None where there is none."""
        return [
            next((rank for rank, position in enumerate(positions, 1) if position in gold), None)
            for positions, gold in zip(found, self.gold, strict=True)
        ]
