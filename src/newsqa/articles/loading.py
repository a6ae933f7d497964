"""``load_articles``: whatever holds articles, to articles."""

from __future__ import annotations

import dataclasses
import io
import logging
import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from newsqa.articles.limits import Limits
from newsqa.articles.parsing import Parser
from newsqa.articles.plain import plain_article
from newsqa.articles.records import articles_of_lines
from newsqa.articles.sources import Source, article_name, endings, find_sources, has_known_ending, kind_of, shown
from newsqa.errors import InputError
from newsqa.types import Article

if TYPE_CHECKING:
    from newsqa.articles.fetching import Fetcher

logger = logging.getLogger(__name__)

OnSkip = Callable[[InputError], None]


def load_articles(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    strict: bool = False,
    progress: bool = False,
    on_skip: OnSkip | None = None,
    limits: Limits | None = None,
    fetcher: Fetcher | None = None,
) -> tuple[Article, ...]:
    """Read articles from files, folders, globs and links.

    A file is read by the ending of its name: ``.txt`` (and any other ending, of a file named itself), ``.md``,
    ``.html``, ``.pdf``, ``.docx``, and ``.jsonl`` with an article on each line. Of a folder every file below it with
    one of these endings is read, in the order of the names, but none that is hidden. What cannot be read is skipped.
    Articles with the same text are all given back.

    Args:
        paths: one path, glob or link (http, https), or several.
        strict: raise the error of the first file, line or link that cannot be read, instead of skipping it.
        progress: show a bar on stderr.
        on_skip: called with the error of each file, line or link that is skipped; by default they are logged as
            warnings. Not called for the only one, whose error is raised.
        limits: what is too much; by default ``Limits()``.
        fetcher: follows the links; by default ``Fetcher(limits)``.

    Returns:
        The articles, in order. The text of a ``.txt`` file or of a JSON line is that of the file, character for
        character; that of others is what a reader would see, as plain text. The id is the file's name (below a
        folder: its path), for a ``.txt`` file without the ending; the link; or what the JSON line says, by default the
        file's name and the line's number. Where an id comes a second time, a number is added.

    Raises:
        InputError: a path does not exist, a folder or glob holds nothing to read, or nothing at all could be read.
    """
    limits = limits or Limits()
    sources = find_sources(paths)
    with Parser(limits) as parser:
        results = (
            result
            for source in (_with_bar(sources) if progress else sources)
            for result in _read(source, parser, limits, fetcher)
        )
        return _collected(results, strict, on_skip or _log)


def load_link(link: str, *, limits: Limits | None = None, fetcher: Fetcher | None = None) -> Article:
    """Read the article that a link leads to. For links that strangers type: whatever it says, no file is read.

    Args:
        link: http or https.
        limits: what is too much; by default ``Limits()``.
        fetcher: follows the link; by default ``Fetcher(limits)``.

    Returns:
        An article with the link as its id, the address it led to as its ``url``, and the host as its ``site`` where the
        page does not name one.

    Raises:
        InputError: the link is refused, or there is no article behind it.
    """
    with Parser(limits) as parser:
        return _linked_article(link.strip(), parser, limits or Limits(), fetcher)


def load_bytes(
    data: bytes, name: str, *, on_skip: OnSkip | None = None, limits: Limits | None = None
) -> tuple[Article, ...]:
    """Read the articles in a file that is not on the disk, such as an upload.

    Args:
        data: the file.
        name: its name, by whose ending it is read; also for ids and messages.
        on_skip: called with the error of each line of a ``.jsonl`` that is skipped; by default they are logged.
        limits: what is too much; by default ``Limits()``.

    Returns:
        At least one article, with ids as ``load_articles`` gives them.

    Raises:
        InputError: nothing in the file can be read.
    """
    limits = limits or Limits()
    with Parser(limits) as parser:
        return _collected(_in_file(io.BytesIO(data), article_name(name), name, parser, limits), False, on_skip or _log)


def _collected(results: Iterable[Article | InputError], strict: bool, on_skip: OnSkip) -> tuple[Article, ...]:
    """The articles among ``results``, each with an id of its own; the errors go to ``on_skip``, or stop it."""
    articles: dict[str, Article] = {}
    repeated: dict[str, int] = {}
    skipped: list[InputError] = []
    for result in results:
        if isinstance(result, Article):
            article = _with_own_id(result, articles, repeated)
            articles[article.id] = article
        elif strict:
            raise result
        else:
            skipped.append(result)
        # Not before there is an article: the only error of a call is raised, and would be told twice.
        while articles and skipped:
            on_skip(skipped.pop(0))
    if articles:
        return tuple(articles.values())
    if len(skipped) == 1:
        raise skipped[0]
    for error in skipped:
        on_skip(error)
    raise InputError("no article could be read; see what was skipped" if skipped else "nothing to read; give a path")


def _with_own_id(article: Article, others: Container[str], repeated: dict[str, int]) -> Article:
    """``article`` with a number at its id if that is taken; ``repeated`` keeps the last number of each id."""
    own = article.id
    while own in others:
        repeated[article.id] = repeated.get(article.id, 1) + 1
        own = f"{article.id}-{repeated[article.id]}"
    return article if own == article.id else dataclasses.replace(article, id=own)


def _read(source: Source, parser: Parser, limits: Limits, fetcher: Fetcher | None) -> Iterator[Article | InputError]:
    """The articles in one file or behind one link, and what is wrong with it."""
    if source.path is None:
        try:
            yield _linked_article(source.name, parser, limits, fetcher)
        except InputError as error:
            yield error
        return
    name = shown(source.path)
    try:
        with source.path.open("rb") as stream:
            yield from _in_file(stream, source.name, name, parser, limits)
    except OSError as error:
        yield InputError(f"cannot read {name}: {error.strerror}")


def _in_file(
    stream: BinaryIO, article_id: str, name: str, parser: Parser, limits: Limits
) -> Iterator[Article | InputError]:
    kind = kind_of(name)
    if kind == "jsonl":
        yield from articles_of_lines(stream, article_id, name, limits)
        return
    data = stream.read(limits.file_bytes + 1)
    try:
        if len(data) > limits.file_bytes:
            raise InputError(f"{name} has more than {limits.file_bytes:,} bytes; give a smaller file", "too_large")
        yield _article(kind, data, article_id, name, parser, limits)
    except InputError as error:
        yield error if has_known_ending(name) else InputError(f"{error} (newsqa reads {endings()})", error.reason)


def _article(
    kind: str, data: bytes, article_id: str, name: str, parser: Parser, limits: Limits, charset: str | None = None
) -> Article:
    if kind == "text":
        return plain_article(data, article_id, name, limits.characters)
    return parser.article(kind, data, article_id, name, charset)


def _linked_article(link: str, parser: Parser, limits: Limits, fetcher: Fetcher | None) -> Article:
    from newsqa.articles.fetching import Fetcher

    fetched = (fetcher or Fetcher(limits)).fetch(link)
    article = _article(fetched.kind, fetched.data, link, link, parser, limits, fetched.charset)
    return dataclasses.replace(article, url=fetched.url, site=article.site or fetched.host)


def _with_bar(sources: Sequence[Source]) -> Iterable[Source]:
    from tqdm import tqdm

    bar: Iterable[Source] = tqdm(sources, desc="reading", unit="file", leave=False)
    return bar


def _log(error: InputError) -> None:
    logger.warning("skipped: %s", " ".join(str(error).split()))
