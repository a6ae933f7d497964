"""A question and the passages found for it to answers with scores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from newsqa.embedding import Encoder, SentenceTransformerEncoder
from newsqa.models import BUNDLED
from newsqa.models.bundled import weight_file
from newsqa.reading.history import Exchange
from newsqa.types import Hit, Reading

SENTENCE = "sentence"


class Reader(Protocol):
    """Finds the answer to a question in passages, or finds that they do not give it."""

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        """What ``hits``, best first, say to ``question``, which may lean on ``history``, earlier turns, oldest first.

        A reader that knows nothing of histories reads the question as it stands.
        """


def load_reader(reader: str | Reader | None, encoder: Encoder, engine: str | None = None) -> Reader:
    """``reader`` itself, or the one of that name.

    Args:
        reader: "bundled", "sentence", a folder or hub id of an extractive question-answering model, or a reader; by
            default ``NEWSQA_READER``, else "bundled" where its encoder's weights are installed, else "sentence".
        encoder: the sentence reader compares sentences with it, and on torch the bundled reader shares its weights if
            it is the bundled encoder.
        engine: what runs the bundled reader, "onnx" or "torch"; by default as ``models.engine`` says.

    Raises:
        ModelError: it cannot be loaded, or there is no such engine.
    """
    if reader is not None and not isinstance(reader, str):
        return reader
    name = reader or os.environ.get("NEWSQA_READER") or (BUNDLED if weight_file() else SENTENCE)
    if name == BUNDLED:
        from newsqa.reading.bundled import BundledReader

        if isinstance(encoder, SentenceTransformerEncoder) and encoder.name == BUNDLED:
            return BundledReader.load(engine, base=encoder.transformer)
        return BundledReader.load(engine)
    if name == SENTENCE:
        from newsqa.reading.sentence import SentenceReader

        return SentenceReader(encoder)
    from newsqa.reading.extractive import ExtractiveReader

    return ExtractiveReader.load(name)
