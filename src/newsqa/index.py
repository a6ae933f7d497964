"""Articles, their passages, and what is known of them: build, change, search, save, load."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy
from tqdm.auto import tqdm

from newsqa.embedding import Encoder, Vectors, fingerprint, matches
from newsqa.errors import IndexFileError, InputError
from newsqa.index_folder import (
    ARTICLES_FILE,
    FORMAT_VERSION,
    PASSAGES_FILE,
    VECTORS_FILE,
    WORDS_FILE,
    FileRecord,
    Manifest,
    StoredIndex,
    read_folder,
)
from newsqa.index_writer import FolderWriter
from newsqa.lexical import LexicalIndex
from newsqa.passage_table import Cut, PassageTable
from newsqa.passages import PassageSettings
from newsqa.types import Article, Span
from newsqa.vectors import PassageVectors

logger = logging.getLogger(__name__)

_METRIC = "inner product"
# Passages embedded at a time: between two such parts other threads get their turn at the encoder, and a journal is
# written.
_EMBEDDED_AT_ONCE = 64


class Index:
    """Articles, their passages, and of each passage a unit vector and the words. A value: changes make a new one.

    ``articles`` are by id, in the order in which they were given. No two have the same text: of articles with the same
    text, character for character, the first is kept.
    """

    def __init__(
        self,
        articles: Sequence[Article],
        passages: PassageTable,
        vectors: PassageVectors,
        words: LexicalIndex,
        settings: PassageSettings,
    ) -> None:
        for values, name in ((vectors, "vectors"), (words, "texts of words")):
            if len(values) != len(passages):
                raise ValueError(f"{len(values)} {name} for {len(passages)} passages")
        self.articles: Mapping[str, Article] = MappingProxyType({article.id: article for article in articles})
        self.passages = passages
        self.vectors = vectors
        self.words = words
        self.settings = settings

    @classmethod
    def build(
        cls,
        articles: Iterable[Article],
        encoder: Encoder,
        settings: PassageSettings | None = None,
        *,
        reuse: Index | None = None,
        progress: bool = False,
    ) -> Index:
        """Split and encode ``articles``.

        Args:
            articles: at least one; of those with the same text the first is kept.
            encoder: embeds the passages.
            settings: how articles are split.
            reuse: an index made with the same encoder. What it knows of the same articles, or of the same passages,
                is taken from it; the result is the same.
            progress: show a bar on stderr.

        Raises:
            InputError: there is no article, or two different ones have the same id.
        """
        return _build(articles, encoder, settings or PassageSettings(), reuse, progress)

    def with_articles(self, articles: Iterable[Article], encoder: Encoder, *, progress: bool = False) -> Index:
        """This index and ``articles`` after its own; ``encoder`` is the one it was made with.

        Raises:
            InputError: the id of an article is taken by another text.
        """
        return _build([*self.articles.values(), *articles], encoder, self.settings, self, progress)

    def without(self, ids: Iterable[str]) -> Index:
        """This index without the articles of these ids.

        Raises:
            InputError: there is no article of an id, or none would be left.
        """
        leaving = set(ids)
        unknown = sorted(leaving - self.articles.keys())
        if unknown:
            raise InputError(f"there is no article {unknown[0]!r} to remove")
        staying = [article for article in self.articles.values() if article.id not in leaving]
        if not staying:
            raise InputError("all articles would be removed; an index needs at least one")
        return _build(staying, None, self.settings, self, False)

    def sentences(self, article_id: str) -> tuple[Span, ...]:
        """The sentences of an article, in order; they tile its text."""
        return self.passages.sentences(article_id)

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self.vectors.dimension

    def search(self, vector: Vectors, k: int, allowed: npt.NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """The ``k`` passages nearest to ``vector`` (float32 of shape ``(dimension,)``), best first.

        Args:
            vector: of length 1.
            k: how many.
            allowed: rising positions to search among; by default all.

        Returns:
            Positions in ``passages`` and inner products; fewer than ``k`` when there are fewer passages.
        """
        return self.vectors.search(vector, k, allowed)

    def save(self, folder: str | Path | FolderWriter, encoder: Encoder) -> None:
        """Write the index to ``folder``; the folder is at any moment either the old index or the new one.

        Raises:
            IndexFileError: ``folder`` holds something that is not an index, cannot be written, or is being written by
                another process.
        """
        if not isinstance(folder, FolderWriter):
            with FolderWriter(folder) as writer:
                self.save(writer, encoder)
            return

        def manifest(files: dict[str, FileRecord]) -> Manifest:
            return Manifest(
                format_version=FORMAT_VERSION,
                encoder=encoder.name,
                fingerprint=fingerprint(encoder),
                dimension=self.dimension,
                metric=_METRIC,
                max_characters=self.settings.max_characters,
                articles=len(self.articles),
                passages=len(self.passages),
                files=files,
            )

        folder.write(self._files(), manifest)

    def _files(self) -> Iterator[tuple[str, bytes]]:
        yield ARTICLES_FILE, _json_lines(map(_article_record, self.articles.values()))
        yield PASSAGES_FILE, _json_lines(_passages_record(name, self.passages.cut(name)) for name in self.articles)
        yield VECTORS_FILE, self.vectors.to_bytes()
        yield WORDS_FILE, safetensors.numpy.save(self.words.arrays())

    @classmethod
    def load(cls, folder: str | Path, encoder: Encoder) -> Index:
        """Read and verify an index folder that was made with the model in ``encoder``.

        Raises:
            IndexFileError: there is no index, it is damaged or of another version, or another encoder made it.
        """
        folder = Path(folder)

        def parse(stored: StoredIndex) -> Index:
            _check_encoder(folder, stored.manifest, encoder)
            try:
                return _parse(stored)
            except (ValueError, KeyError, TypeError, OverflowError, RuntimeError, InputError) as error:
                raise IndexFileError(
                    f"the index in {folder} contradicts itself ({error}); build it again with: newsqa index"
                ) from error

        return read_folder(folder, parse)


def _parse(stored: StoredIndex) -> Index:
    articles = [_article(record) for record in _records(stored.read(ARTICLES_FILE))]
    cuts = [_cut(article, record) for article, record in _pairs(articles, _records(stored.read(PASSAGES_FILE)))]
    vectors = PassageVectors.from_bytes(stored.read(VECTORS_FILE), stored.manifest.dimension)
    try:
        words = LexicalIndex.from_arrays(safetensors.numpy.load(stored.read(WORDS_FILE)))
    except safetensors.SafetensorError as error:
        raise ValueError(f"words of another kind: {error}") from error
    settings = PassageSettings(stored.manifest.max_characters)
    return Index(articles, PassageTable(articles, cuts), vectors, words, settings)


def _build(
    articles: Iterable[Article],
    encoder: Encoder | None,
    settings: PassageSettings,
    reuse: Index | None,
    progress: bool,
) -> Index:
    """An index of ``articles``; without an encoder they must all be in ``reuse``."""
    articles = _distinct(articles)
    if reuse is not None and reuse.settings != settings:
        reuse = None
    known = {article.id for article in articles if reuse is not None and _same(reuse.articles.get(article.id), article)}
    cuts = [
        reuse.passages.cut(article.id) if reuse is not None and article.id in known else Cut.of(article, settings)
        for article in articles
    ]
    passages = PassageTable(articles, cuts)
    # Where the data of each passage are: at this position in ``reuse``, or that far behind its end in the new ones.
    offset = len(reuse.passages) if reuse is not None else 0
    sources: list[npt.NDArray[np.int64]] = []
    texts: list[str] = []
    for article in articles:
        if reuse is not None and article.id in known:
            there = reuse.passages.positions(article.id)
            sources.append(np.arange(there.start, there.stop))
        else:
            here = [searchable_text(article.title, passages[i].span.text) for i in passages.positions(article.id)]
            sources.append(np.arange(offset + len(texts), offset + len(texts) + len(here)))
            texts += here
    source = np.concatenate(sources)
    words = LexicalIndex(texts)
    if reuse is not None:
        words = reuse.words.selected(source, words)
    return Index(articles, passages, _vectors(texts, source, encoder, reuse, known, progress), words, settings)


def _vectors(
    texts: Sequence[str],
    source: npt.NDArray[np.int64],
    encoder: Encoder | None,
    reuse: Index | None,
    known: Collection[str],
    progress: bool,
) -> PassageVectors:
    """The vectors of an index whose passages have these ``source``s; ``texts`` are those that are new in ``reuse``."""
    offset = len(reuse.passages) if reuse is not None else 0
    places: dict[str, int] = {}
    if reuse is not None and texts:
        # Passages of articles that were removed, renamed or changed elsewhere.
        for article_id in reuse.articles.keys() - known:
            title = reuse.articles[article_id].title
            for position in reuse.passages.positions(article_id):
                places[searchable_text(title, reuse.passages[position].span.text)] = position
    missing = [text for text in dict.fromkeys(texts) if text not in places]
    made = _embed(missing, encoder, progress) if missing and encoder is not None else None
    places.update({text: offset + number for number, text in enumerate(missing)})
    new = source >= offset
    source = source.copy()
    source[new] = np.array([places[text] for text in texts], dtype=np.int64)[source[new] - offset]
    if reuse is not None:
        return reuse.vectors.selected(source, made)
    assert made is not None  # there is a passage, and nothing to take its vector from
    return PassageVectors.of(made[source])


def _embed(texts: Sequence[str], encoder: Encoder, progress: bool) -> Vectors:
    vectors = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    # Texts of like length together: the longest of a batch sets the time of all.
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    with tqdm(total=len(texts), unit=" passages", disable=not progress) as bar:
        for start in range(0, len(order), _EMBEDDED_AT_ONCE):
            part = order[start : start + _EMBEDDED_AT_ONCE]
            vectors[part] = encoder.encode_passages([texts[i] for i in part])
            bar.update(len(part))
    return vectors


def _distinct(articles: Iterable[Article]) -> tuple[Article, ...]:
    by_text: dict[str, str] = {}
    kept: dict[str, Article] = {}
    for article in articles:
        if article.text in by_text:
            logger.info("article %r has the same text as %r and is left out", article.id, by_text[article.text])
        elif article.id in kept:
            raise InputError(f"two articles have the id {article.id!r}; give each its own")
        else:
            by_text[article.text] = article.id
            kept[article.id] = article
    if not kept:
        raise InputError("no article to index; give at least one")
    return tuple(kept.values())


def _same(known: Article | None, article: Article) -> bool:
    """Whether passages and vectors are the same for both."""
    return known is not None and (known.title, known.text) == (article.title, article.text)


def searchable_text(title: str, text: str) -> str:
    """What is embedded and indexed for a passage: its ``text``, and above it the article's title."""
    text = text.strip()
    return text if not title or text.startswith(title) else f"{title}\n{text}"


