"""Files that are made to do harm, and the process in which they are parsed."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import signal
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from newsqa import Article, InputError
from newsqa.articles import Limits, load_bytes
from newsqa.articles.parsing import Parser
from newsqa.articles.word import check_zip

ARTICLES = Path(__file__).parent / "data" / "articles"
LIMITS = Limits(seconds=20, memory_bytes=400_000_000, unpacked_bytes=20_000_000)


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(LIMITS) as started:
        yield started


def pdf(*objects: bytes) -> bytes:
    """A PDF of numbered objects, the first the catalog."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        count, table, count, len(data)
    )  # fmt: skip


def stream_pdf(content: bytes) -> bytes:
    """One page that draws what ``content`` unpacks to."""
    return pdf(
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources <</Font <</F 5 0 R>> >> >>",
        b"<</Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream" % (len(content), content),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    )


def many_pages() -> bytes:
    """Thirty nodes, each with the next one twice as its children: 2**29 pages in 3 kB."""
    nodes = [b"<</Type /Pages /Kids [%d 0 R %d 0 R] /Count 536870912>>" % (n, n) for n in range(3, 32)]
    return pdf(b"<</Type /Catalog /Pages 2 0 R>>", *nodes, b"<</Type /Page /MediaBox [0 0 9 9]>>")


def word(document: bytes, **members: bytes) -> bytes:
    """A Word file with ``document`` as its text."""
    import docx

    stream = io.BytesIO()
    docx.Document().save(stream)
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, document if name == "word/document.xml" else source.read(name))
        for name, data in members.items():
            target.writestr(name, data)
    return made.getvalue()


SPACE = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><w:document %s><w:body><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:body></w:document>" % SPACE
)
FILE_ENTITY = (
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b"<w:document %s><w:body><w:p><w:r><w:t>Isi.&f;</w:t></w:r></w:p></w:body></w:document>" % SPACE
)
DEEP = b"<w:document %s><w:body>%s%s</w:body></w:document>" % (SPACE, b"<w:ins>" * 50_000, b"</w:ins>" * 50_000)


def lying(data: bytes) -> bytes:
    """The zip archive ``data``, which now declares one byte for each member."""
    changed = bytearray(data)
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.find(signature)
        while at >= 0:
            struct.pack_into("<I", changed, at + place, 1)
            at = data.find(signature, at + 4)
    return bytes(changed)


