"""The JSON form of an answer, the same on the command line and in the page's API."""

from __future__ import annotations

from typing import Any

from newsqa.types import Answer, Citation, Span


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """``answer`` as values that ``json.dumps`` takes.

    Offsets are half-open and count characters of the article's text; articles are named, not repeated in full.
    """
    return {
        "question": answer.question,
        "text": answer.text,
        "verdict": answer.verdict,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "language": answer.language,
        "message": answer.message,
        "citations": [_citation(citation) for citation in answer.citations],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    article = citation.article
    return {
        "number": citation.number,
        "article": {"id": article.id, "title": article.title, "url": article.url, "published": article.published},
        "page": citation.page,
        "sentence": _span(citation.sentence),
        "highlight": _span(citation.highlight) if citation.highlight else None,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "text": span.text}
