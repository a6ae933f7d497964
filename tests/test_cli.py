from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import docx
import pytest

from newsqa import InputError, __version__
from newsqa.cli import main
from newsqa.serving import PageLimits

ROOT = Path(__file__).parent.parent
INDEX = str(ROOT / "index")


def run(*arguments: str) -> int:
    """The exit code of ``newsqa arguments``."""
    try:
        main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_ask_prints_the_answer_and_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "--index", INDEX, "Who did Putin call?") == 0
    message, source = capsys.readouterr().out.splitlines()
    assert message.endswith("[1]")
    assert source.startswith(
        "[1] Telepon PM Israel, Putin Bocorkan Obrolan dengan Pimpinan Arab: ERA.id - Presiden Rusia"
    )
    assert source.replace("»", "").replace("«", "").endswith("Benjamin Netanyahu.")
    assert source.count("»") == source.count("«") == 1  # the answer in its sentence


def test_ask_json_is_the_whole_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ask", "--json", "--index", INDEX, "Siapa yang ditelepon Putin?") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["language"] == "id"
    assert answer["abstained"] is False
    assert answer["citations"][0]["sentence"]["start"] == 64


def test_index_then_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "beras.txt").write_text("Harga beras\n\nHarga beras di Jakarta naik menjadi 15.000 rupiah.", "utf-8")
    assert run("index", str(tmp_path / "beras.txt"), "--output", str(tmp_path / "made")) == 0
    assert capsys.readouterr().out == f"1 article(s), 1 passages -> {tmp_path / 'made'}\n"
    assert run("ask", "--index", str(tmp_path / "made"), "Berapa harga beras di Jakarta?") == 0
    message, source = capsys.readouterr().out.splitlines()
    assert "15.000" in message
    assert message.endswith("[1]")
    assert source.startswith("[1] Harga beras: Harga beras di Jakarta naik menjadi ")


def test_index_does_only_what_changed_and_questions_may_be_limited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    news, made = tmp_path / "berita.jsonl", str(tmp_path / "made")

    def index(*articles: tuple[str, str, str]) -> str:
        lines = [json.dumps({"id": name, "published": day, "text": text}) for name, day, text in articles]
        news.write_text("\n".join(lines), "utf-8")
        assert run("index", str(news), "--output", made) == 0
        return capsys.readouterr().out.removesuffix("\n")

    rice = ("beras", "2024-03-01", "Harga beras di Jakarta naik menjadi 15.000 rupiah.")
    quake = ("gempa", "2024-03-05", "Gempa mengguncang Lombok dan 12 rumah rusak.")
    later = ("gempa", "2024-03-06", "Gempa mengguncang Lombok dan 15 rumah rusak.")
    chili = ("cabai", "2024-03-07", "Harga cabai di Jakarta turun menjadi 40.000 rupiah.")
    assert index(rice, quake) == f"2 article(s), 2 passages -> {made}"
    assert index(rice, quake) == f"2 article(s), 2 passages -> {made} (nothing changed)"
    assert index(later, chili, ("lagi", "", chili[2])) == (
        f"2 article(s), 2 passages -> {made} (1 new, 1 changed, 1 removed, 1 left out: the same text as another)"
    )
    ask = ("ask", "--reader", "sentence", "--index", made, "Berapa harga cabai di Jakarta?")
    assert run(*ask, "--article", "cabai", "--from", "2024-03-07", "--to", "2024-03-07") == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("[1] cabai: Harga cabai di Jakarta turun")
    assert run(*ask, "--to", "2024-03-01") == 0
    assert capsys.readouterr().out == "Artikel-artikel ini tidak menyebutkannya.\n"
    assert run(*ask, "--from", "kemarin") == 1
    assert capsys.readouterr().err == "newsqa: 'kemarin' is not a date; write it as 2024-03-01\n"
    assert run(*ask, "--article", "beras") == 1
    assert capsys.readouterr().err == "newsqa: there is no article 'beras' to ask; give ids of articles in the index\n"


