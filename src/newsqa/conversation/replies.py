"""Replies to what readers say besides questions: each says only what the article or its metadata says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from newsqa.citing import one_line
from newsqa.conversation.mentions import NameFinder, byline, dateline, dates, quotations
from newsqa.conversation.summary import central_sentences
from newsqa.embedding import Encoder
from newsqa.phrases import PHRASES
from newsqa.types import Answer, Article, Citation, Language, Span, Turn, TurnKind

_WORDS_A_MINUTE = 200
_QUOTES = 3
_TITLES_NAMED = 5
# Replies that are about newsqa or the talk itself.
_SMALL_TALK: frozenset[TurnKind] = frozenset({"greeting", "thanks", "acknowledgement", "farewell", "help"})

Cited = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class Request:
    """What was said, of which kind, in which language, and about which article (None: it could be any of several).

    ``articles`` are all those that the talk may be about, by id.
    """

    text: str
    kind: TurnKind
    language: Language
    article: Article | None
    turns: tuple[Turn, ...]
    articles: Mapping[str, Article]


class Replies:
    """Answers everything but ordinary questions.

    Args:
        sentences: of an article, tiling its text.
        encoder: finds what is central, and who is a person.
    """

    def __init__(self, sentences: Callable[[Article], Sequence[Span]], encoder: Encoder) -> None:
        self._sentences = sentences
        self._encoder = encoder
        self._names = NameFinder(encoder)
        self._by_kind: dict[TurnKind, Callable[[Request, Article], Answer]] = {
            "summary": self._summary,
            "headline": self._headline,
            "date": self._date,
            "source": self._source,
            "author": self._author,
            "length": self._length,
            "mentions": self._mentions,
            "quote": self._quote,
        }

    def reply(self, request: Request) -> Answer:
        """The answer to ``request``; with citations exactly where it quotes the article."""
        phrases = PHRASES[request.language]
        if request.kind in _SMALL_TALK:
            return _said(request, str(getattr(phrases, request.kind)))
        if request.kind == "where":
            return self._where(request)
        if request.article is None:
            return _said(request, _which_article(request))
        return self._by_kind[request.kind](request, request.article)

    def _summary(self, request: Request, article: Article) -> Answer:
        title = article.title.strip()
        body = [span for span in self._sentences(article) if span.text.strip() != title]
        chosen = central_sentences(body or self._sentences(article), self._encoder)
        return _cited(request, article, [(span, span) for span in chosen], PHRASES[request.language].summary, " ")

    def _headline(self, request: Request, article: Article) -> Answer:
        if not article.title.strip():
            return _said(request, PHRASES[request.language].no_headline)
        for sentence in self._sentences(article):
            if article.title.strip() in sentence.text:
                start = sentence.text.index(article.title.strip())
                return _cited(request, article, [(sentence.slice(start, start + len(article.title.strip())), sentence)])
        return _said(request, one_line(article.title))

    def _date(self, request: Request, article: Article) -> Answer:
        phrases = PHRASES[request.language]
        if article.published:
            return _said(request, phrases.published.format(date=one_line(article.published)))
        found = dates(self._sentences(article))
        if not found:
            return _said(request, phrases.no_date)
        dated = max(found, key=lambda one: len(one.span.text))
        form = phrases.date_mentioned.replace("{date} [1]", "{sentences}")
        return _cited(request, article, [(dated.span, dated.sentence)], form)

    def _source(self, request: Request, article: Article) -> Answer:
        phrases = PHRASES[request.language]
        place = " ".join(part for part in (article.site, article.url) if part)
        if place:
            return _said(request, phrases.from_site.format(site=one_line(place)))
        return self._span_or(request, article, dateline(article), phrases.no_source)

    def _author(self, request: Request, article: Article) -> Answer:
        phrases = PHRASES[request.language]
        if article.author:
            return _said(request, phrases.by_author.format(author=one_line(article.author)))
        return self._span_or(request, article, byline(article), phrases.no_author)

    def _length(self, request: Request, article: Article) -> Answer:
        words = len(article.text.split())
        sentences = sum(bool(span.text.strip()) for span in self._sentences(article))
        minutes = max(1, round(words / _WORDS_A_MINUTE))
        text = PHRASES[request.language].length.format(words=words, sentences=sentences, minutes=minutes)
        return _said(request, text)

    def _mentions(self, request: Request, article: Article) -> Answer:
        sentences = self._sentences(article)
        people = self._names.people(article, sentences)
        if not people:
            return _said(request, PHRASES[request.language].no_names)
        return _cited(request, article, [(name, _around(name, sentences)) for name in people])

    def _quote(self, request: Request, article: Article) -> Answer:
        # "Quote Putin": the words with a capital, but for the first, say whose words are wanted.
        words = [word.strip(".,?!:;\"'“”") for word in request.text.split()[1:]]
        speaker = " ".join(word for word in words if word[:1].isupper())
        found = quotations(self._sentences(article), speaker)[:_QUOTES]
        if not found:
            return _said(request, PHRASES[request.language].no_quotes)
        return _cited(request, article, [(one.span, one.sentence) for one in found], "{sentences}", " ", "“{}”")

    def _where(self, request: Request) -> Answer:
        """The sources of the last answer that had any, in full."""
        phrases = PHRASES[request.language]
        last = next((turn.answer for turn in reversed(request.turns) if turn.kind == "question"), None)
        if last is None:
            return _said(request, phrases.nothing_to_show)
        if not last.citations:
            return _said(request, phrases.abstention)
        text = "; ".join(citation.sentence.text for citation in last.citations)
        parts = " ".join(f"“{one_line(citation.sentence.text)}” [{citation.number}]" for citation in last.citations)
        message = phrases.where.replace("{sentences}", parts)
        return Answer(request.text, text, request.language, message, last.confidence, last.citations)

    def _span_or(self, request: Request, article: Article, span: Span | None, otherwise: str) -> Answer:
        if span is None:
            return _said(request, otherwise)
        return _cited(request, article, [(span, _around(span, self._sentences(article)))])


def _which_article(request: Request) -> str:
    phrases = PHRASES[request.language]
    if not request.articles:
        return phrases.abstention_several
    titles = "; ".join(article.title or article.id for article in islice(request.articles.values(), _TITLES_NAMED))
    return phrases.which_article.format(count=len(request.articles), titles=one_line(titles))


def _around(span: Span, sentences: Sequence[Span]) -> Span:
    return next((sentence for sentence in sentences if sentence.contains(span)), span)


def _said(request: Request, message: str) -> Answer:
    """A reply in newsqa's own words, or from metadata: nothing of the text is quoted."""
    return Answer(request.text, "", request.language, message, 1.0)


def _cited(
    request: Request,
    article: Article,
    found: Sequence[Cited],
    form: str = "{sentences}",
    separator: str = "; ",
    quoted: str = "{}",
) -> Answer:
    """A reply made of spans of the article, each with the sentence that it is cited from."""
    citations = []
    for number, (span, sentence) in enumerate(found, 1):
        span, whole = span.strip(), sentence.strip()
        citations.append(Citation(number, article, whole, None if span == whole else span))
    texts = [span.strip().text for span, _ in found]
    parts = separator.join(f"{quoted.replace('{}', one_line(text))} [{number}]" for number, text in enumerate(texts, 1))
    message = form.replace("{sentences}", parts)
    return Answer(request.text, "; ".join(texts), request.language, message, 1.0, tuple(citations))
