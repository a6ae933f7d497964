"""The values that flow through newsqa. They are immutable, know nothing of files or models, and check themselves.

Offsets are half-open and count characters (Unicode code points) of ``Article.text``.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

from newsqa.errors import InputError

Language = Literal["en", "id"]
Verdict = Literal["yes", "no"]
# What a turn of a conversation is: a question to the article, or one of the other things that readers say.
TurnKind = Literal[
    "question", "greeting", "thanks", "acknowledgement", "farewell", "help", "summary", "headline", "date", "source",
    "author", "length", "mentions", "quote", "where",
]  # fmt: skip

_MARK = re.compile(r"\[(\d+)\]")
# Neither UTF-8 nor JSON nor a tokenizer takes them, so no text of ours has them.
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Article:
    """A news article. ``text`` is what offsets count in and is never altered; ``title`` need not be part of it.

    Attributes:
        id: tells the article from all others of an index.
        title: "" where there is none.
        text: not empty.
        url: where it was published.
        published: when, as its source says; ISO 8601 where newsqa read it from a page.
        author: who wrote it.
        site: the name of the newspaper or site.
        pages: for a PDF, the offset at which the text of each page begins: the first is 0, none is less than the
            one before, none is beyond the end. Empty for an article without pages.
    """

    id: str
    title: str
    text: str
    url: str | None = None
    published: str | None = None
    author: str | None = None
    site: str | None = None
    pages: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InputError(f"article {self.id!r} has no text")
        for value in (self.id, self.title, self.text, self.url, self.published, self.author, self.site):
            broken = _SURROGATE.search(value) if value else None
            if value and broken:
                raise InputError(
                    f"article {self.id!r} has half a character (a lone surrogate) at {broken.start()} of "
                    f"{value[:20]!r}; decode it with errors='replace'"
                )
        if self.pages and (
            self.pages[0] != 0 or self.pages[-1] > len(self.text) or list(self.pages) != sorted(self.pages)
        ):
            raise InputError(
                f"the pages of article {self.id!r} begin at {str(list(self.pages[:5]))[1:-1]} …; give offsets that "
                f"rise from 0 to at most {len(self.text)}"
            )

    def page(self, offset: int) -> int | None:
        """The number of the page, from 1, on which the character at ``offset`` stands; None without pages.

        Raises:
            ValueError: ``offset`` is outside the text.
        """
        if not 0 <= offset < len(self.text):
            raise ValueError(f"offset {offset} is outside article {self.id!r} of {len(self.text)} characters")
        return bisect_right(self.pages, offset) if self.pages else None

    def span(self, start: int, end: int) -> Span:
        """The slice ``[start, end)`` of the text.

        Raises:
            ValueError: the slice is empty or reaches outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"span [{start}, {end}) is outside article {self.id!r} of {len(self.text)} characters")
        return Span(self.id, start, end, self.text[start:end])

    def holds(self, span: Span) -> bool:
        """Whether ``span`` is a verbatim slice of this article."""
        return span.article_id == self.id and self.text[span.start : span.end] == span.text


