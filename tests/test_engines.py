"""Both engines on the bundled weights: the same vectors and spans; what is made once, and what an import costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes import hits_of
from newsqa import Article, ModelError, NewsQA
from newsqa.embedding import BundledEncoder, Encoder, SentenceTransformerEncoder, load_encoder
from newsqa.evaluation.speed import EngineReport, table
from newsqa.evaluation.timing import LatencyReport
from newsqa.models import adapter, engine, onnx_network
from newsqa.models.bundled import TOKENIZER_FILE, bundled_encoder, load_tokenizer
from newsqa.models.engine import engine_name, multiplies_integers
from newsqa.models.made import made_once
from newsqa.models.merging import TorchNetwork
from newsqa.models.onnx_network import OnnxNetwork, bundled_tokenizer
from newsqa.reading import load_reader
from newsqa.reading.bundled import WEIGHTS, BundledReader

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "Who did Putin call?",
    "Siapa yang ditelepon Putin?",
    "How many Israelis were killed?",
    "Kapan serangan dari Gaza dilancarkan?",
    "What is the capital of France?",
)


@pytest.fixture(scope="module")
def on_torch() -> Encoder:
    return load_encoder("bundled", "torch")


@pytest.fixture(scope="module")
def on_onnx() -> Encoder:
    return load_encoder("bundled", "onnx")


def test_vectors_are_the_same(on_torch: Encoder, on_onnx: Encoder, seed_article: Article) -> None:
    assert isinstance(on_torch, SentenceTransformerEncoder)
    assert isinstance(on_onnx, BundledEncoder)
    assert (on_onnx.name, on_onnx.dimension) == (on_torch.name, on_torch.dimension) == ("bundled", 384)
    passages = [hit.passage.span.text for hit in hits_of(seed_article)]
    # One that is longer than the 512 tokens that the encoder reads.
    passages.append(" ".join(passages) * 2)
    pairs = [
        (on_torch.encode_questions(QUESTIONS), on_onnx.encode_questions(QUESTIONS)),
        (on_torch.encode_passages(passages), on_onnx.encode_passages(passages)),
    ]
    for expected, found in pairs:
        assert found.dtype == np.float32
        assert (expected * found).sum(axis=1).min() > 0.999


def test_spans_and_scores_are_the_same_up_to_rounding(on_torch: Any, seed_article: Article) -> None:
    hits = hits_of(seed_article)
    slow = load_reader("bundled", on_torch, "torch")
    fast = load_reader("bundled", on_torch, "onnx")
    for question in QUESTIONS:
        expected, found = slow.read(question, hits), fast.read(question, hits)
        assert len(found.answers) == len(expected.answers)
        # Where "Benjamin Netanyahu" and "Prime Minister Benjamin Netanyahu" are as good as equal, either may win.
        for one, other in zip(found.candidates[:1], expected.candidates[:1], strict=True):
            assert one.span.start < other.span.end
            assert other.span.start < one.span.end
            assert one.score == pytest.approx(other.score, abs=1.0)


def test_on_torch_the_embeddings_are_in_memory_once(on_torch: Any) -> None:
    reader: Any = load_reader("bundled", on_torch, "torch")
    mine = reader._network._model.embeddings.word_embeddings.weight
    assert mine.data_ptr() == on_torch.transformer.embeddings.word_embeddings.weight.data_ptr()


def test_in_float32_the_graph_is_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on_torch: Any) -> None:
    monkeypatch.setenv("NEWSQA_CACHE", str(tmp_path))
    monkeypatch.setattr(onnx_network, "multiplies_integers", lambda: False)
    network = OnnxNetwork.of_encoder()
    assert [path.name for path in tmp_path.glob("*float32*/*.onnx")] == ["graph.onnx"]
    sequence = [0, 41, 1294, 12, 83442, 2]
    (expected,) = TorchNetwork(on_torch.transformer).states([sequence])
    (found,) = network.states([sequence])
    assert found == pytest.approx(expected, abs=2e-3)


def test_the_tokenizer_is_the_one_of_the_model_folder() -> None:
    theirs = load_tokenizer.__wrapped__(bundled_encoder() / TOKENIZER_FILE)
    mine = bundled_tokenizer()
    for text in ("Siapa yang menelepon “PM” pada 18/10/2023?", "a <mask> </s> <s>b", "\ufdfa\u200b e\u0301 ﬁ", ""):
        expected, found = theirs.encode(text), mine.encode(text)
        assert (found.ids, found.offsets) == (expected.ids, expected.offsets)


def test_what_was_made_is_used_until_it_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSQA_CACHE", str(tmp_path))
    made: list[Path] = []

    def write(folder: Path) -> None:
        made.append(folder)
        (folder / "graph").write_text("right", encoding="utf-8")

    for _ in range(2):
        folder = made_once("name", "the graph", write, checksums=True)
    assert folder == tmp_path / "name"
    assert len(made) == 1
    (folder / "graph").write_text("wrong", encoding="utf-8")
    assert (made_once("name", "the graph", write, checksums=True) / "graph").read_text(encoding="utf-8") == "right"
    assert len(made) == 2
    (folder / "graph").unlink()
    made_once("name", "the graph", write, checksums=True)
    assert len(made) == 3
    assert [path.name for path in tmp_path.iterdir() if ".new-" in path.name] == []


def test_each_adapter_has_a_graph_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def made(name: str, *_: Any, **__: Any) -> Path:
        names.append(name)
        raise ModelError("enough")

    monkeypatch.setattr(onnx_network, "made_once", made)
    shipped = Path(adapter.__file__).with_name(WEIGHTS)
    other = adapter.Adapter.load(shipped)
    adapter.Adapter({**other.tensors, "heads.span.bias": np.zeros(2, np.float32)}, other.metadata).save(
        tmp_path / "other.safetensors"
    )
    for file in (shipped, shipped, tmp_path / "other.safetensors"):
        with pytest.raises(ModelError, match="enough"):
            OnnxNetwork.of_reader(file)
    assert names[0] == names[1] != names[2]


def test_engines_go_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSQA_ENGINE", raising=False)
    monkeypatch.setattr(engine, "multiplies_integers", lambda: True)
    assert engine_name() == "onnx"
    monkeypatch.setattr(engine, "multiplies_integers", lambda: False)
    assert engine_name() == "torch"
    assert engine_name("onnx") == "onnx"
    monkeypatch.setenv("NEWSQA_ENGINE", "onnx")
    assert engine_name() == "onnx"
    assert engine_name("torch") == "torch"
    monkeypatch.setenv("NEWSQA_ENGINE", "steam")
    with pytest.raises(ModelError, match=r"^there is no engine 'steam'; give one of: onnx, torch$"):
        engine_name()


def test_without_onnxruntime_it_is_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSQA_ENGINE", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(engine, "multiplies_integers", lambda: True)
    assert engine_name() == "torch"
    with pytest.raises(ModelError, match="needs the package onnxruntime; install it with: pip install onnxruntime"):
        engine_name("onnx")


@pytest.mark.parametrize(
    ("flags", "suits"), [("fma avx2 avx512_vnni", True), ("avx_vnni", True), ("avx2 avx512f", False)]
)
def test_the_processor_must_multiply_integers(tmp_path: Path, flags: str, suits: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"flags\t\t: fpu {flags} ht\n", encoding="utf-8")
    assert multiplies_integers(tmp_path / "cpuinfo") == suits
    assert not multiplies_integers(tmp_path / "nowhere")


def test_asking_imports_no_torch() -> None:
    script = (
        "import sys; from newsqa import NewsQA; "
        f"print(NewsQA.load({str(ROOT / 'index')!r}, engine='onnx').ask('Siapa yang ditelepon Putin?').text); "
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'onnx', 'langchain_core', 'gradio'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    # Made by now, so the second process needs no onnx either.
    onnx_network.OnnxNetwork.of_encoder()
    BundledReader.load("onnx")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "Benjamin Netanyahu\n[]\n"


def test_the_index_is_good_for_both_engines(on_torch: Encoder, on_onnx: Encoder) -> None:
    for one in (on_torch, on_onnx):
        assert len(NewsQA.load(ROOT / "index", encoder=one, reader="sentence").index.passages) == 3


def test_the_language_is_told_the_same_when_loading_began_ahead() -> None:
    script = (
        "from newsqa import language; language.load_ahead(); "
        "print(language.question_language('Siapa yang menelepon?'), language._load_identifier.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "id 1\n"


def test_speed_is_shown_as_a_ratio_to_the_last_engine() -> None:
    fast = LatencyReport(p50_ms=50.0, p95_ms=60.0, embed_ms=5.0, search_ms=0.5, read_ms=44.0)
    slow = LatencyReport(p50_ms=200.0, p95_ms=300.0, embed_ms=20.0, search_ms=0.5, read_ms=176.0)
    shown = table([EngineReport("onnx", fast, 0.0, 0.0), EngineReport("torch", slow, 0.0, 0.0)]).splitlines()
    assert shown[0].split() == ["onnx", "torch", "ratio", "to", "torch"]
    assert shown[4].split() == ["ask", "p50,", "ms", "50.0", "200.0", "0.25"]
    assert len(shown) == 6  # no process was started, so nothing is said of that
