"""An index folder brought up to date: only what changed is embedded, and an interrupted job goes on where it was."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from newsqa.embedding import Encoder
from newsqa.errors import IndexFileError
from newsqa.index import Index
from newsqa.index_folder import MANIFEST_FILE
from newsqa.index_writer import FolderWriter
from newsqa.journal import journaled
from newsqa.passages import PassageSettings
from newsqa.types import Article

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Update:
    """What ``update_index`` did: the index as it is now, and how many articles are new, changed and gone.

    ``repeated`` articles were left out because another has the same text. ``fresh``: there was no index to begin with.
    """

    index: Index
    added: int
    changed: int
    removed: int
    repeated: int
    fresh: bool


def update_index(
    folder: str | Path,
    articles: Iterable[Article],
    encoder: Encoder,
    settings: PassageSettings | None = None,
    *,
    progress: bool = False,
) -> Update:
    """Make the index in ``folder`` one of ``articles``, and of no others.

    What the index there knows of the same articles and passages is used again; an index of another encoder or format,
    or a damaged one, is replaced. Passages that are embedded are noted in a journal beside the folder as soon as they
    are, so a job that is killed goes on from there when it is started again. Where nothing changed nothing is written.

    Args:
        folder: need not exist.
        articles: at least one; of those with the same text, character for character, the first is kept.
        encoder: embeds the passages.
        settings: how articles are split.
        progress: show a bar on stderr while passages are embedded.

    Raises:
        InputError: there is no article, or two different ones have the same id.
        IndexFileError: the folder holds something that is not an index, cannot be written, or is being written by
            another process.
    """
    articles = tuple(articles)
    with FolderWriter(folder) as writer, journaled(encoder, writer.journal) as journal:
        before = _existing(writer.folder, encoder)
        index = Index.build(articles, journal, settings, reuse=before, progress=progress)
        if before is None or before.settings != index.settings or _listed(before) != _listed(index):
            index.save(writer, encoder)
    old = before.articles if before is not None else {}
    new = index.articles
    return Update(
        index=index,
        added=len(new.keys() - old.keys()),
        changed=sum(new[name] != old[name] for name in new.keys() & old.keys()),
        removed=len(old.keys() - new.keys()),
        repeated=len(articles) - len(new),
        fresh=before is None,
    )


def _existing(folder: Path, encoder: Encoder) -> Index | None:
    if not (folder / MANIFEST_FILE).exists():
        return None
    try:
        return Index.load(folder, encoder)
    except IndexFileError as error:
        logger.warning("everything is indexed anew: %s", error)
        return None


def _listed(index: Index) -> list[Article]:
    return list(index.articles.values())
