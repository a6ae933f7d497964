from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from newsqa import Article, InputError, load_articles
from newsqa.articles import headline

ROOT = Path(__file__).parent.parent


def test_the_seed_article_is_the_original_byte_for_byte(seed_article: Article) -> None:
    data = (ROOT / "seeds" / "000_732fd077c41e33c9.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() == "7cca9cc836f28b8e3699c8cecfa3df1f3e3d16f7528893a8be05437d7a4bcae1"
    assert seed_article.text.encode() == data
    assert seed_article.id == "000_732fd077c41e33c9"
    assert seed_article.title == "Telepon PM Israel, Putin Bocorkan Obrolan dengan Pimpinan Arab"


def test_line_ends_and_offsets_stay_as_they_are_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "dos.txt").write_bytes("\ufeffJudul\r\n\r\nIsi “kutipan”.\r\n".encode())
    (article,) = load_articles(tmp_path / "dos.txt")
    assert article.text == "Judul\r\n\r\nIsi “kutipan”.\r\n"
    assert article.title == "Judul"
    assert article.span(9, 12).text == "Isi"


def test_folders_are_read_in_order_and_ids_are_unique(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "sub/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Teks {name}", encoding="utf-8")
    (tmp_path / "notes.csv").write_text("kein Artikel", encoding="utf-8")
    articles = load_articles([tmp_path, str(tmp_path / "sub" / "a.txt")])
    assert [article.id for article in articles] == ["a", "b", "sub/a", "a-2"]
    assert articles[2].text == articles[3].text == "Teks sub/a.txt"


def test_a_file_name_that_is_no_text_still_makes_an_id(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.txt")).write_text("Isi.", encoding="utf-8")
    (article,) = load_articles(tmp_path)
    assert article.id == "a\ufffd"


def test_bad_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt does not exist; give a text file or a folder"):
        load_articles(tmp_path / "nowhere.txt")
    with pytest.raises(InputError, match=r"holds no \.txt file"):
        load_articles(tmp_path)
    (tmp_path / "latin.txt").write_bytes("caf\xe9".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.txt is not UTF-8 text \(byte 3\)"):
        load_articles(tmp_path / "latin.txt")
    (tmp_path / "binary.txt").write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(InputError, match=r"binary\.txt is a binary file"):
        load_articles(tmp_path / "binary.txt")
    (tmp_path / "empty.txt").write_bytes(b" \n")
    with pytest.raises(InputError, match=r"empty\.txt is empty"):
        load_articles(tmp_path / "empty.txt")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Judul\n\nIsi.", "Judul"),
        ("\n  Judul  \n \nIsi.", "Judul"),
        ("Satu baris.\nDua baris.", ""),
        ("Hanya satu baris", ""),
        ("Judul\n\n  \n", ""),
        ("x" * 201 + "\n\nIsi.", ""),
    ],
)
def test_a_first_line_set_apart_is_the_headline(text: str, title: str) -> None:
    assert headline(text) == title
