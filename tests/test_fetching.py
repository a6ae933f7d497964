"""What is tried with links, and what happens. The web is a local one; which addresses may be reached is decided by the
real rules, and the tests see which were dialled."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsqa import InputError
from newsqa.articles import load_articles, load_link
from newsqa.articles.addresses import is_public
from newsqa.articles.fetching import Fetcher
from newsqa.articles.limits import Limits
from web import PUBLIC, Web, local_web, redirect, response

ARTICLES = Path(__file__).parent / "data" / "articles"
PAGE = (ARTICLES / "banjir.html").read_bytes()
HTML_HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture
def web() -> Iterator[Web]:
    with local_web() as served:
        yield served


def test_a_page_is_fetched_from_the_address_that_was_checked(web: Web) -> None:
    web.pages["/banjir?p=1"] = response(PAGE)
    article = load_link(" http://news.example/banjir?p=1#komentar\n", fetcher=web.fetcher())
    assert article.title == "Tanggul Jebol, 1.200 Warga Desa Sumberejo Mengungsi"
    assert (article.author, article.published, article.site) == ("Dwi Astuti", "2024-02-17", "Kabar Pesisir")
    assert article.id == "http://news.example/banjir?p=1#komentar"
    assert article.url == "http://news.example/banjir?p=1"
    assert (web.resolved, web.dialled) == (["news.example"], [(PUBLIC, 80)])
    (request,) = web.requests
    head, *headers = request.decode().strip().split("\r\n")
    assert head == "GET /banjir?p=1 HTTP/1.1"
    assert {header.split(":")[0] for header in headers} == {
        "Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"
    }  # fmt: skip
    assert "Host: news.example" in headers


def test_https_checks_the_certificate_against_the_name(web: Web) -> None:
    web.names["other.example"] = [[PUBLIC]]
    web.pages["/"] = response(b"Satu baris teks.", "text/plain")
    article = load_link("https://news.example/", fetcher=web.fetcher())
    assert (article.text, article.site) == ("Satu baris teks.", "news.example")
    assert (web.dialled, web.server_names) == ([(PUBLIC, 443)], ["news.example"])
    with pytest.raises(InputError, match=r"cannot be fetched \(its certificate is not valid: Hostname mismatch"):
        web.fetcher().fetch("https://other.example/")
    with pytest.raises(
        InputError, match=r"cannot be fetched \(its certificate is not valid: unable to get local issuer"
    ):
        Fetcher(resolve=web.resolve, connect=web.connect).fetch("https://news.example/")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("file:///etc/passwd", "does not begin with http:// or https://"),
        ("ftp://news.example/a", "does not begin with http:// or https://"),
        ("gopher://news.example/_", "does not begin with http:// or https://"),
        ("javascript:alert(1)", "does not begin with http:// or https://"),
        ("/etc/passwd", "does not begin with http:// or https://"),
        ("seeds", "does not begin with http:// or https://"),
        ("http:///etc/passwd", "names no host"),
        ("http://news.example:8080/", "names the port 8080; only 80 and 443 are followed"),
        ("https://news.example:22/", "names the port 22; only 80 and 443 are followed"),
        ("http://news.example:0/", "names the port 0; only 80 and 443 are followed"),
        ("http://news.example:99999/", "is not a link"),
        ("http://user:pass@news.example/", "holds a user name or a password"),
        ("http://news.example:80@127.0.0.1/", "holds a user name or a password"),
        ("http://news.example\\@127.0.0.1/", "holds a blank, a control character or a backslash"),
        ("http://news.example/\r\nX-Header: 1", "holds a blank, a control character or a backslash"),
        ("http://news.example/\ud800", "holds a blank, a control character or a backslash"),
        ("http://news.example/a b", "holds a blank, a control character or a backslash"),
        ("http://2130706433/", "writes an address in an unusual way"),
        ("http://0x7f000001/", "writes an address in an unusual way"),
        ("http://0x7f.0.0.1/", "writes an address in an unusual way"),
        ("http://0177.0.0.1/", "writes an address in an unusual way"),
        ("http://017700000001/", "writes an address in an unusual way"),
        ("http://127.1/", "writes an address in an unusual way"),
        ("http://127.0.0.1./", "writes an address in an unusual way"),
        ("http://127.0.0.0x1/", "writes an address in an unusual way"),
        ("http://127.0.0.256/", "writes an address in an unusual way"),
        ("http://１２７.０.０.１/", "is not a link"),
        ("http://①②⑦.0.0.1/", "is not a link"),
        ("http://[fe80::1%25eth0]/", "names no host"),
        ("http://[::1/", "is not a link"),
        ("http://news.example/" + "a" * 2_000, "has 2,020 characters"),
    ],
)
def test_a_link_of_another_form_is_refused_before_anything_is_looked_up(web: Web, link: str, why: str) -> None:
    with pytest.raises(InputError) as refused:
        load_link(link, fetcher=web.fetcher())
    assert str(refused.value) == f"the link {link[:200]!r} {why}; give one such as https://example.org/page"
    assert (web.resolved, web.dialled) == ([], [])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.192",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1", "::5db8:d822", "64:ff9b::7f00:1",
        "64:ff9b::5db8:d822", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1",
        "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:5db8:d822::1", "3fff::1", "5f00::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(web: Web, address: str) -> None:
    assert not is_public(address)
    web.names["inside.example"] = [[address]]
    web.names["mixed.example"] = [[PUBLIC, address]]  # a name server may offer both
    hosts = ["inside.example", "mixed.example"]
    if "%" not in address:
        hosts.append(f"[{address}]" if ":" in address else address)
    for host in hosts:
        with pytest.raises(InputError) as refused:
            web.fetcher().fetch(f"http://{host}/")
        assert str(refused.value).endswith("/ is not on the public internet; give a link to a public page")
        assert host in hosts[2:] or address not in str(refused.value)  # what a name means inside stays inside
    assert web.dialled == []


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC, "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "2001:200::1", "2606:2800:220:1::1", "2a00:1450::1",
    ],
)  # fmt: skip
def test_public_addresses_are_dialled(web: Web, address: str) -> None:
    web.names["public.example"] = [[address]]
    web.pages["/"] = response(b"Teks.", "text/plain")
    assert web.fetcher().fetch("http://public.example/").data == b"Teks."
    assert web.fetcher().fetch(f"http://{f'[{address}]' if ':' in address else address}/").data == b"Teks."
    assert web.dialled == [(address, 80)] * 2


def test_a_second_answer_of_the_name_server_changes_nothing(web: Web) -> None:
    web.names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    web.pages["/"] = response(b"Teks.", "text/plain")
    assert web.fetcher().fetch("http://rebinding.example/").data == b"Teks."
    assert (web.resolved, web.dialled) == (["rebinding.example"], [(PUBLIC, 80)])
    with pytest.raises(InputError, match="is not on the public internet"):
        web.fetcher().fetch("http://rebinding.example/")
    assert len(web.dialled) == 1


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://127.0.0.1/admin", "http://127.0.0.1/admin is not on the public internet"),
        ("//127.0.0.1/admin", "http://127.0.0.1/admin is not on the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "meta-data/ is not on the public internet"),
        ("http://[::1]/", "http://[::1]/ is not on the public internet"),
        ("http://inside.example/", "http://inside.example/ is not on the public internet"),
        ("http://rebinding.example/b", "http://rebinding.example/b is not on the public internet"),
        ("http://2130706433/", "writes an address in an unusual way"),
        ("http://news.example:8080/", "names the port 8080"),
        ("http://user:pass@news.example/", "holds a user name or a password"),
        ("file:///etc/passwd", "does not begin with http:// or https://"),
        ("http://[broken/", "is not a link"),
    ],
)
def test_every_redirect_is_checked_again(web: Web, location: str, message: str) -> None:
    web.names |= {"inside.example": [["10.0.0.7"]], "rebinding.example": [[PUBLIC], ["127.0.0.1"]]}
    web.pages["/a"] = redirect(location)
    with pytest.raises(InputError) as refused:
        web.fetcher().fetch("http://rebinding.example/a")
    assert message in str(refused.value)
    assert web.dialled == [(PUBLIC, 80)]


def test_redirects_lead_to_the_page_but_only_so_many(web: Web) -> None:
    web.names["www.news.example"] = [["93.184.216.35"]]
    web.pages |= {"/a": redirect("//www.news.example/b"), "/b": redirect("berita/\xc3\xa9?x=1")}
    web.pages["/berita/%C3%A9?x=1"] = response(b"Teks.", "text/plain")
    article = load_link("http://news.example/a", fetcher=web.fetcher(redirects=2))
    assert (article.id, article.url) == ("http://news.example/a", "http://www.news.example/berita/%C3%A9?x=1")
    assert web.dialled == [(PUBLIC, 80), ("93.184.216.35", 80), ("93.184.216.35", 80)]
    web.pages["/loop"] = redirect("/loop")
    with pytest.raises(InputError, match=r"http://news\.example/loop redirects more than 5 times"):
        web.fetcher().fetch("http://news.example/loop")
    assert len(web.dialled) == 3 + 6


def test_a_page_is_as_large_as_it_is_unpacked(web: Web) -> None:
    packed = gzip.compress(bytes(50_000_000))
    assert len(packed) < 100_000
    web.pages["/bomb"] = response(packed, "text/html", "Content-Encoding: gzip")
    web.pages["/twice"] = response(gzip.compress(packed), "text/html", "Content-Encoding: gzip, gzip")
    web.pages["/small"] = response(zlib.compress(b"Teks."), "text/plain", "Content-Encoding: deflate")
    web.pages["/damaged"] = response(packed[:-9] + b"!", "text/html", "Content-Encoding: gzip")
    for path in ("/bomb", "/twice"):
        with pytest.raises(InputError, match=r"has more than 100,000 bytes; give a smaller page"):
            web.fetcher(link_bytes=100_000).fetch(f"http://news.example{path}")
    assert web.fetcher(link_bytes=5).fetch("http://news.example/small").data == b"Teks."
    with pytest.raises(InputError, match=r"has more than 4 bytes"):
        web.fetcher(link_bytes=4).fetch("http://news.example/small")


@pytest.mark.parametrize(
    "begin", [HTML_HEADER + b"\r\n", HTML_HEADER + b"Transfer-Encoding: chunked\r\n\r\n", HTML_HEADER + b"Content-Length: 9\r\n\r\n"]
)  # fmt: skip
def test_an_endless_page_is_left(web: Web, begin: bytes) -> None:
    piece = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    web.pages["/"] = web.send_for_ever(begin, piece)
    if b"Length" in begin:
        assert web.fetcher().fetch("http://news.example/").data == b"4000\r\naaa"
    else:
        with pytest.raises(InputError, match=r"has more than 1,000,000 bytes"):
            web.fetcher(link_bytes=1_000_000).fetch("http://news.example/")
    assert web.gave_up.wait(20)


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-",
        HTML_HEADER + b"\r\n",
        HTML_HEADER + b"Transfer-Encoding: chunked\r\n\r\n",
        HTML_HEADER + b"Content-Length: 1000000\r\n\r\n",
    ],
)
def test_a_page_that_drips_is_left(web: Web, begin: bytes) -> None:
    web.pages["/"] = web.send_for_ever(begin, b"1", pause=0.02)
    with pytest.raises(InputError, match=r"http://news\.example/ took longer than 0\.5 s; try again"):
        web.fetcher(link_seconds=0.5).fetch("http://news.example/")
    assert web.gave_up.wait(20)


def test_a_tls_handshake_that_drips_is_left(web: Web) -> None:
    # A record of 16 kB, a byte at a time.
    web.tls_answer = web.send_for_ever(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x03", pause=0.02)
    with pytest.raises(InputError, match=r"took longer than 0\.5 s"):
        web.fetcher(link_seconds=0.5).fetch("https://news.example/")
    assert web.gave_up.wait(20)


def test_redirects_share_the_time_of_one_link(web: Web) -> None:
    def slow(connected: object) -> None:
        web.gave_up.wait(0.2)
        connected.sendall(redirect("/"))  # type: ignore[attr-defined]

    web.pages["/"] = slow
    with pytest.raises(InputError, match=r"took longer than 0\.5 s"):
        web.fetcher(link_seconds=0.5).fetch("http://news.example/")


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/zip", "application/octet-stream", "text/html2", None]
)
def test_only_what_newsqa_reads_is_taken(web: Web, content_type: str | None) -> None:
    web.pages["/"] = web.send_for_ever(
        response(b"", content_type).replace(b"Content-Length: 0\r\n", b""), b"a" * 10_000
    )
    with pytest.raises(InputError, match=rf"is '{content_type or 'unknown/unknown'}', which newsqa does not read"):
        web.fetcher().fetch("http://news.example/")
    assert web.gave_up.wait(20)


def test_what_cannot_be_fetched_is_named(web: Web) -> None:
    web.pages["/drop"] = lambda connected: connected.close()
    web.pages["/cut"] = response(PAGE)[:-10]
    web.pages["/noise"] = b"SSH-2.0-OpenSSH_9.2\r\n"
    web.pages["/damaged"] = response(b"no gzip", "text/html", "Content-Encoding: gzip")
    for link, reason in {
        "http://news.example/none": "status 404",
        "http://nowhere.example/": "no such host",
        "http://news.example/drop": "the answer broke off, or is no HTTP",
        "http://news.example/cut": "the answer broke off, or is no HTTP",
        "http://news.example/noise": "the answer broke off, or is no HTTP",
        "http://news.example/damaged": "its compression is damaged",
    }.items():
        with pytest.raises(InputError) as failed:
            web.fetcher().fetch(link)
        assert reason in str(failed.value), link
        assert str(failed.value).startswith(f"{link} cannot be fetched (")


def test_another_address_is_tried_where_one_does_not_answer(web: Web) -> None:
    web.names["news.example"] = [["2606:2800:220:1::1", PUBLIC]]
    web.refusing = {"2606:2800:220:1::1"}
    web.pages["/"] = response(b"Teks.", "text/plain")
    assert web.fetcher().fetch("http://news.example/").data == b"Teks."
    assert web.dialled == [("2606:2800:220:1::1", 80), (PUBLIC, 80)]
    web.refusing |= {PUBLIC}
    with pytest.raises(InputError, match=r"http://news\.example/ cannot be fetched \(Connection refused\)"):
        web.fetcher().fetch("http://news.example/")


def test_proxies_of_the_environment_are_not_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    web.pages["/"] = response(b"Teks.", "text/plain")
    assert web.fetcher().fetch("http://news.example/").data == b"Teks."
    assert web.dialled == [(PUBLIC, 80)]


def test_this_machine_cannot_be_reached_by_its_name() -> None:
    with pytest.raises(InputError, match=r"http://localhost/ is not on the public internet"):
        Fetcher().fetch("http://localhost/")


def test_links_and_files_are_read_together(web: Web) -> None:
    web.pages["/tides.pdf"] = response((ARTICLES / "tides.pdf").read_bytes(), "application/pdf")
    skipped: list[InputError] = []
    links = ["http://news.example/tides.pdf", "http://10.0.0.1/", str(ARTICLES / "ferry.html")]
    articles = load_articles(links, on_skip=skipped.append, fetcher=web.fetcher())
    assert [article.id for article in articles] == ["http://news.example/tides.pdf", "ferry.html"]
    assert articles[0].title == "A village that lives by the tide"
    assert articles[0].page(articles[0].text.index("footbridge")) == 4
    assert list(map(str, skipped)) == ["http://10.0.0.1/ is not on the public internet; give a link to a public page"]
    with pytest.raises(InputError, match=r"http://10\.0\.0\.1/ is not on the public internet"):
        load_articles(links, strict=True, fetcher=web.fetcher())
    with pytest.raises(InputError, match=r"tides\.pdf has 4 pages, more than 3; split it"):
        load_link(links[0], limits=Limits(pages=3), fetcher=web.fetcher())


def test_the_charset_of_a_page_comes_from_its_header_first(web: Web) -> None:
    page = (
        PAGE.decode()
        .replace("“Air datang", "Ää air datang")
        .replace('<meta charset="utf-8">', '<meta charset="utf-16">')
    )
    web.pages["/"] = response(page.encode("cp1252"), "text/html; charset=ISO-8859-1")
    assert "Ää air datang pukul sepuluh malam, dan" in load_link("http://news.example/", fetcher=web.fetcher()).text
