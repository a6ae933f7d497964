"""Passages and their vectors: build, search, save, load."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from newsqa.embedding import Encoder, Vectors, fingerprint, matches
from newsqa.errors import IndexFileError, InputError
from newsqa.index_folder import (
    ARTICLES_FILE,
    FORMAT_VERSION,
    PASSAGES_FILE,
    VECTORS_FILE,
    FileRecord,
    Manifest,
    read_folder,
    write_folder,
)
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.types import Article, Passage, Span

if TYPE_CHECKING:
    import faiss

_METRIC = "inner product"


class Index:
    """Articles, their passages and one unit vector a passage; exact search by inner product."""

    def __init__(
        self,
        articles: Sequence[Article],
        passages: Sequence[Passage],
        vectors: faiss.IndexFlatIP,
        settings: PassageSettings,
    ) -> None:
        if vectors.ntotal != len(passages):
            raise ValueError(f"{vectors.ntotal} vectors for {len(passages)} passages")
        self.articles: Mapping[str, Article] = {article.id: article for article in articles}
        self.passages = tuple(passages)
        self.settings = settings
        self._vectors = vectors

    @classmethod
    def build(
        cls,
        articles: Iterable[Article],
        encoder: Encoder,
        settings: PassageSettings | None = None,
        *,
        progress: bool = False,
    ) -> Index:
        """Split and encode ``articles``; ``progress`` shows a bar on stderr.

        Raises:
            InputError: there is no article, or two have the same id.
        """
        # Here and below faiss comes after the encoder: the other way round crashes on macOS
        # (sentence-transformers #2291).
        import faiss

        articles = tuple(articles)
        settings = settings or PassageSettings()
        if not articles:
            raise InputError("no article to index; give at least one")
        ids = [article.id for article in articles]
        if len(set(ids)) != len(ids):
            repeated = next(article_id for article_id in ids if ids.count(article_id) > 1)
            raise InputError(f"two articles have the id {repeated!r}; give each its own")
        titles = {article.id: article.title for article in articles}
        passages = [passage for article in articles for passage in split_into_passages(article, settings)]
        texts = [searchable_text(titles[passage.span.article_id], passage) for passage in passages]
        vectors = faiss.IndexFlatIP(encoder.dimension)
        vectors.add(encoder.encode_passages(texts, progress=progress))
        return cls(articles, passages, vectors, settings)

    def sentences(self, article_id: str) -> tuple[Span, ...]:
        """The sentences of an article, in order; they tile its text."""
        passages = (passage for passage in self.passages if passage.span.article_id == article_id)
        return tuple(sentence for passage in passages for sentence in passage.sentences)

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return int(self._vectors.d)

    def search(self, vector: Vectors, k: int) -> list[tuple[int, float]]:
        """The ``k`` passages nearest to ``vector`` (float32 of shape ``(dimension,)``), best first.

        Returns:
            Positions in ``passages`` and inner products; fewer than ``k`` when there are fewer passages.
        """
        scores, positions = self._vectors.search(vector.reshape(1, -1), min(k, len(self.passages)))
        return list(zip(positions[0].tolist(), scores[0].tolist(), strict=True))

    def scores(self, vector: Vectors, positions: Sequence[int]) -> npt.NDArray[np.float32]:
        """The inner products of ``vector`` with the passages at ``positions``: float32, ``(len(positions),)``."""
        stored: Vectors = self._vectors.reconstruct_batch(np.asarray(positions, dtype=np.int64))
        result: npt.NDArray[np.float32] = stored @ vector
        return result

    def save(self, folder: str | Path, encoder: Encoder) -> None:
        """Write the index to ``folder``; the folder is at any moment either the old index or the new one.

        Raises:
            IndexFileError: ``folder`` holds something that is not an index, or cannot be written.
        """
        import faiss

        files = {
            ARTICLES_FILE: _json_lines(map(_article_record, self.articles.values())),
            PASSAGES_FILE: _json_lines(map(_passage_record, self.passages)),
            VECTORS_FILE: faiss.serialize_index(self._vectors).tobytes(),
        }
        manifest = Manifest(
            format_version=FORMAT_VERSION,
            encoder=encoder.name,
            fingerprint=fingerprint(encoder),
            dimension=self.dimension,
            metric=_METRIC,
            max_characters=self.settings.max_characters,
            articles=len(self.articles),
            passages=len(self.passages),
            files={name: FileRecord.of(data) for name, data in files.items()},
        )
        write_folder(Path(folder), manifest, files)

    @classmethod
    def load(cls, folder: str | Path, encoder: Encoder) -> Index:
        """Read and verify an index folder that was made with the model in ``encoder``.

        Raises:
            IndexFileError: there is no index, it is damaged or of another version, or another encoder made it.
        """
        import faiss

        folder = Path(folder)
        manifest, files = read_folder(folder)
        _check_encoder(folder, manifest, encoder)
        try:
            articles = list(map(_article, _records(files[ARTICLES_FILE])))
            by_id = {article.id: article for article in articles}
            passages = [_passage(record, by_id[record["article"]]) for record in _records(files[PASSAGES_FILE])]
            vectors = faiss.deserialize_index(np.frombuffer(files[VECTORS_FILE], dtype=np.uint8))
            if not isinstance(vectors, faiss.IndexFlatIP) or vectors.d != encoder.dimension:
                raise ValueError("vectors of another kind")
            return cls(articles, passages, vectors, PassageSettings(manifest.max_characters))
        except (ValueError, KeyError, TypeError, RuntimeError, InputError) as error:
            raise IndexFileError(
                f"the index in {folder} contradicts itself ({error}); build it again with: newsqa index"
            ) from error


def searchable_text(title: str, passage: Passage) -> str:
    """What is embedded and indexed for a passage: its text, and above it the article's title."""
    text = passage.span.text.strip()
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


def _passage_record(passage: Passage) -> dict[str, Any]:
    span = passage.span
    ends = [sentence.end for sentence in passage.sentences]
    return {"article": span.article_id, "start": span.start, "end": span.end, "sentence_ends": ends}


def _passage(record: Mapping[str, Any], article: Article) -> Passage:
    starts = [record["start"], *record["sentence_ends"][:-1]]
    sentences = [article.span(start, end) for start, end in zip(starts, record["sentence_ends"], strict=True)]
    return Passage(article.span(record["start"], record["end"]), tuple(sentences))


def _json_lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def _records(data: bytes) -> list[dict[str, Any]]:
    parse: Callable[[str], dict[str, Any]] = json.loads
    return [parse(line) for line in data.decode().split("\n") if line]
