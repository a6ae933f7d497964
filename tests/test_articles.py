from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from newsqa import Article, InputError, load_articles
from newsqa.articles import Limits, headline, load_bytes

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
    with pytest.raises(InputError, match=r"nowhere\.txt does not exist; give a file, a folder, a glob or a link"):
        load_articles(tmp_path / "nowhere.txt")
    with pytest.raises(
        InputError, match=r"holds no article; give a folder with \.txt, \.md, .* or \.jsonl files in it"
    ):
        load_articles(tmp_path)
    with pytest.raises(InputError, match="nothing to read; give a path"):
        load_articles([])
    (tmp_path / "latin.txt").write_bytes("caf\xe9".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.txt is not UTF-8 text \(byte 3\)"):
        load_articles(tmp_path / "latin.txt")
    (tmp_path / "binary.txt").write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(InputError, match=r"binary\.txt is a binary file"):
        load_articles(tmp_path / "binary.txt")
    (tmp_path / "empty.txt").write_bytes(b" \n")
    with pytest.raises(InputError, match=r"empty\.txt is empty"):
        load_articles(tmp_path / "empty.txt")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(
        InputError, match=r"old\.doc is not UTF-8 text .*; save it as UTF-8 \(newsqa reads \.txt, \.md, .* or \.jsonl\)"
    ):
        load_articles(tmp_path / "old.doc")


def test_a_bad_file_is_skipped_and_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("a.txt", "c.txt"):
        (tmp_path / name).write_text(f"Teks {name}", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"\xff")
    (tmp_path / "d.pdf").write_bytes(b"%PDF-")
    skipped: list[InputError] = []
    assert [article.id for article in load_articles(tmp_path, on_skip=skipped.append)] == ["a", "c"]
    first, second = map(str, skipped)
    assert first == f"{tmp_path}/b.txt is not UTF-8 text (byte 0); save it as UTF-8"
    assert second.startswith(f"{tmp_path}/d.pdf cannot be read (")
    assert caplog.messages == []
    assert len(load_articles(tmp_path)) == 2
    assert caplog.messages == [f"skipped: {first}", f"skipped: {second}"]
    with pytest.raises(InputError, match=r"b\.txt is not UTF-8 text"):
        load_articles(tmp_path, strict=True)


def test_where_nothing_can_be_read_there_is_an_error(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"\xff")
    skipped: list[InputError] = []
    # The only error is raised, and not told a second time.
    with pytest.raises(InputError, match=r"a\.txt is not UTF-8 text"):
        load_articles(tmp_path / "a.txt", on_skip=skipped.append)
    assert skipped == []
    with pytest.raises(InputError, match=r"^no article could be read; see what was skipped$"):
        load_articles(tmp_path, on_skip=skipped.append)
    assert len(skipped) == 2


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^cannot read x{200}: File name too long; check the path$"):
        load_articles("x" * 5_000)
    with pytest.raises(InputError, match="^a\ufffd.txt does not exist"):
        load_articles("a\ud800.txt")
    with pytest.raises(InputError, match="^a\0.txt does not exist"):
        load_articles("a\0.txt")
    (article,) = load_bytes(b"Isi.", "a\ud800.txt")
    assert article.id == "a\ufffd"


def test_many_articles_of_one_name_get_a_number_each() -> None:
    articles = load_bytes(b'{"id": "a-3", "text": "Isi."}\n' + b'{"id": "a", "text": "Isi."}\n' * 20_000, "a.jsonl")
    assert [article.id for article in articles[:5]] == ["a-3", "a", "a-2", "a-4", "a-5"]
    assert articles[-1].id == "a-20001"


def test_a_path_that_does_not_exist_stops_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Teks", encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.txt does not exist"):
        load_articles([tmp_path / "a.txt", tmp_path / "b.txt"])


def test_of_a_folder_only_articles_are_read(tmp_path: Path) -> None:
    for name in ("a.txt", "B.MD", "c.csv", ".hidden.txt", "~$d.docx", ".git/e.txt", "sub/f.jsonl", "sub/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text": "Teks."}', encoding="utf-8")
    assert [article.id for article in load_articles(tmp_path)] == ["B.MD", "a", "sub/a", "sub/f.jsonl:1"]
    # A file that is named itself is read whatever it is called.
    assert [article.id for article in load_articles([tmp_path / "c.csv", tmp_path / ".hidden.txt"])] == [
        "c.csv",
        ".hidden",
    ]


def test_globs_are_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("2024/b.txt", "2024/a.txt", "2024/x/c.txt", "2024/n.csv", "2023/d.txt", ".old/e.txt", "f[1].txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"Teks {name}", encoding="utf-8")

    def ids(pattern: str | Path) -> list[str]:
        return [article.id for article in load_articles(pattern)]

    assert ids(tmp_path / "2024" / "*.txt") == ["a", "b"]
    assert ids(str(tmp_path / "2024" / "*")) == ["a", "b", "x/c"]
    assert ids(tmp_path / "202[34]") == ["2023/d", "2024/a", "2024/b", "2024/x/c"]
    monkeypatch.chdir(tmp_path)
    assert ids("**/?.txt") == ["2023/d", "2024/a", "2024/b", "2024/x/c"]
    assert ids("f[1].txt") == ["f[1]"]  # a file of that name goes first
    with pytest.raises(InputError, match=r"^\*\.pdf matches no \.txt, \.md, .* or \.jsonl file; check the pattern$"):
        load_articles("*.pdf")
    with pytest.raises(InputError, match=r"^a\*\*b is no pattern \("):
        load_articles("a**b")


def test_articles_with_the_same_text_are_all_given(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Teks yang sama.", encoding="utf-8")
    assert [article.id for article in load_articles(tmp_path)] == ["a", "b"]


def test_the_bar_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("Teks", encoding="utf-8")
    load_articles(tmp_path, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "reading" in err
    assert "0/1" in err
    load_articles(tmp_path)
    assert capsys.readouterr() == ("", "")


def test_large_files_are_refused_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("é".encode() * 10)
    assert len(load_articles(tmp_path, limits=Limits(file_bytes=20, characters=10))) == 1
    with pytest.raises(InputError, match=r"a\.txt has more than 19 bytes; give a smaller file"):
        load_articles(tmp_path, limits=Limits(file_bytes=19))
    with pytest.raises(InputError, match=r"a\.txt has 10 characters, more than 9; split it into articles"):
        load_articles(tmp_path, limits=Limits(characters=9))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Judul\n\nIsi.", "Judul"),
        ("\n  Judul  \n \nIsi.", "Judul"),
        ("Satu baris.\nDua baris.", ""),
        ("Hanya satu baris", ""),
        ("Judul\n\n  \n", ""),
        ("x" * 201 + "\n\nIsi.", ""),
        ("Judul\r\n\r\nIsi.", "Judul"),
        ("Judul\r\nIsi.", ""),
        ("Judul\n\u2028Isi.", ""),
        ("Judul\n\t\n\u2028 Isi.", "Judul"),
    ],
)
def test_a_first_line_set_apart_is_the_headline(text: str, title: str) -> None:
    assert headline(text) == title
