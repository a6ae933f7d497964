"""Readers' own articles on the page, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from browser import browser_test
from fake_chat import FakeQA
from newsqa import InputError, NewsQA
from newsqa.articles.fetching import Fetched, Fetcher
from newsqa.serving import PageLimits
from newsqa.ui.incoming import Incoming

DATA = Path(__file__).parent / "data" / "articles"
LIMITS = PageLimits(links=True, upload_bytes=200_000, article_characters=20_000, session_articles=3)
TEA = "Harga teh\n\nTeh Malino naik menjadi 9.000 rupiah. Petani senang."


class FakeFetcher(Fetcher):
    """A web of one page."""

    def fetch(self, link: str) -> Fetched:
        if link != "https://news.example/teh":
            raise InputError("no", "unreachable")
        return Fetched(link, "news.example", "text", "utf-8", TEA.encode())


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    from newsqa.ui import serve

    incoming = Incoming(LIMITS, True, FakeFetcher())
    blocks = serve(cast(NewsQA, FakeQA()), limits=LIMITS, incoming=incoming, block=False)
    yield blocks.local_url
    blocks.close()


def notice(visitor: Any, text: str) -> None:
    """Wait until the page says ``text`` of the adding."""
    visitor.page.wait_for_function(
        "text => document.querySelector('#newsqa-notice')?.innerText.includes(text)", arg=text
    )


def opened(visitor: Any, tab: str) -> Any:
    """The page with the box for adding and its tab of that name open."""
    open_box(visitor)
    visitor.page.get_by_role("tab", name=tab).click()
    return visitor.page


def open_box(visitor: Any) -> None:
    """Open the box for adding, which closes after each article."""
    if not visitor.page.locator("#newsqa-choose, #newsqa-add-text, #newsqa-add-link").locator("visible=true").count():
        visitor.page.locator("#newsqa-add > button").click()


def upload(visitor: Any, *files: Any) -> None:
    for file in files:
        visitor.page.set_input_files("#newsqa-file input", file)


def file_of(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def paste(visitor: Any, title: str, text: str) -> None:
    open_box(visitor)
    visitor.page.fill("#newsqa-title textarea, #newsqa-title input", title)
    visitor.page.fill("#newsqa-text textarea", text)
    visitor.page.click("#newsqa-add-text")


@browser_test
@pytest.mark.parametrize(
    ("locale", "said"),
    [("en-US", "“Air pasang” has been added."), ("id-ID", "“Air pasang” sudah ditambahkan.")],
)
def test_a_pasted_text_is_asked_and_shown(visit: Any, locale: str, said: str) -> None:
    visitor = visit(locale=locale)
    page = opened(visitor, "Text" if locale == "en-US" else "Teks")
    paste(visitor, "Air pasang", "Banjir rob merendam Semarang. Warga mengungsi.")
    notice(visitor, said)
    assert page.locator("#newsqa-notice").get_attribute("role") == "status"
    assert page.input_value("#newsqa-text textarea") == ""
    assert page.locator("#newsqa-article h2").inner_text() == "Air pasang"
    assert page.input_value("#newsqa-choice input").endswith("Air pasang")
    assert visitor.ask("Apa yang terjadi?").startswith("Banjir rob [1]")
    assert page.locator("mark.newsqa-cited").inner_text() == "Banjir rob merendam Semarang.1"


@browser_test
def test_files_of_every_kind_are_read(visit: Any) -> None:
    visitor = visit(locale="en-US")
    opened(visitor, "File")
    upload(visitor, DATA / "tides.pdf")
    notice(visitor, "has been added")
    upload(visitor, DATA / "banjir.html")
    visitor.page.wait_for_function("() => /banjir|Banjir/.test(document.querySelector('#newsqa-article').innerText)")
    upload(visitor, file_of("teh.md", b"# Teh\n\n**Teh** naik."))
    notice(visitor, "“Teh” has been added")
    assert visitor.page.locator("#newsqa-article strong").count() == 0


@browser_test
def test_a_link_is_followed_where_links_are_on(visit: Any) -> None:
    visitor = visit(locale="id-ID")
    page = opened(visitor, "Tautan")
    page.fill("#newsqa-link textarea, #newsqa-link input", "https://news.example/none")
    page.click("#newsqa-add-link")
    notice(visitor, "Halaman di tautan ini tidak dapat dijangkau.")
    page.fill("#newsqa-link textarea, #newsqa-link input", "https://news.example/teh")
    page.press("#newsqa-link textarea, #newsqa-link input", "Enter")
    notice(visitor, "“Harga teh” sudah ditambahkan.")
    assert page.locator(".newsqa-about").inner_text() == "news.example"


@browser_test
def test_what_cannot_be_read_is_said_and_the_page_stays_usable(visit: Any) -> None:
    visitor = visit(locale="en-US")
    opened(visitor, "File")
    upload(visitor, file_of("a.exe", b"MZ"))
    notice(visitor, "I read text, Markdown, HTML, PDF and Word files")
    upload(visitor, file_of("a.txt", b"x" * 200_001))
    notice(visitor, "This is too large: I take files of up to 0.2 MB and articles of up to 20,000 characters.")
    upload(visitor, file_of("a.txt", b"\xff\xfe\x00"))
    notice(visitor, "This is not a readable text file.")
    upload(visitor, file_of("a.txt", b""))
    notice(visitor, "I found no article text in it.")
    upload(visitor, file_of("a.pdf", b"%PDF-1.4 nothing"))
    notice(visitor, "It cannot be read; it may be damaged.")
    assert visitor.ask("Why is rice dear?").endswith("[2]")


@browser_test
def test_the_reader_chooses_what_is_asked(visit: Any) -> None:
    visitor = visit(locale="en-US")
    opened(visitor, "Text")
    visitor.ask("Why is rice dear?")
    paste(visitor, "Kopi", "Kopi Toraja laris. Semua habis.")
    notice(visitor, "“Kopi” has been added.")
    assert visitor.ask("When?") == "Kopi Toraja [1]"
    # The conversation went on, but this question does not lean on one about another article.
    assert visitor.page.locator("#newsqa-chat [data-testid=user]").count() == 2
    assert visitor.last.locator(".newsqa-understood").count() == 0
    paste(visitor, "Teh", "Teh Malino laris. Semua habis.")
    notice(visitor, "“Teh” has been added.")
    choose(visitor, "All of my articles")
    visitor.ask("Siapa Toraja?")
    choose(visitor, "Harga <b>beras</b>")
    assert visitor.page.locator("#newsqa-remove").count() == 0
    assert visitor.ask("Why?").endswith("[2]")
    choose(visitor, "Mine: Kopi")
    visitor.page.click("#newsqa-remove")
    notice(visitor, "“Kopi” has been removed.")
    assert visitor.page.locator("#newsqa-chat [data-testid=user]").count() == 0
    visitor.page.click("#newsqa-choice input")
    options = visitor.page.get_by_role("option").all_inner_texts()
    assert [option.split("\n")[-1] for option in options] == ["Harga <b>beras</b>", "Mine: Teh"]


def choose(visitor: Any, name: str) -> None:
    visitor.page.click("#newsqa-choice input")
    visitor.page.get_by_role("option").filter(has_text=name).click()
    visitor.page.wait_for_function("name => document.querySelector('#newsqa-choice input').value === name", arg=name)
    visitor.page.wait_for_timeout(500)


@browser_test
def test_one_reader_does_not_see_what_another_has_added(visit: Any) -> None:
    first, second = visit(locale="en-US"), visit(locale="en-US")
    opened(first, "Text")
    paste(first, "Rahasia", "Rahasia besar terbongkar. Semua kaget.")
    notice(first, "“Rahasia” has been added.")
    assert "Rahasia" not in second.page.content()
    assert second.ask("Why is rice dear?").endswith("[2]")
    assert "Rahasia" not in second.page.content()


@browser_test
def test_no_more_than_a_few_articles_and_none_twice(visit: Any) -> None:
    visitor = visit(locale="id-ID")
    opened(visitor, "Teks")
    for number in range(3):
        paste(visitor, f"Judul {number}", f"Kabar nomor {number} tiba. Semua senang.")
        notice(visitor, f"“Judul {number}” sudah ditambahkan.")
    paste(visitor, "Judul 3", "Kabar nomor 3 tiba. Semua senang.")
    notice(visitor, "Anda sudah menambahkan 3 artikel dan tidak bisa menambah lagi.")


@browser_test
def test_hostile_names_and_texts_are_text(visit: Any) -> None:
    visitor = visit(locale="en-US")
    opened(visitor, "File")
    attack = "<img src=x onerror=alert(1)>"
    upload(visitor, file_of(f"{attack}\u202etxt.exe.txt".replace("/", ""), f"{attack} naik.\u202e Semua.".encode()))
    notice(visitor, f"“{attack}\ufffdtxt.exe” has been added.")
    assert visitor.page.locator(".newsqa-text").inner_text() == f"{attack} naik.\ufffd Semua."
    assert visitor.page.locator("#newsqa-article img, #newsqa-notice img").count() == 0
    assert "\u202e" not in visitor.page.locator("body").inner_text()
    visitor.ask("Apa yang naik?")
    assert visitor.page.locator("#newsqa-chat .message img").count() == 0


@browser_test
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_adding_fits_a_phone(visit: Any, scheme: str) -> None:
    visitor = visit(locale="id-ID", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    opened(visitor, "Teks")
    paste(visitor, "Judul " * 30, "Kabar " * 100)
    notice(visitor, "sudah ditambahkan.")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390


@browser_test
def test_the_box_for_adding_closes_after_an_article_and_only_then(visit: Any) -> None:
    visitor = visit(locale="id-ID", viewport={"width": 390, "height": 844})
    page = opened(visitor, "Teks")
    page.click("#newsqa-add-text")
    notice(visitor, "Saya tidak menemukan teks artikel di dalamnya.")
    assert page.locator("#newsqa-text").is_visible()
    for number in range(2):  # also when it was opened again
        paste(visitor, f"Judul {number}", f"Kabar nomor {number} tiba. Semua senang.")
        notice(visitor, f"“Judul {number}” sudah ditambahkan.")
        page.wait_for_selector("#newsqa-text", state="hidden")
        assert page.locator("#newsqa-add-note").is_hidden()
    opened(visitor, "Berkas")
    upload(visitor, file_of("teh.txt", TEA.encode()))
    notice(visitor, "“Harga teh” sudah ditambahkan.")
    page.wait_for_selector("#newsqa-choose", state="hidden")
