"""Programs that a newcomer would otherwise use, as contenders of a benchmark: Haystack, LangChain with FAISS, txtai.

Each gets the encoder of newsqa as a sentence-transformers folder, its prompts ("query: ", "passage: ") and the very
texts that newsqa embeds; all else is as the program ships it. The extra ``peers`` installs them; without it their
constructors raise ``ImportError``.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from newsqa.index import searchable_text
from newsqa.models import E5_PROMPTS
from newsqa.passages import PassageSettings, split_into_passages
from newsqa.types import Article

# Nobody is told of a measurement, and nothing is looked for on a model hub.
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "DO_NOT_TRACK": "1",
}


def keep_to_this_machine() -> None:
    """Switch off the peers' telemetry and downloads; to be called before they, or transformers, are imported."""
    os.environ.update(_QUIET)


class HaystackAsker:
    """Haystack's extractive pipeline: text embedder, in-memory dense retriever, extractive reader.

    Args:
        name: what it is called in tables.
        encoder: a sentence-transformers folder.
        reader: the folder of a question-answering model of transformers.
        top_k: passages that are read, as many as newsqa reads.
        trained: False for a reader of random weights.
    """

    def __init__(self, name: str, encoder: Path, reader: Path, *, top_k: int = 8, trained: bool = True) -> None:
        from haystack import Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )
        from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

        self.name = name
        self.trained = trained
        self._store = InMemoryDocumentStore()
        self._documents = SentenceTransformersDocumentEmbedder(
            model=str(encoder), prefix=E5_PROMPTS["passage"], meta_fields_to_embed=["title"], progress_bar=False
        )
        self._pipeline = Pipeline()
        self._pipeline.add_component(
            "embedder",
            SentenceTransformersTextEmbedder(model=str(encoder), prefix=E5_PROMPTS["query"], progress_bar=False),
        )
        self._pipeline.add_component("retriever", InMemoryEmbeddingRetriever(self._store, top_k=top_k))
        self._pipeline.add_component("reader", TransformersExtractiveReader(model=str(reader)))
        self._pipeline.connect("embedder.embedding", "retriever.query_embedding")
        self._pipeline.connect("retriever.documents", "reader.documents")

    def about(self, article: Article) -> None:
        """Index the passages of ``article``, the same that newsqa makes of it."""
        from haystack import Document

        texts = [passage.span.text for passage in split_into_passages(article, PassageSettings())]
        # As newsqa does, the title is embedded above the passage, but not where the passage begins with it.
        documents = [
            Document(
                id=str(number),
                content=text,
                meta={} if searchable_text(article.title, text) == text.strip() else {"title": article.title},
            )
            for number, text in enumerate(texts)
        ]
        old = self._store.filter_documents()
        self._store.delete_documents([document.id for document in old])
        self._store.write_documents(self._documents.run(documents)["documents"])

    def ask(self, question: str) -> str:
        """The first answer, "" where that is "no answer"."""
        found = self._pipeline.run({"embedder": {"text": question}, "reader": {"query": question}})
        answers = found["reader"]["answers"]
        return (answers[0].data or "") if answers else ""


class LangChainFinder:
    """LangChain's FAISS vector store on its sentence-transformers embeddings.

    They come from langchain-community: langchain-huggingface, which has the same code, does not go with the
    huggingface-hub that newsqa is tested with.
    """

    name = "LangChain"

    def __init__(self, encoder: Path) -> None:
        from langchain_community.embeddings import HuggingFaceBgeEmbeddings
        from langchain_community.vectorstores import FAISS

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the class has a successor in langchain-huggingface
            # Of the classes for sentence-transformers this one takes prompts; it has nothing else to do with "Bge".
            self._embeddings = HuggingFaceBgeEmbeddings(
                model_name=str(encoder),
                query_instruction=E5_PROMPTS["query"],
                embed_instruction=E5_PROMPTS["passage"],
            )
        self._make = FAISS.from_texts
        self._store: Any = None

    def index(self, passages: Sequence[Article]) -> None:
        """Index ``passages``."""
        positions = [{"position": number} for number in range(len(passages))]
        self._store = self._make(_texts(passages), self._embeddings, metadatas=positions)

    def find(self, question: str, k: int) -> list[int]:
        """The positions of the ``k`` nearest passages, nearest first."""
        return [int(document.metadata["position"]) for document in self._store.similarity_search(question, k=k)]


class TxtaiFinder:
    """txtai's embeddings database, in its default: FAISS, and transformers with the folder's pooling."""

    name = "txtai"

    def __init__(self, encoder: Path) -> None:
        from txtai import Embeddings

        self._embeddings = Embeddings(
            path=str(encoder), instructions={"query": E5_PROMPTS["query"], "data": E5_PROMPTS["passage"]}
        )

    def index(self, passages: Sequence[Article]) -> None:
        """Index ``passages``."""
        self._embeddings.index(enumerate(_texts(passages)))

    def find(self, question: str, k: int) -> list[int]:
        """The positions of the ``k`` nearest passages, nearest first."""
        return [int(position) for position, _ in self._embeddings.search(question, k)]


def _texts(passages: Sequence[Article]) -> list[str]:
    return [searchable_text(passage.title, passage.text) for passage in passages]
