from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fakes import WordEncoder
from newsqa import Article, IndexFileError, InputError
from newsqa.embedding import Encoder
from newsqa.index import Index
from newsqa.index_folder import DATA_FILES, FileRecord, Manifest

ROOT = Path(__file__).parent.parent
ARTICLES = (
    Article("satu", "Judul satu", "Putin menelepon Netanyahu. Ia lalu pergi."),
    Article(
        "dua",
        "",
        "Harga beras naik di Jakarta\u2028 dan Bandung.",
        url="https://example.org/2",
        published="2023-10-18",
    ),
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    Index.build(ARTICLES, WordEncoder()).save(tmp_path / "index", WordEncoder())
    return tmp_path / "index"


def test_what_is_saved_is_loaded(saved: Path) -> None:
    built, loaded = Index.build(ARTICLES, WordEncoder()), Index.load(saved, WordEncoder())
    assert dict(loaded.articles) == dict(built.articles) == {article.id: article for article in ARTICLES}
    assert tuple(loaded.passages) == tuple(built.passages)
    assert loaded.settings == built.settings
    vector = WordEncoder().encode_questions(["Siapa yang ditelepon Putin?"])[0]
    assert loaded.search(vector, 2) == built.search(vector, 2)
    assert sorted(path.name for path in saved.iterdir()) == sorted([*DATA_FILES, "manifest.json"])


def test_metadata_and_pages_are_kept(tmp_path: Path) -> None:
    article = Article("a", "Pasar", "Pasar dibuka. Ramai.", author="Dewi", site="Harian", pages=(0, 14, 14))
    Index.build([article], WordEncoder()).save(tmp_path, WordEncoder())
    loaded = Index.load(tmp_path, WordEncoder()).articles["a"]
    assert loaded == article
    assert loaded.page(14) == 3


def test_search_gives_no_more_than_there_is(saved: Path) -> None:
    index = Index.load(saved, WordEncoder())
    vector = WordEncoder().encode_questions(["beras di Jakarta"])[0]
    found = index.search(vector, 50)
    assert [position for position, _ in found] == [1, 0]
    assert index.vectors.at(np.array([0, 1])) @ vector == pytest.approx([found[1][1], found[0][1]], abs=1e-6)


def test_sentences_of_an_article_tile_it(saved: Path) -> None:
    index = Index.load(saved, WordEncoder())
    assert [sentence.text for sentence in index.sentences("satu")] == ["Putin menelepon Netanyahu. ", "Ia lalu pergi."]


def test_saving_replaces_an_index_and_nothing_else(saved: Path) -> None:
    Index.build(ARTICLES[:1], WordEncoder()).save(saved, WordEncoder())
    assert list(Index.load(saved, WordEncoder()).articles) == ["satu"]
    assert sorted(path.name for path in saved.parent.iterdir()) == [".index.lock", "index"]
    other = saved.parent / "documents"
    other.mkdir()
    (other / "thesis.doc").write_bytes(b"years of work")
    (other / "manifest.json").write_bytes(b"{}")  # many things have one
    with pytest.raises(IndexFileError, match="documents is not an index and will not be replaced"):
        Index.build(ARTICLES, WordEncoder()).save(other, WordEncoder())
    assert (other / "thesis.doc").read_bytes() == b"years of work"


def test_an_empty_folder_can_become_an_index(tmp_path: Path) -> None:
    Index.build(ARTICLES, WordEncoder()).save(tmp_path, WordEncoder())
    assert len(Index.load(tmp_path, WordEncoder()).passages) == 2


def test_where_names_cannot_be_exchanged_the_old_index_survives_a_crash(saved: Path) -> None:
    # What a crash between the two renames leaves behind: the old index under its other name.
    saved.rename(saved.with_name(".index.previous"))
    assert list(Index.load(saved, WordEncoder()).articles) == ["satu", "dua"]


def test_articles_need_ids_of_their_own() -> None:
    with pytest.raises(InputError, match="two articles have the id 'satu'"):
        Index.build([ARTICLES[0], Article("satu", "", "Lain.")], WordEncoder())
    with pytest.raises(InputError, match="no article to index"):
        Index.build([], WordEncoder())


def sealed(manifest: dict[str, Any]) -> bytes:
    """``manifest`` as bytes, with the checksum that belongs to it."""
    values = {name: value for name, value in manifest.items() if name != "sha256"}
    files = {name: FileRecord(**record) for name, record in values["files"].items()}
    return Manifest(**{**values, "files": files}).to_bytes()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", DATA_FILES)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, r"{name} is missing; build the index again with: newsqa index"),
        (cut, r"{name} has \d+ bytes instead of \d+; build the index again"),
        (flip, r"{name} is corrupted \(its sha256 is not the manifest's\); build the index again"),
    ],
)
def test_a_damaged_file_is_named(saved: Path, name: str, damage: Callable[[Path], None], message: str) -> None:
    damage(saved / name)
    with pytest.raises(IndexFileError, match=message.format(name=name)):
        Index.load(saved, WordEncoder())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a manifest"),
        ("[]", "not a manifest"),
        ('{"format_version": 1}', "format version 1, this newsqa reads 2; build the index again"),
        ('{"format_version": 2}', "fields are missing or unknown"),
    ],
)
def test_a_bad_manifest_is_an_error(saved: Path, text: str, message: str) -> None:
    (saved / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(IndexFileError, match=message):
        Index.load(saved, WordEncoder())


def test_a_manifest_may_not_lead_elsewhere(saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["../secret"] = manifest["files"].pop("vectors.faiss")
    (saved / "manifest.json").write_bytes(sealed(manifest))
    with pytest.raises(IndexFileError, match="fields are missing or unknown"):
        Index.load(saved, WordEncoder())


def test_no_index_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        IndexFileError, match=r"no index in .*nowhere \(manifest\.json is missing\); make one with: newsqa index"
    ):
        Index.load(tmp_path / "nowhere", WordEncoder())


@pytest.mark.parametrize("other", [WordEncoder("others"), WordEncoder(dimension=32)])
def test_another_encoder_is_an_error(saved: Path, other: WordEncoder) -> None:
    with pytest.raises(
        IndexFileError, match=f"made with the encoder 'words' and cannot be searched with '{other.name}'"
    ):
        Index.load(saved, other)


def test_files_that_contradict_each_other_are_an_error(saved: Path, tmp_path: Path) -> None:
    Index.build(ARTICLES[:1], WordEncoder()).save(tmp_path / "other", WordEncoder())
    shutil.copy(tmp_path / "other" / "vectors.faiss", saved / "vectors.faiss")
    manifest, other = (
        json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (saved, tmp_path / "other")
    )
    manifest["files"]["vectors.faiss"] = other["files"]["vectors.faiss"]
    (saved / "manifest.json").write_bytes(sealed(manifest))
    with pytest.raises(IndexFileError, match=r"contradicts itself \(1 vectors for 2 passages\)"):
        Index.load(saved, WordEncoder())


def test_the_committed_index_is_what_the_seed_article_gives(
    tmp_path: Path, seed_article: Article, encoder: Encoder
) -> None:
    Index.build([seed_article], encoder).save(tmp_path / "index", encoder)
    for name in ("articles.jsonl", "passages.jsonl", "words.safetensors"):
        assert (ROOT / "index" / name).read_bytes() == (tmp_path / "index" / name).read_bytes()
    committed, rebuilt = Index.load(ROOT / "index", encoder), Index.load(tmp_path / "index", encoder)
    vectors = [index.vectors.at(np.arange(3)) for index in (committed, rebuilt)]
    # The engines agree to some three digits.
    assert (vectors[0] * vectors[1]).sum(axis=1).min() > 0.999
    manifests = [
        json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (ROOT / "index", tmp_path / "index")
    ]
    for manifest in manifests:
        # These two may differ in the last bit between processors.
        del manifest["fingerprint"], manifest["files"]["vectors.faiss"], manifest["sha256"]
    assert manifests[0] == manifests[1]
