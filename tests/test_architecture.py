"""Rules about the code itself: who may import whom, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import newsqa

PACKAGE = Path(newsqa.__file__).parent

# From the first, which imports nothing of newsqa, to the last. A module imports only from lines above its own, or
# from modules of its own line.
LAYERS = """
errors
serving
types
phrases wire language sentences lexical scope articles.limits articles.document articles.addresses articles.sources
articles.plain articles.pdf_text articles.web_page articles.fetching
articles.records articles.markdown articles.word articles.pdf
articles.worker articles.parsing
articles.loading
articles
sentence_merger
passages
passage_table
models.e5s1 models.adapter models.made models.engine models.network
models.bundled models.bert models.merging
models.graph
models.onnx_network
models
embedding
journal vectors index_folder balance
index_writer
index
retrieval updating
reading.answer_types reading.edges reading.windows reading.history reading.heads
reading.decoding
reading.sentence reading.extractive reading.verdicts reading.bundled
reading
citing disagreement
conversation conversation.classifier conversation.leaning
conversation.intents conversation.mentions conversation.summary conversation.follow_ups
conversation.replies conversation.suggestions
chat
qa
evaluation
evaluation.rows evaluation.metrics evaluation.neighbours
evaluation.questions evaluation.asking evaluation.timing evaluation.plots evaluation.languages evaluation.utterances
evaluation.load
evaluation.engines evaluation.evaluate evaluation.yes_no evaluation.conversations evaluation.fit_sentences
evaluation.fit_balance evaluation.synthetic
evaluation.archive
evaluation.contenders evaluation.peers evaluation.export evaluation.sample evaluation.ratios
evaluation.measuring evaluation.report
evaluation.run evaluation.speed evaluation.stopping
evaluation.benchmark
evaluation.tables
training training.config training.examples training.heads
training.claims training.entailment training.leaning training.conversation training.averaging
training.mixing training.features training.network training.checkpoint training.scoring
training.trainer training.evaluate training.calibrate training.verdicts
training.__main__
ui.texts ui.feedback ui.budget ui.incoming ui.scripts
ui.render ui.layout ui.gate ui.leaving
ui.entries ui.shelf
ui.download ui.visit
ui.talk ui.adding
ui.page
ui
terminal
cli
__main__
"""
ONLY_IMPORTER = {
    "faiss": {"vectors", "evaluation.neighbours"},
    "gradio": {"ui", "ui.layout", "ui.leaving", "ui.page"},
    "langchain_text_splitters": {"sentence_merger"},
    "haystack": {"evaluation.peers"},
    "haystack_integrations": {"evaluation.peers"},
    "langchain_community": {"evaluation.peers"},
    "sentence_transformers": {"embedding"},
    "txtai": {"evaluation.peers"},
    "sentencex": {"sentences"},
    "rich": {"cli", "evaluation.tables", "terminal"},
    "matplotlib": {"evaluation.plots"},
    "trafilatura": {"articles.web_page"},
    "pypdf": {"articles.pdf"},
    "docx": {"articles.word"},
    "markdown_it": {"articles.markdown"},
    "urllib3": {"articles.fetching"},
    "tqdm": {"articles.loading", "embedding", "index"},
    "onnx": {"models.graph"},
    "onnxruntime": {"models.onnx_network"},
}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found[name.removesuffix(".__init__") if name != "__init__" else ""] = path
    return found


def imports(path: Path) -> set[str]:
    """Every module that the file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_data_flows_one_way() -> None:
    layer = {name: depth for depth, line in enumerate(LAYERS.strip().split("\n")) for name in line.split()}
    known = modules()
    assert set(layer) == set(known) - {""}
    for name, path in known.items():
        for imported in imports(path):
            target = imported.removeprefix("newsqa.")
            if name and imported.startswith("newsqa.") and target != name:
                assert layer[target] <= layer[name], f"{name} imports {target}"


def test_runtime_modules_do_not_import_evaluation() -> None:
    for name, path in modules().items():
        if name != "cli" and not name.startswith(("evaluation", "training")):
            leaves = ("newsqa.evaluation", "newsqa.training")
            assert not any(imported.startswith(leaves) for imported in imports(path)), name


def test_each_heavy_library_has_one_importer() -> None:
    found: dict[str, set[str]] = {library: set() for library in ONLY_IMPORTER}
    for name, path in modules().items():
        for imported in imports(path):
            if imported.split(".")[0] in found:
                found[imported.split(".")[0]].add(name)
    assert found == ONLY_IMPORTER


def test_exported_names_are_sorted_and_exist() -> None:
    assert newsqa.__all__ == sorted(newsqa.__all__)
    for name in newsqa.__all__:
        assert getattr(newsqa, name).__module__.startswith("newsqa")
    assert set(newsqa.__all__) <= set(dir(newsqa))


def test_no_file_is_long() -> None:
    root = PACKAGE.parent.parent
    long = {
        str(path.relative_to(root)): lines
        for folder in ("src", "tests")
        for path in (root / folder).rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}


def test_importing_newsqa_is_cheap() -> None:
    script = (
        "import sys, newsqa; from newsqa import *; "
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'gradio') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"


def test_reading_articles_is_cheap() -> None:
    """Files are parsed in a process of its own, so what parses them does not come into this one."""
    script = (
        f"import os, sys; os.chdir({str(PACKAGE.parent.parent)!r}); from newsqa import load_articles; "
        "print(len(load_articles(['tests/data/articles', 'README.md', 'seeds']))); "
        "print([m for m in ('torch', 'gradio', 'lxml', 'pypdf', 'docx', 'markdown_it', 'urllib3') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out == "6\n[]\n"
