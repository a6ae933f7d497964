"""PDFs: the order of the text, paragraphs, broken words, pages. The files in tests/data/articles were printed by
Chromium (tests/print_pdfs.py)."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from newsqa import InputError
from newsqa.articles import Limits, load_articles
from newsqa.articles.pdf import parse_pdf
from newsqa.articles.pdf_text import Line, Page, running_text

ARTICLES = Path(__file__).parent / "data" / "articles"


def test_two_columns_on_two_pages() -> None:
    (article,) = load_articles(ARTICLES / "pasar.pdf")
    assert (article.id, article.title) == ("pasar.pdf", "Pasar Kenanga dibuka kembali setelah dua tahun")
    paragraphs = article.text.split("\n\n")
    assert len(paragraphs) == 9
    assert paragraphs[:2] == [
        "Pasar Kenanga dibuka kembali setelah dua tahun",
        "Wali Kota Suryadi meresmikan kembali Pasar Kenanga pada Sabtu pagi, dua tahun setelah kebakaran besar "
        "menghanguskan lebih dari empat ratus kios. Pembangunan ulang menelan biaya 86 miliar rupiah dan dikerjakan "
        "oleh perusahaan daerah.",
    ]
    # A word doubled by its own hyphen keeps it at the end of a line; one that typesetting broke does not.
    assert "Anak-anak pedagang boleh bermain" in paragraphs[2]
    assert "Tempat penitipan anak-anak itu" in paragraphs[2]
    assert paragraphs[4].endswith("Pemilik kios wajib mengikutinya.")
    # From the left column to the right one, and on to the next page, within a sentence.
    assert "Ia meminta lampu tambahan dan talang yang lebih besar." in paragraphs[5]
    assert "turun dari 52.000 rupiah seminggu sebelumnya." in paragraphs[7]
    for furniture in ("Harian Kenanga", "Halaman"):
        assert furniture not in article.text


def test_an_offset_knows_its_page() -> None:
    (article,) = load_articles(ARTICLES / "pasar.pdf")
    second = article.text.index("sebelumnya. Pasar dibuka")
    assert article.pages == (0, second)
    assert [article.page(offset) for offset in (0, second - 1, second, len(article.text) - 1)] == [1, 1, 2, 2]
    with pytest.raises(ValueError, match=rf"offset {len(article.text)} is outside article 'pasar\.pdf'"):
        article.page(len(article.text))


def test_hyphens_at_line_ends_and_pages_without_text() -> None:
    (article,) = load_articles(ARTICLES / "tides.pdf")
    assert article.title == "A village that lives by the tide"  # not the file name that its metadata gives
    assert article.text.split("\n\n") == [
        "A village that lives by the tide",
        "The causeway to Skerry Island is open for five hours a day. The local government wants to close it to cars, a "
        "well-known plan that Anglo-Irish drivers of the 31-year campaign call a first step.",
        "Harbour master Ines Calder keeps the old tide tables in a tin box. She has seen four cars drown since March.",
        "“People trust their phones,” she said. The last driver sat on the roof of his van for two hours before the "
        "lifeboat from Port Ellery could reach him, and the well-known sign at the gate had told him so. His van was "
        "sold for scrap a week later.",
        "A footbridge would cost twelve million euros. The council votes on it in May.",
    ]
    scrap = article.text.index("scrap a week later")
    assert article.pages == (0, scrap, scrap, scrap)
    assert [article.page(offset) for offset in (scrap - 1, scrap)] == [1, 4]


def page(*texts: str, x: float = 50, top: float = 100, leading: float = 12, size: float = 10) -> tuple[Line, ...]:
    return tuple(Line(text, x, top + leading * number, size) for number, text in enumerate(texts))


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("peme-", "rintah kota", "pemerintah kota"),
        ("peme\u2010", "rintah", "pemerintah"),
        ("peme \u2010", "rintah", "pemerintah"),
        ("peme\u00ad", "rintah", "pemerintah"),
        ("di Jakarta-", "Bandung", "di Jakarta-Bandung"),
        ("tahun 2020-", "2024", "tahun 2020-2024"),
        ("usia 31-", "tahunan", "usia 31-tahunan"),
        ("Anak-", "anaknya", "Anak-anaknya"),
        ("berlari-", "larian", "berlari-larian"),
        ("kata -", "bukan", "kata - bukan"),
        ("kata -", "- bukan", "kata - - bukan"),
        ("so-", "called", "so-called"),  # as elsewhere in the text
        ("co-", "operation", "cooperation"),  # as elsewhere in the text
        ("ﬁnal", "oﬃce", "final office"),
    ],
)
def test_line_ends(first: str, second: str, joined: str) -> None:
    text, _ = running_text([Page(page("A so-called cooperation", first, second), 800)])
    assert text == f"A so-called cooperation {joined}"


def test_paragraphs_are_told_by_distance_size_indent_and_bullets() -> None:
    lines = (
        *page("Judul", "panjang", size=20, leading=22, top=100),
        *page("Satu dua", "tiga.", "Empat", top=150),
        Line("Menjorok.", 62, 186, 10),
        *page("Jauh di bawah.", top=220),
        *page("• butir satu", "• butir dua", top=232),
        *page("kolom dua", "lanjut.", x=300, top=150),
        *page("kolom tiga", x=500, top=150),
    )
    text, starts = running_text([Page(lines, 800)])
    assert text.split("\n\n") == [
        "Judul panjang",
        "Satu dua tiga. Empat Menjorok.",
        "Jauh di bawah.",
        "• butir satu",
        "• butir dua kolom dua lanjut.",
        "kolom tiga",
    ]
    assert starts == (0,)


def test_headers_and_footers_are_left_out() -> None:
    def sheet(number: int, text: str) -> Page:
        head, foot = Line("Berita", 50, 30, 8), Line(f"hal. {number}", 50, 780, 8)
        return Page((head, foot, *page(text), Line("12", 50, 400, 10)), 800)

    text, starts = running_text([sheet(1, "Satu"), sheet(2, "dua."), Page((), 800), sheet(3, "Tiga"), Page((), 800)])
    # Only in the margins: the number in the middle of every page stays.
    assert text == "Satu\n\n12 dua.\n\n12 Tiga\n\n12"
    assert starts == (0, 9, 18, 18, 26)


def test_no_pages_and_no_lines() -> None:
    assert running_text([]) == ("", ())
    assert running_text([Page((), 800)] * 2) == ("", (0, 0))


def written(pages: int = 1, passwords: tuple[str, str] | None = None) -> bytes:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=ARTICLES / "tides.pdf") if pages == 1 else pypdf.PdfWriter()
    for _ in range(pages if pages > 1 else 0):
        writer.add_blank_page(100, 100)
    if passwords:
        writer.encrypt(*passwords, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            written(passwords=("rahasia", "pemilik")),
            r"a\.pdf is encrypted; save it without a password and without restrictions",
        ),
        (written(passwords=("", "pemilik")), r"a\.pdf is encrypted; save it without a password"),
        (written(7), r"a\.pdf has 7 pages, more than 6; split it"),
        (
            written(5),
            r"a\.pdf holds no text that can be read; if its pages are pictures, run text recognition \(OCR\) first",
        ),
    ],
)
def test_pdfs_that_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_pdf(data, "a.pdf", Limits(pages=6))


def test_metadata_of_a_pdf() -> None:
    import pypdf

    for title, author, expected in [
        ("Judul  dari\nberkas", "Ratna", ("Judul dari berkas", "Ratna")),
        ("untitled", "", ("A village that lives by the tide", None)),
        ("laporan.indd", "\x00", ("A village that lives by the tide", None)),
    ]:
        writer = pypdf.PdfWriter(clone_from=ARTICLES / "tides.pdf")
        writer.add_metadata({"/Title": title, "/Author": author})
        stream = io.BytesIO()
        writer.write(stream)
        document = parse_pdf(stream.getvalue(), "a.pdf", Limits())
        assert (document.title, document.author, document.published) == (*expected, None)
