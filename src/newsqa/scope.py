"""Which articles a question is asked of: some ids, a range of dates, or both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from newsqa.errors import InputError
from newsqa.types import Article

Published = tuple[str | None, str | None]


def select_articles(
    articles: Mapping[str, Article], ids: Iterable[str] | None = None, published: Published | None = None
) -> Mapping[str, Article] | None:
    """The articles to ask, by id, or None for all of them.

    Args:
        articles: those there are, by id.
        ids: only these.
        published: only those published from the first to the second date, both included, each "2024-03-01" or None
            for no bound; a time after a date is not looked at. Articles without a date in that form are left out.

    Returns:
        Possibly none, where no article was published in the range.

    Raises:
        InputError: an id is unknown, there is no id in ``ids``, or the dates are none or in the wrong order.
    """
    if ids is None and published is None:
        return None
    chosen = articles
    if ids is not None:
        wanted = [ids] if isinstance(ids, str) else list(ids)
        unknown = next((article_id for article_id in wanted if article_id not in articles), None)
        if unknown is not None:
            raise InputError(f"there is no article {unknown!r} to ask; give ids of articles in the index")
        if not wanted:
            raise InputError("no article to ask; give at least one id, or none at all to ask every article")
        chosen = {article_id: articles[article_id] for article_id in wanted}
    if published is not None:
        first, last = (_bound(bound) for bound in published)
        if first and last and first > last:
            raise InputError(f"the dates are in the wrong order: from {first} to {last}")
        chosen = {
            article_id: article
            for article_id, article in chosen.items()
            if (day := day_of(article)) and (first or day) <= day <= (last or day)
        }
    return chosen


def day_of(article: Article) -> date | None:
    """The day on which ``article`` was published; None where it has none, or not as "2024-03-01…"."""
    return _day(article.published) if article.published else None


def _bound(text: str | None) -> date | None:
    if text is None:
        return None
    day = _day(text)
    if day is None:
        raise InputError(f"{text!r} is not a date; write it as 2024-03-01")
    return day


def _day(text: str) -> date | None:
    if len(text) > 10 and text[10] not in "T ":
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