def _check_encoder(folder: Path, manifest: Manifest, encoder: Encoder) -> None:
    try:
        same = manifest.dimension == encoder.dimension and matches(manifest.fingerprint, fingerprint(encoder))
    except ValueError as error:
        raise IndexFileError(f"the manifest in {folder} is damaged (fingerprint); build the index again") from error
    if not same:
        raise IndexFileError(
            f"the index in {folder} was made with the encoder {manifest.encoder!r} and cannot be searched with "
            f"{encoder.name!r}; pass --encoder {manifest.encoder} or build the index again"
        )


def _article_record(article: Article) -> dict[str, Any]:
    record = {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "published": article.published,
    }
    # Written where known only, as most articles have none of them.
    further = {"author": article.author, "site": article.site, "pages": list(article.pages) or None}
    return record | {key: value for key, value in further.items() if value is not None}


def _article(record: Mapping[str, Any]) -> Article:
    return Article(**{**record, "pages": tuple(record.get("pages", ()))})


def _passages_record(article_id: str, cut: Cut) -> dict[str, Any]:
    ends = np.split(cut.ends, np.cumsum(cut.sizes)[:-1])
    return {"article": article_id, "sentence_ends": [part.tolist() for part in ends]}


def _pairs(
    articles: Sequence[Article], records: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Article, Mapping[str, Any]]]:
    for article, record in zip(articles, records, strict=True):
        if record["article"] != article.id:
            raise ValueError(f"passages of {record['article']!r} in the place of those of {article.id!r}")
        yield article, record


def _cut(article: Article, record: Mapping[str, Any]) -> Cut:
    cut = Cut.from_ends(record["sentence_ends"])
    cut.check(article)
    return cut


def _json_lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def _records(data: bytes) -> Iterator[dict[str, Any]]:
    parse: Callable[[bytes], dict[str, Any]] = json.loads
    return (parse(line) for line in io.BytesIO(data))
