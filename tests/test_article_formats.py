"""Each format to the text, title and metadata of an article."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newsqa import Article, InputError
from newsqa.articles import Limits, load_articles, load_bytes
from newsqa.articles.markdown import parse_markdown
from newsqa.articles.web_page import decode_page, parse_page

ARTICLES = Path(__file__).parent / "data" / "articles"


def test_a_news_page_is_read_without_what_surrounds_it() -> None:
    (article,) = load_articles(ARTICLES / "banjir.html")
    assert article.title == "Tanggul Jebol, 1.200 Warga Desa Sumberejo Mengungsi"
    assert (article.author, article.published, article.site) == ("Dwi Astuti", "2024-02-17", "Kabar Pesisir")
    assert article.url == "https://kabarpesisir.example/daerah/tanggul-jebol-sumberejo"
    paragraphs = article.text.split("\n\n")
    assert paragraphs[0] == article.title
    assert paragraphs[1].startswith("SUMBEREJO - Tanggul Sungai Wulan di Desa Sumberejo jebol pada Jumat malam")
    assert paragraphs[3] == "Dapur umum"
    assert paragraphs[5].endswith("menurut Balai Besar Wilayah Sungai. Tidak ada korban jiwa dalam banjir ini.")
    assert len(paragraphs) == 6
    for clutter in ("cookie", "Berlangganan", "IKLAN", "Baca juga", "Persijap", "Komentar", "kontraktor", "Hak cipta"):
        assert clutter not in article.text


def test_an_older_page_in_another_encoding() -> None:
    (article,) = load_articles(ARTICLES / "ferry.html")
    assert article.title == "Island ferry to run on batteries from next summer"
    assert (article.author, article.published, article.site, article.url) == ("Seán O’Leary", "2023-11-04", None, None)
    assert "costs €9.4 million" in article.text
    assert "\n\n“Passengers will notice the silence first,” said Niamh Byrne" in article.text
    assert "\n\n| Month | Sailings a day |\n| June | 8 |\n| July | 11 |\n\n" in article.text
    for clutter in ("847 partners", "Weather", "newsletter", "Tags", "mark my words", "lighthouse", "Copyright"):
        assert clutter not in article.text


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("<p>é".encode(), None, "<p>é"),
        ("<meta charset='utf-8'><p>é".encode("cp1252"), "ISO-8859-1", "<meta charset='utf-8'><p>é"),
        ('<meta content="text/html; charset=Shift_JIS"><p>日本'.encode("shift_jis"), None, '<meta content="text/html; charset=Shift_JIS"><p>日本'),
        ("\ufeff<p>é".encode("utf-16-le"), "utf-8", "<p>é"),
        ("\ufeff<p>é".encode(), "iso-8859-1", "<p>é"),
        ("<meta charset=rot13><p>é".encode(), "no-such-charset", "<meta charset=rot13><p>é"),
        ("<meta charset=ascii><p>“é”".encode("cp1252"), None, "<meta charset=ascii><p>“é”"),
        ("<p>Kafé di sudut jalan, “enak” sekali, naïve".encode("cp1252"), None, "<p>Kafé di sudut jalan, “enak” sekali, naïve"),
    ],
)  # fmt: skip
def test_pages_in_every_encoding(data: bytes, charset: str | None, text: str) -> None:
    assert decode_page(data, charset) == text


def test_a_page_without_an_article_is_refused() -> None:
    with pytest.raises(InputError, match=r"login\.html holds no article text; give the page of one article"):
        parse_page(b"<html><form><input></form></html>", "login.html")


def test_a_file_cannot_claim_an_address_that_is_none() -> None:
    page = (ARTICLES / "banjir.html").read_bytes()
    hostile = page.replace(b"https://kabarpesisir.example/daerah/tanggul-jebol-sumberejo", b"javascript:alert(1)")
    for data, name in ((hostile, "x.html"), (b"---\nurl: javascript:alert(1)\n---\nIsi.", "x.md")):
        (article,) = load_bytes(data, name)
        assert article.url is None


MARKDOWN = """\
Some *words* before &amp; the first heading.
Same paragraph, <b>bold</b> [link](https://example.org "title"),<br>![alt text](x.png) `code` \\*star\\*.

## Ferry *stops* `here` ##

1. one
2. two
   - inner

     second paragraph

> quoted
> text

| Month | Sailings |
|-------|---------:|
| June  | **8**    |

<div class="x">

Inside a div.

</div>
<!-- a comment -->

***

```python
print("**kept**")
```

[ref]: https://example.org
"""


def test_markdown_becomes_plain_text() -> None:
    document = parse_markdown(MARKDOWN.encode(), "a.md")
    assert document.title == "Ferry stops here"
    assert document.text == (
        "Some words before & the first heading. Same paragraph, bold link,\nalt text code *star*.\n\n"
        "Ferry stops here\n\n"
        "1. one\n2. two\n  - inner\n\nsecond paragraph\n\n"
        "quoted text\n\n"
        "Month | Sailings\nJune | 8\n\n"
        "Inside a div.\n\n"
        'print("**kept**")'
    )


def test_markdown_front_matter_is_metadata() -> None:
    source = (
        '---\ntitle: "Harga: naik"\nauthor: Dewi\ndate: 2024-02-17\ntags:\n  - title: x\n---\n# Judul lain\n\nIsi.\n'
    )
    document = parse_markdown(source.encode(), "a.md")
    assert (document.title, document.author, document.published) == ("Harga: naik", "Dewi", "2024-02-17")
    assert document.text == "Judul lain\n\nIsi."
    assert parse_markdown(b"---\n---\nIsi.", "a.md").text == "Isi."
    assert parse_markdown(b"Judul\n---\n\nIsi.", "a.md").title == "Judul"  # a rule below a line makes it a heading


def test_markdown_files_keep_their_ending_in_the_id(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_bytes(b"\xef\xbb\xbf# Judul\r\n\r\nIsi **tebal**.\r\n")
    assert load_articles(tmp_path) == (Article("b.md", "Judul", "Judul\n\nIsi tebal."),)
    (tmp_path / "b.md").write_bytes(b"caf\xe9")
    with pytest.raises(InputError, match=r"b\.md is not UTF-8 text \(byte 3\); save it as UTF-8"):
        load_articles(tmp_path)
    (tmp_path / "b.md").write_bytes(b"<!-- nothing -->\n[a]: b\n")
    with pytest.raises(InputError, match=r"b\.md holds no text; give a file with an article in it"):
        load_articles(tmp_path)


def word_file(path: Path, **properties: str) -> Any:
    """A Word file with a heading, a table, a content control and tracked changes."""
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    document.core_properties.author = properties.get("author", "")
    document.core_properties.title = properties.get("title", "")
    document.sections[0].header.paragraphs[0].text = "Header of every page"
    document.add_paragraph("Laporan\tkhusus")
    document.add_heading("Harga beras", level=1)
    paragraph = document.add_paragraph("Harga ")
    paragraph.add_run("beras").bold = True
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraph._p.append(parse_xml(f"<w:del {space}><w:r><w:delText> tidak</w:delText></w:r></w:del>"))
    paragraph._p.append(
        parse_xml(f'<w:ins {space}><w:r><w:t xml:space="preserve"> naik</w:t><w:br/><w:t>lagi.</w:t></w:r></w:ins>')
    )
    table = document.add_table(rows=2, cols=3)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells),
        ["Kota", "Harga", "", "Solo", "15.000", "rupiah"],
        strict=True,
    ):
        cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    document.element.body.insert(
        0, parse_xml(f'<w:sdt {space}><w:sdtContent><w:p><w:r><w:t>Di dalam kotak.</w:t></w:r></w:p></w:sdtContent></w:sdt>')
    )  # fmt: skip
    document.save(str(path))
    return document


def test_a_word_file_is_read_in_order(tmp_path: Path) -> None:
    word_file(tmp_path / "a.docx", author="Dewi")
    (article,) = load_articles(tmp_path)
    assert article.text == (
        "Di dalam kotak.\n\nLaporan\tkhusus\n\nHarga beras\n\nHarga beras naik\nlagi.\n\n"
        "Kota | Harga\nSolo | 15.000 | rupiah"
    )
    assert (article.id, article.title, article.author, article.published) == ("a.docx", "Harga beras", "Dewi", None)
    assert article.page(0) is None


def test_the_title_of_a_word_file(tmp_path: Path) -> None:
    document = word_file(tmp_path / "a.docx", title="Judul berkas")
    document.add_heading("Judul besar", level=0)
    document.save(str(tmp_path / "a.docx"))
    assert load_articles(tmp_path)[0].title == "Judul besar"
    import docx

    plain = docx.Document()
    plain.core_properties.title = "Judul berkas"
    plain.add_paragraph("Isi.")
    plain.save(str(tmp_path / "a.docx"))
    (article,) = load_articles(tmp_path)
    assert (article.title, article.text) == ("Judul berkas", "Isi.")


def lines(*records: object) -> bytes:
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)


def test_json_lines_are_articles() -> None:
    full = {"id": "x", "title": "T", "text": "Satu.\r\n", "url": "https://a.example/", "published": "2024-01-02", "author": "A", "site": "S"}  # fmt: skip
    data = b"\xef\xbb\xbf" + lines(full | {"tags": [1]}, b"", {"text": "Judul\n\nDua.", "id": 7, "title": None}, {"text": "Tiga\u2028!", "id": "x"}, {"text": " Empat"})[:-1]  # fmt: skip
    assert load_bytes(data, "berita.jsonl") == (
        Article("x", "T", "Satu.\r\n", "https://a.example/", "2024-01-02", "A", "S"),
        Article("7", "Judul", "Judul\n\nDua."),
        Article("x-2", "", "Tiga\u2028!"),
        Article("berita.jsonl:5", "", " Empat"),
    )


def test_bad_lines_are_skipped_by_number(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        lines(
            b"{", {"text": "Satu."}, [1], {"title": "no text"}, {"text": " "}, {"text": 5}, {"text": "a", "url": 1},
            b'{"text": "\\ud800"}', b"\xff", {"text": "a\0b"}, {"text": "x" * 101},
        )
    )  # fmt: skip
    skipped: list[str] = []
    (article,) = load_articles(
        tmp_path, limits=Limits(characters=100), on_skip=lambda error: skipped.append(str(error))
    )
    assert article == Article("a.jsonl:2", "", "Satu.")
    name = f"{tmp_path}/a.jsonl"
    assert skipped[1:] == [
        f"{name}, line 3: it is not an object but '[1]'; write one object a line",
        f"{name}, line 4: it has no text; give each line a key 'text'",
        f"{name}, line 5: it has no text; give each line a key 'text'",
        f"{name}, line 6: its 'text' is '5', not a string",
        f"{name}, line 7: its 'url' is '1', not a string",
        f"{name}, line 8: article 'a.jsonl:8' has half a character (a lone surrogate) at 0 of '\\ud800'; decode it with errors='replace'",
        f"{name}, line 9: it is not UTF-8 (byte 0); save the file as UTF-8",
        f"{name}, line 10: its text is binary (it holds NUL characters)",
        f"{name}, line 11: its text has 101 characters, more than 100; split it into articles",
    ]  # fmt: skip
    assert skipped[0].startswith(f"{name}, line 1: it is not JSON (Expecting property name")
    with pytest.raises(InputError, match=r"a\.jsonl, line 1: it is not JSON"):
        load_articles(tmp_path, strict=True)


@pytest.mark.parametrize("key", ["id", "title", "url", "published", "author", "site"])
def test_a_field_is_no_second_text(key: str) -> None:
    assert len(load_bytes(lines({"text": "Isi.", key: "x" * 1_000}), "a.jsonl")) == 1
    with pytest.raises(InputError, match=rf"a\.jsonl, line 1: its '{key}' has 1,001 characters, more than 1,000"):
        load_bytes(lines({"text": "Isi.", key: "x" * 1_001}), "a.jsonl")


def test_fields_of_a_file_that_are_too_long_are_left_out() -> None:
    source = "---\ntitle: {0}\nauthor: {0}\ndate: {0}\n---\nIsi."
    (article,) = load_bytes(source.format("x" * 1_001).encode(), "a.md")
    assert article == Article("a.md", "", "Isi.")
    (article,) = load_bytes(source.format("x" * 1_000).encode(), "a.md")
    assert (article.title, article.author, article.published) == ("x" * 1_000,) * 3


def test_a_file_of_other_lines_is_reported_in_brief() -> None:
    skipped: list[str] = []
    with pytest.raises(InputError, match=r"no article could be read; see what was skipped"):
        load_bytes(lines(*[{"question": "?"}] * 5_000), "q.jsonl", on_skip=lambda error: skipped.append(str(error)))
    assert len(skipped) == 11
    assert skipped[-1] == "q.jsonl: 4,990 more lines hold no article; see the first 10"


def test_json_made_to_harm_is_a_bad_line() -> None:
    limits = Limits(characters=1_000, jsonl_bytes=400_000)
    long = b'{"text": "' + b"x" * 200_000 + b'"}'
    bad = [
        b"[" * 100_000,
        b'{"text": ' + b"9" * 5_000 + b"}",
        b'{"text":' * 10_000,
        long,
        b"1e999",
        b"NaN",
        b"\x00" * 10,
    ]
    skipped: list[str] = []
    articles = load_bytes(
        lines(*bad, {"text": "Satu."}), "a.jsonl", on_skip=lambda e: skipped.append(str(e)), limits=limits
    )
    assert [article.text for article in articles] == ["Satu."]
    assert [error.split(":")[0] for error in skipped] == [f"a.jsonl, line {number}" for number in range(1, 8)]
    assert "line 4: it has more than 112,000 bytes; split the article" in skipped[3]
    articles = load_bytes(
        lines({"text": "Satu."}, *[long] * 3), "a.jsonl", on_skip=lambda e: skipped.append(str(e)), limits=limits
    )
    assert len(articles) == 1
    assert skipped[-1] == "a.jsonl has more than 400,000 bytes; line 4 and what follows it is left out"
    for data in (b"", b"\n \r\n"):
        with pytest.raises(InputError, match=r"a\.jsonl is empty; give a file with an article on each line"):
            load_bytes(data, "a.jsonl")