def test_index_of_many_formats_names_the_page_and_what_it_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad\x1b[31m.html").write_bytes(b"\xff")
    (tmp_path / "berita.jsonl").write_text('{"text": "Harga beras naik."}\n{"title": "?"}\n', "utf-8")
    made = str(tmp_path / "made")
    assert run("index", str(ROOT / "tests/data/articles"), str(tmp_path), "--output", made) == 0
    out, err = capsys.readouterr()
    assert out.startswith("5 article(s), ")
    assert out.endswith(f" passages -> {made}\n")
    assert err.splitlines() == [
        f"newsqa: skipped: {tmp_path}/bad\ufffd[31m.html holds no article text; give the page of one article, or its text",
        f"newsqa: skipped: {tmp_path}/berita.jsonl, line 2: it has no text; give each line a key 'text'",
    ]
    assert run("ask", "--index", made, "How much would a footbridge cost?") == 0
    message, source = capsys.readouterr().out.splitlines()
    assert message == "twelve million euros [1]"
    assert source == "[1] A village that lives by the tide, page 4: A footbridge would cost »twelve million euros«."
    assert run("ask", "--index", made, "--json", "Berapa harga cabai rawit?") == 0
    (citation,) = json.loads(capsys.readouterr().out)["citations"]
    assert (citation["article"]["id"], citation["page"]) == ("pasar.pdf", 1)


def test_an_article_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_bytes(
        "Harga\x1b[2J\r\n\r\nHarga beras\u202e naik\r\nmenjadi\t15.000 rupiah\x9b.".encode()
    )
    assert run("index", str(tmp_path), "--output", str(tmp_path / "made")) == 0
    capsys.readouterr()
    assert run("ask", "--index", str(tmp_path / "made"), "Berapa harga beras?") == 0
    _, source = capsys.readouterr().out.splitlines()
    assert source.replace("»", "").replace("«", "") == (
        "[1] Harga\ufffd[2J: Harga beras\ufffd naik menjadi 15.000 rupiah\ufffd."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "--index", INDEX, ""], "newsqa: the question is empty; ask something, such as: Who did Putin call?"),
        (
            ["ask", "--index", INDEX, "a" * 10_000],
            "newsqa: the question has 10,000 characters, more than 1,000; ask a shorter one",
        ),
        (
            ["ask", "--index", "{tmp}/none", "Who?"],
            "newsqa: no index in {tmp}/none (manifest.json is missing); make one with: newsqa index",
        ),
        (["index", "{tmp}"], "newsqa: the folder {tmp} holds no article; give a folder with .txt, .md, "),
        (["index", "{tmp}/a.bin"], "newsqa: {tmp}/a.bin is not UTF-8 text (byte 0); save it as UTF-8"),
        (["index", "{tmp}/none"], "newsqa: {tmp}/none does not exist; give a file, a folder, a glob or a link"),
        (["index", "{tmp}/*.pdf"], "newsqa: {tmp}/*.pdf matches no .txt, .md, "),
        (["index", "http://localhost/"], "newsqa: http://localhost/ is not on the public internet; "),
        (["index", "--strict", "{tmp}", "{tmp}/a.bin"], "newsqa: the folder {tmp} holds no article; "),
        (["index", "--strict", "{root}/seeds", "{tmp}/a.bin"], "newsqa: {tmp}/a.bin is not UTF-8 text (byte 0); "),
        (["eval", "{tmp}/a.bin"], "newsqa: cannot read the question file {tmp}/a.bin: "),
    ],
)
def test_bad_input_gets_one_line_and_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\x00\x01")
    assert run(*(part.replace("{tmp}", str(tmp_path)).replace("{root}", str(ROOT)) for part in arguments)) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(message.replace("{tmp}", str(tmp_path)))


