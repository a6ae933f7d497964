from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from fakes import WordEncoder
from newsqa import ModelError
from newsqa.embedding import Encoder, Vectors, clean, fingerprint, load_encoder, matches


def test_a_fingerprint_tells_models_apart_and_forgives_rounding(encoder: Encoder) -> None:
    class Rounded(WordEncoder):
        def encode_questions(self, questions: Sequence[str]) -> Vectors:
            return np.round(super().encode_questions(questions), 2).astype(np.float32)

    assert matches(fingerprint(encoder), fingerprint(encoder))
    assert matches(fingerprint(WordEncoder("one")), fingerprint(Rounded("one")))
    assert not matches(fingerprint(WordEncoder("one")), fingerprint(WordEncoder("two")))
    assert not matches(fingerprint(WordEncoder("one")), fingerprint(encoder))


def test_a_fingerprint_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="base64"):
        matches("not base64!", fingerprint(WordEncoder()))


def test_lone_surrogates_are_replaced_one_for_one() -> None:
    assert clean("a\ud800b\udfffc") == "a\ufffdb\ufffdc"
    assert clean("a😀b") == "a😀b"


def test_an_encoder_in_hand_is_used_as_it_is() -> None:
    encoder = WordEncoder()
    assert load_encoder(encoder) is encoder


def test_a_model_that_is_not_there_is_an_error_of_one_line(tmp_path: Path) -> None:
    for location in (str(tmp_path / "nowhere"), "./nowhere", "~/nowhere"):
        with pytest.raises(ModelError, match=rf"^there is no model folder {location}; give an existing folder"):
            load_encoder(location)


def test_damaged_weights_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(ModelError, match="cannot load the encoder"):
        load_encoder(str(tmp_path))


def test_any_sentence_transformers_folder_is_an_encoder(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    from fakes import write_tiny_qa_model

    plain = write_tiny_qa_model(tmp_path / "plain", ["putin", "netanyahu"], with_head=False)
    model = SentenceTransformer(modules=[Transformer(str(plain)), Pooling(8)], device="cpu")
    model.save(str(tmp_path / "folder"), create_model_card=False)  # a card is looked up on the hub
    loaded = load_encoder(str(tmp_path / "folder"))
    assert loaded.name == str(tmp_path / "folder")
    assert loaded.dimension == 8
    vectors = loaded.encode_passages(["putin netanyahu", "netanyahu"])
    assert vectors.shape == (2, 8)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)


def test_equal_questions_are_encoded_once(encoder: Encoder) -> None:
    first = encoder.encode_questions(["Siapa yang ditelepon Putin?"])
    assert np.array_equal(first, encoder.encode_questions(["Siapa yang ditelepon Putin?"]))
    with pytest.raises(ValueError, match="read-only"):
        encoder._question("Siapa yang ditelepon Putin?")[0] = 1.0  # type: ignore[attr-defined]