@dataclass(frozen=True, slots=True)
class Span:
    """One verbatim slice of an article: a passage, a sentence and an answer alike."""

    article_id: str
    start: int
    end: int
    text: str

    def __post_init__(self) -> None:
        if self.start < 0 or self.end - self.start != len(self.text) or not self.text:
            raise ValueError(f"span [{self.start}, {self.end}) does not fit a text of {len(self.text)} characters")

    def slice(self, start: int, end: int) -> Span:
        """The part ``[start, end)`` of this span, counted from its own first character."""
        return Span(self.article_id, self.start + start, self.start + end, self.text[start:end])

    def strip(self) -> Span:
        """This span without white space at its ends; a span of nothing but white space stays as it is."""
        bare = self.text.strip()
        if not bare:
            return self
        start = len(self.text) - len(self.text.lstrip())
        return self.slice(start, start + len(bare))

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies inside this span of the same article."""
        return self.article_id == other.article_id and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article: the unit of retrieval. ``sentences`` tile ``span``."""

    span: Span
    sentences: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.sentences or "".join(sentence.text for sentence in self.sentences) != self.span.text:
            raise ValueError(f"the sentences do not tile the passage [{self.span.start}, {self.span.end})")


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage, its article and its score; scores of one search compare with each other only."""

    passage: Passage
    article: Article
    score: float


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A possible answer: ``span`` inside ``sentence``, and its score on the scale of the reader that found it."""

    span: Span
    sentence: Span
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in some passages.

    ``candidates`` run from the best to the worst; ``answers`` are those the reader decides to give, none when it
    abstains. ``null_score`` is the score of "the passages do not say" on the candidates' scale. ``confidence`` is
    the calibrated probability, in [0, 1], that the best candidate answers the question. With a ``verdict`` the
    answers are the evidence for it.
    """

    candidates: tuple[ScoredSpan, ...]
    answers: tuple[ScoredSpan, ...]
    null_score: float
    confidence: float
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence} is not a probability")
        if self.verdict and not self.answers:
            raise ValueError(f"the verdict {self.verdict!r} has no evidence")
        if not set(self.answers) <= set(self.candidates):
            raise ValueError("an answer that is not among the candidates")

    @property
    def margin(self) -> float:
        """By how much the best candidate's score exceeds ``null_score``; minus infinity without candidates."""
        return self.candidates[0].score - self.null_score if self.candidates else -math.inf


@dataclass(frozen=True, slots=True)
class Citation:
    """A source sentence under its number, and the answer's span in it where that is less than the sentence."""

    number: int
    article: Article
    sentence: Span
    highlight: Span | None = None

    def __post_init__(self) -> None:
        if not self.article.holds(self.sentence):
            raise ValueError(f"citation {self.number} is not verbatim from article {self.article.id!r}")
        if self.highlight and not (self.article.holds(self.highlight) and self.sentence.contains(self.highlight)):
            raise ValueError(f"the highlight of citation {self.number} is not inside its sentence")

    @property
    def page(self) -> int | None:
        """The page on which the answer begins, from 1; None if the article has no pages."""
        return self.article.page((self.highlight or self.sentence).start)


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one question.

    ``text`` is verbatim from the article (several answers joined by "; "), the word for the verdict of a yes/no
    question, or "" when newsqa abstained. ``message`` is the reply for a reader, in ``language``, with a mark
    such as [1] for every citation. There are citations if and only if newsqa did not abstain.
    """

    question: str
    text: str
    language: Language
    message: str
    confidence: float
    citations: tuple[Citation, ...] = field(default=())
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        if bool(self.text) != bool(self.citations):
            raise ValueError("an answer has citations if and only if it did not abstain")
        numbers = [citation.number for citation in self.citations]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"citations are numbered {numbers}, not from 1 upwards")
        marked = list(dict.fromkeys(int(number) for number in _MARK.findall(self.message)))
        if marked != numbers:
            raise ValueError(f"the message marks {marked} but the citations are {numbers}")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence} is not a probability")

    @property
    def abstained(self) -> bool:
        """Whether the reply is that the article does not say."""
        return not self.citations


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The sentence that comes closest to a question which the article does not answer: no answer and no citation."""

    article: Article
    sentence: Span

    def __post_init__(self) -> None:
        if not self.article.holds(self.sentence):
            raise ValueError(f"the near miss is not verbatim from article {self.article.id!r}")


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation.

    ``query`` is the stand-alone form in which the question was answered: the question itself, or with what it leans on.
    ``kind`` is "question" for a question to the article. After an abstention there may be a ``near_miss``.
    """

    question: str
    query: str
    answer: Answer
    kind: TurnKind = "question"
    near_miss: NearMiss | None = None

    def __post_init__(self) -> None:
        if self.near_miss and self.answer.citations:
            raise ValueError("an answer with citations has no near miss")