@pytest.mark.parametrize(
    "arguments",
    [[], ["ask"], ["ask", "--nonsense", "Who?"], ["eval", "f", "--limit", "0"], ["serve", "--port", "99999"], ["fly"]],
)
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert run(*arguments) == 2


def test_a_port_that_is_taken_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run("serve", "--index", INDEX, "--port", port) == 1
    assert capsys.readouterr().err.startswith(f"newsqa: cannot serve on this machine, port {port}: ")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"newsqa {__version__}\n"


def test_chat_answers_until_the_input_ends() -> None:
    questions = "Who did Putin call?\n\n?!\nWhat is the capital of France?\n"
    done = subprocess.run(
        [sys.executable, "-m", "newsqa", "chat", "--index", INDEX],
        input=questions,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0
    assert "Benjamin Netanyahu [1]" in done.stdout
    assert "The article does not say." in done.stdout
    assert done.stderr == "newsqa: the question is empty; ask something, such as: Who did Putin call?\n"


def test_a_folder_in_two_languages_is_asked_in_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, made = tmp_path / "berita", str(tmp_path / "made")
    folder.mkdir()
    (folder / "cabai.txt").write_text(
        "Harga cabai di Malang naik\n\nHarga cabai rawit di Pasar Besar Malang naik menjadi 95.000 rupiah per kilogram. "
        "Pedagang Sulastri mengatakan hujan deras merusak panen di Kediri.",
        "utf-8",
    )
    (folder / "bridge.html").write_text(
        "<html><head><title>Harwick bridge to close</title></head><body><article><h1>Harwick bridge to close</h1>"
        "<p>The old iron bridge in Harwick will be closed from Monday, because its pillars have begun to rust.</p>"
        "<p>The engineer Laura Finch said on Friday that the repairs will cost two million pounds and last until "
        "October.</p></article></body></html>",
        "utf-8",
    )
    document = docx.Document()
    document.core_properties.title = "Library gets a night shift"
    document.add_paragraph(
        "The library of Orford will stay open until midnight. The mayor Jane Osei promised 40 seats."
    )
    document.save(str(folder / "library.docx"))
    assert run("index", str(folder), "--output", made) == 0
    assert capsys.readouterr().out == f"3 article(s), 3 passages -> {made}\n"
    for question, answer, article in (
        ("Siapa pedagang yang mengatakan hujan merusak panen?", "Sulastri", "Harga cabai di Malang naik"),
        ("How much does a kilogram of chili cost in Malang?", "95.000", "Harga cabai di Malang naik"),
        ("Who is the engineer of the Harwick bridge repairs?", "Laura Finch", "Harwick bridge to close"),
        ("Berapa biaya perbaikan jembatan Harwick?", "two million pounds", "Harwick bridge to close"),
        ("Who is the mayor that promised seats in the library?", "Jane Osei", "Library gets a night shift"),
        ("Sampai kapan perpustakaan Orford buka?", "midnight", "Library gets a night shift"),
    ):
        assert run("ask", "--index", made, question) == 0
        message, source = capsys.readouterr().out.splitlines()
        assert answer in message
        assert source.startswith(f"[1] {article}: ")


def test_chat_keeps_to_the_articles_that_were_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    news, made = tmp_path / "berita.jsonl", str(tmp_path / "made")
    rows = [
        {"id": "pagi", "published": "2024-03-01", "text": "Harga beras di Jakarta naik menjadi 15.000 rupiah."},
        {"id": "sore", "published": "2024-03-07", "text": "Harga beras di Jakarta turun menjadi 14.000 rupiah."},
    ]
    news.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert run("index", str(news), "--output", made) == 0

    def chat(*scope: str) -> tuple[int, str, str]:
        typed = "Berapa harga beras di Jakarta?\n/new\nHow much is rice in Jakarta?\n"
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        return run("chat", "--reader", "sentence", "--index", made, *scope), *capsys.readouterr()

    for scope in (("--article", "sore"), ("--from", "2024-03-02"), ("--from", "2024-03-07", "--to", "2024-03-07")):
        code, out, err = chat(*scope)
        assert (code, err) == (0, "")
        assert out.count("[1] sore: ") == 2
        assert "pagi" not in out
    assert chat("--to", "2024-02-29")[1].count("Artikel-artikel ini tidak menyebutkannya.") == 1
    assert chat("--article", "malam") == (
        1,
        "",
        "newsqa: there is no article 'malam' to ask; give ids of articles in the index\n",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_page_stopped_while_it_answers_ends_quietly(stop: signal.Signals) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "newsqa", "serve", "--index", INDEX],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        # A shell that runs the tests in the background makes them, and what they start, deaf to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert server.stdout is not None
    said = server.stdout.readline()
    address = said.removeprefix("newsqa is at ").partition(" ")[0]
    # In a process of its own: it is left with answers that never come.
    asking = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from gradio_client import Client\n"
            "client = Client(sys.argv[1], verbose=False, analytics_enabled=False)\n"
            "asked = [client.submit('Who said what? ' * 60 + str(n), api_name='/ask') for n in range(40)]\n"
            "while not any(one.done() for one in asked): time.sleep(0.01)\n"
            "print('answering', flush=True); time.sleep(600)",
            address,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    try:
        assert asking.stdout is not None
        assert asking.stdout.readline() == "answering\n"
        server.send_signal(stop)
        assert server.communicate(timeout=60) == ("", "")
        assert server.returncode == 0
    finally:
        for process in (asking, server):
            process.kill()
            process.communicate()


def test_eval_prints_tables_and_writes_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    assert run("eval", str(ROOT / "tests/data/seed_questions_en.jsonl"), "--limit", "6", "--json", str(out)) == 0
    assert "Retrieval (archive)" in capsys.readouterr().out
    (figures,) = json.loads(out.read_text(encoding="utf-8"))["questions"]
    assert (figures["name"], figures["articles"], figures["questions"]) == ("seed_questions_en", 1, 6)
    assert figures["retrieval"]["recall_at_1"] == 1.0


def test_eval_draws_question_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "tests/data/seed_questions_en.jsonl")
    assert run("eval", file, "--limit", "2", "--reader", "sentence", "--plots", str(tmp_path / "plots")) == 0
    pictures = [str(tmp_path / "plots" / name) for name in ("risk_coverage.png", "reliability.png")]
    assert capsys.readouterr().out.splitlines()[-2:] == pictures
    assert all(Path(picture).stat().st_size > 10_000 for picture in pictures)