def overlapping(copies: int, size: int) -> bytes:
    """A zip archive whose members all are the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(size))
        archive.filelist *= copies
    return stream.getvalue()


def test_zip_bombs_are_refused_before_they_are_unpacked() -> None:
    bomb = word(b"<x/>", **{"word/media/a.bmp": bytes(30_000_000)})
    assert len(bomb) < 100_000
    refused = r"a\.docx unpacks to more than 20,000,000 bytes; it may be a zip bomb"
    for data in (bomb, overlapping(5_001, 1), overlapping(300, 100_000)):
        with pytest.raises(InputError, match=refused):
            check_zip(data, "a.docx", LIMITS)
    with pytest.raises(InputError, match=r"a\.docx is not a Word file, or damaged \(Bad CRC-32 for file"):
        check_zip(lying(bomb), "a.docx", LIMITS)
    with pytest.raises(InputError, match=r"a\.docx is not a Word file, or damaged \(File is not a zip file\)"):
        check_zip(b"\xd0\xcf\x11\xe0 what Word encrypts", "a.docx", LIMITS)
    encrypted = bytearray(word(b"<x/>"))
    for signature, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        encrypted[encrypted.index(signature) + place] |= 1
    with pytest.raises(InputError, match=r"a\.docx is encrypted; save it without a password"):
        check_zip(bytes(encrypted), "a.docx", LIMITS)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "a.docx",
            word(b"<x/>", **{"word/media/a.bmp": bytes(30_000_000)}),
            "unpacks to more than 20,000,000 bytes; it may be a zip bomb",
        ),
        ("a.docx", word(LAUGHS), "cannot be read (XMLSyntaxError: Maximum entity amplification"),
        ("a.docx", word(DEEP), "cannot be read (XMLSyntaxError: Excessive depth"),
        ("a.docx", b"PK\x05\x06" + bytes(18), "cannot be read ("),
        ("a.pdf", stream_pdf(zlib.compress(bytes(900_000_000), 9)), "cannot be read (LimitReachedError"),
        ("a.pdf", many_pages(), "cannot be read (LimitReachedError"),
        ("a.pdf", b"%PDF-1.7\n", "cannot be read ("),
        ("a.html", b"<div>" * 100_000 + b"x", "holds no article text"),
        ("a.html", b"\x1f\x8b\x08" + zlib.compress(bytes(1_000_000)), "holds no article text"),
        ("a.md", b"[" * 5_000, None),
        ("a.md", b"> " * 20_000, "holds no text"),
        ("a.txt", b"a" + b" " * 1_000_000 + b"b", None),
        ("a.txt", b" \n" * 400_000 + b"b" + b"\n " * 400_000, None),
    ],
)
def test_files_made_to_do_harm(parser: Parser, name: str, data: bytes, message: str | None) -> None:
    kind = {"a.md": "markdown"}.get(name, name[2:])
    if message is None:
        read = load_bytes(data, name) if kind == "txt" else [parser.article(kind, data, "a", name)]
        assert len(read) == 1
        return
    with pytest.raises(InputError) as refused:
        parser.article(kind, data, "a", name)
    assert str(refused.value).startswith(f"{name} {message}")


def test_files_of_this_machine_stay_where_they_are(parser: Parser) -> None:
    assert parser.article("docx", word(FILE_ENTITY), "a", "a.docx").text == "Isi."
    page = (ARTICLES / "banjir.html").read_bytes()
    hostile = b'<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + page.replace(b"SUMBEREJO", b"&f;SUMBEREJO")
    assert "root:" not in parser.article("html", hostile, "a", "a.html").text


def test_a_file_that_takes_too_long_is_left_and_the_next_one_read() -> None:
    with Parser(Limits(seconds=4)) as parser:
        with pytest.raises(InputError, match=r"a\.md takes longer than 4 s to read; give a smaller file"):
            parser.article("markdown", b"![a](" * 400_000, "a", "a.md")  # would take hours
        article = parser.article("markdown", b"# Judul\n\nIsi.", "b", "b.md")
        assert article == Article("b", "Judul", "Judul\n\nIsi.")


@pytest.mark.skipif(sys.platform == "win32", reason="there processor time cannot be limited")
def test_a_process_without_its_parent_ends_when_its_processor_time_is_used() -> None:
    data = b"![a](" * 400_000
    header = json.dumps({"kind": "markdown", "name": "a.md", "charset": None, "size": len(data)}).encode()
    command = [sys.executable, "-m", "newsqa.articles.worker", json.dumps(dataclasses.asdict(Limits(seconds=1)))]
    done = subprocess.run(command, input=header + b"\n" + data, capture_output=True, timeout=300)
    assert (done.returncode, done.stdout) == (-signal.SIGXCPU, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the address space cannot be limited")
def test_a_file_that_takes_too_much_memory_is_left_and_the_next_one_read() -> None:
    with Parser(Limits(seconds=20, memory_bytes=100_000_000)) as parser:
        with pytest.raises(InputError, match=r"a\.pdf needs more than 100,000,000 bytes of memory to read"):
            parser.article("pdf", stream_pdf(zlib.compress(bytes(70_000_000))), "a", "a.pdf")
        assert parser.article("markdown", b"Isi.", "b", "b.md").text == "Isi."


def test_a_process_that_breaks_down_is_an_error() -> None:
    with Parser(Limits(memory_bytes=1)) as parser, pytest.raises(InputError, match=r"^a\.md "):
        parser.article("markdown", b"Isi.", "a", "a.md")


def test_too_long_a_text_is_refused(parser: Parser) -> None:
    data = b"Kata. " * 1_000
    for name in ("a.txt", "a.md", "a.html"):
        content = (
            b"<article>" + b"<p>" + data[:3000] + b"<p>Dan " + data[:3000] + b"</article>" if name == "a.html" else data
        )
        with pytest.raises(InputError, match=rf"{name} has [56],\d{{3}} characters, more than 5,000; split it"):
            load_bytes(content, name, limits=Limits(characters=5_000))
        with pytest.raises(InputError, match=rf"{name} has more than 5,999 bytes; give a smaller file"):
            load_bytes(content, name, limits=Limits(file_bytes=5_999))


def test_the_process_that_parses_is_small() -> None:
    """It imports none of what makes newsqa large, and only what the format takes."""
    script = (
        "import sys, json; from newsqa.articles.worker import parse; from newsqa.articles.limits import Limits;"
        "loaded = lambda: [m for m in ('torch', 'gradio', 'numpy', 'faiss', 'pypdf', 'docx', 'trafilatura', 'lxml',"
        " 'markdown_it', 'urllib3') if m in sys.modules];"
        "before = loaded(); parse('pdf', open(sys.argv[1], 'rb').read(), 'a', None, Limits()); print(json.dumps([before, loaded()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(ARTICLES / "tides.pdf")], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [[], ["pypdf"]]


SEEDS = {
    "pdf": [(ARTICLES / "tides.pdf").read_bytes(), many_pages()[:900]],
    "docx": [word(b"<w:document %s><w:body><w:p><w:r><w:t>Isi.</w:t></w:r></w:p></w:body></w:document>" % SPACE)],
    "html": [(ARTICLES / "banjir.html").read_bytes(), (ARTICLES / "ferry.html").read_bytes()],
    "markdown": [b"---\ntitle: a\n---\n# b\n\n- c\n  1. d\n\n| e | f |\n|---|---|\n| g | h |\n\n> i\n\n```\nj\n```\n"],
    "jsonl": [b'{"id": 1, "text": "a\\u00e9", "title": null, "url": "b", "published": "c"}\n' * 3],
    "text": ["\ufeffJudul\r\n\r\nIsi “ini”.\u2028\r\n".encode()],
}
ENDINGS = {"markdown": "md", "text": "txt"}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A kind of file, and such a file with pieces changed, repeated, cut out and put in; or just bytes."""
    kind = draw(st.sampled_from(sorted(SEEDS)))
    data = bytearray(draw(st.one_of(st.sampled_from(SEEDS[kind]), st.binary(max_size=300))))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.integers(0, 40))
        filling = draw(st.one_of(st.binary(max_size=20), st.just(bytes(data[start:end]) * 3)))
        data[start:end] = filling
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    return kind, bytes(data)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(damaged())
@example(("pdf", b""))
@example(("docx", b""))
@example(("html", b""))
@example(("html", b"\xfe\xff"))
@example(("markdown", b"\x00"))
def test_any_file_is_an_article_or_an_input_error(parser: Parser, file: tuple[str, bytes]) -> None:
    kind, data = file
    name = f"a.{ENDINGS.get(kind, kind)}"
    articles: tuple[Article, ...] = ()
    with contextlib.suppress(InputError):
        if kind in ("text", "jsonl"):
            articles = load_bytes(data, name, limits=LIMITS, on_skip=lambda error: None)
        else:
            articles = (parser.article(kind, data, "a", name),)
    assert all(article.text.strip() for article in articles)