def test_eval_says_beforehand_that_there_is_nothing_to_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "tests/data/seed_yes_no.jsonl")
    assert run("eval", file, "--plots", str(tmp_path)) == 1
    assert capsys.readouterr().err == (
        "newsqa: --plots draws question files, and none is given; yes/no and conversation files are not drawn\n"
    )


def test_the_operator_sets_what_readers_may_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from newsqa import cli

    def limits(*arguments: str) -> PageLimits:
        return cli._page_limits(cli._parser().parse_args(["serve", *arguments]))

    assert limits() == PageLimits()
    monkeypatch.setenv("NEWSQA_LINKS", "1")
    monkeypatch.setenv("NEWSQA_UPLOADS", "0")
    monkeypatch.setenv("NEWSQA_SESSION_ARTICLES", "0")
    assert limits("--queue", "9") == PageLimits(links=True, uploads=False, session_articles=0, queue=9)
    assert limits("--no-links", "--uploads", "--session-articles", "2") == PageLimits(links=False, session_articles=2)
    monkeypatch.setenv("NEWSQA_LINKS", "maybe")
    with pytest.raises(InputError, match="NEWSQA_LINKS is 'maybe'; set it to 1 or 0"):
        limits()
    monkeypatch.setenv("NEWSQA_QUEUE", "many")
    assert run("serve") == 2
