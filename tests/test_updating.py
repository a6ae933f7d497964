"""``newsqa index``: only what changed is embedded, and what was embedded before a kill is not embedded again."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from fakes import CountingEncoder, WordEncoder
from newsqa import Article, IndexFileError, InputError
from newsqa import index as index_module
from newsqa.embedding import Vectors
from newsqa.index import Index
from newsqa.index_folder import DATA_FILES
from newsqa.index_writer import FolderWriter
from newsqa.updating import Update, update_index

ARTICLES = tuple(Article(str(number), "", f"Kalimat nomor {number} tentang cuaca.") for number in range(10))


def update(folder: Path, articles: Sequence[Article] = ARTICLES) -> tuple[Update, list[str]]:
    """The update, and what was embedded for it."""
    encoder = CountingEncoder()
    return update_index(folder, articles, encoder), encoder.encoded


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in DATA_FILES]


def counts(update: Update) -> tuple[int, int, int, int, bool]:
    return update.added, update.changed, update.removed, update.repeated, update.fresh


def test_a_new_folder_is_written_and_nothing_left_beside_it(tmp_path: Path) -> None:
    made, encoded = update(tmp_path / "index", [*ARTICLES, Article("again", "", ARTICLES[3].text)])
    assert counts(made) == (10, 0, 0, 1, True)
    assert sorted(encoded) == [article.text for article in ARTICLES]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".index.lock", "index"]
    Index.build(ARTICLES, WordEncoder()).save(tmp_path / "other", WordEncoder())
    assert contents(tmp_path / "index") == contents(tmp_path / "other")


def test_only_what_changed_is_embedded(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    update(folder)
    now = [Article("new", "", "Gempa di Lombok."), *ARTICLES[:4], Article("4", "", "Berubah."), *ARTICLES[7:]]
    made, encoded = update(folder, now)
    assert counts(made) == (1, 1, 2, 0, False)
    assert sorted(encoded) == ["Berubah.", "Gempa di Lombok."]
    Index.build(now, WordEncoder()).save(tmp_path / "other", WordEncoder())
    assert contents(folder) == contents(tmp_path / "other")


def test_where_nothing_changed_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    update(folder)
    before = folder.stat().st_ino
    made, encoded = update(folder)
    assert (counts(made), encoded) == ((0, 0, 0, 0, False), [])
    assert folder.stat().st_ino == before
    # Another date is a change, but of no passage.
    dated = [Article("0", "", ARTICLES[0].text, published="2024-03-01"), *ARTICLES[1:]]
    made, encoded = update(folder, dated)
    assert (counts(made), encoded) == ((0, 1, 0, 0, False), [])
    assert Index.load(folder, WordEncoder()).articles["0"].published == "2024-03-01"


@pytest.mark.parametrize("damage", ["bit", "encoder"])
def test_an_index_that_cannot_be_used_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    folder = tmp_path / "index"
    if damage == "bit":
        update(folder)
        (folder / "articles.jsonl").write_bytes(b"?")
    else:
        Index.build(ARTICLES, WordEncoder("others")).save(folder, WordEncoder("others"))
    made, encoded = update(folder)
    assert counts(made) == (10, 0, 0, 0, True)
    assert len(encoded) == 10
    (message,) = caplog.messages
    assert message.startswith(f"everything is indexed anew: {folder if damage == 'bit' else 'the index in'}")


class Mortal(CountingEncoder):
    """Kills its process instead of embedding another part when it has embedded so many texts."""

    def __init__(self, texts: int) -> None:
        super().__init__()
        self._texts = texts

    def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
        if len(self.encoded) >= self._texts:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode_passages(passages)


def killed_after(texts: int, folder: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            update_index(folder, ARTICLES, Mortal(texts))
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The journal of a job that was killed when six of the ten articles were embedded, two at a time."""
    if not hasattr(os, "fork"):
        pytest.skip("kills a forked process")
    monkeypatch.setattr(index_module, "_EMBEDDED_AT_ONCE", 2)
    killed_after(6, tmp_path / "index")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".index.journal", ".index.lock"]
    return tmp_path / ".index.journal"


def test_a_killed_job_goes_on_where_it_was(journal: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made, encoded = update(tmp_path / "index")
    assert encoded == [article.text for article in ARTICLES[6:]]
    assert caplog.messages == ["going on with a job that was cut short: 6 passages are embedded"]
    assert counts(made) == (10, 0, 0, 0, True)
    Index.build(ARTICLES, WordEncoder()).save(tmp_path / "other", WordEncoder())
    assert contents(tmp_path / "index") == contents(tmp_path / "other")
    assert not journal.exists()


def test_of_a_damaged_journal_the_good_part_counts(journal: Path, tmp_path: Path) -> None:
    data = journal.read_bytes()
    record = 32 + 4 * 64 + 8
    header = len(data) - 6 * record
    places = (
        (3, 10),  # in the first line: the whole journal is of no use
        (header + 2 * record + 40, 8),  # in the third record
        (len(data) - 1, 5),  # in the last one
    )
    for place, left in places:
        journal.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        killed_after(0, tmp_path / "index")  # cuts off what is broken, and does no more
        _, encoded = update(tmp_path / "index")
        assert len(encoded) == left
        (tmp_path / "index" / "manifest.json").unlink()
        for name in DATA_FILES:
            (tmp_path / "index" / name).unlink()
    for length, left in ((len(data) - 1, 5), (header + 1, 10), (header + record, 9), (0, 10)):
        journal.write_bytes(data[:length])
        assert len(update(tmp_path / "index")[1]) == left
        Index.build([Article("x", "", "Lain.")], WordEncoder()).save(tmp_path / "index", WordEncoder())


def test_a_journal_of_another_encoder_is_of_no_use(journal: Path, tmp_path: Path) -> None:
    encoder = CountingEncoder("others")
    update_index(tmp_path / "index", ARTICLES, encoder)
    assert len(encoder.encoded) == 10
    assert list(Index.load(tmp_path / "index", encoder).articles) == [str(number) for number in range(10)]


def test_an_error_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    update(folder)
    with pytest.raises(InputError, match="no article to index"):
        update(folder, [])
    assert len(Index.load(folder, WordEncoder()).articles) == 10
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.doc").write_bytes(b"years of work")
    with pytest.raises(IndexFileError, match="papers is not an index and will not be replaced; choose another folder"):
        update(tmp_path / "papers")


def test_one_job_at_a_time(tmp_path: Path) -> None:
    encoder = CountingEncoder()

    class Busy(WordEncoder):
        def encode_passages(self, passages: Sequence[str], *, progress: bool = False) -> Vectors:
            with pytest.raises(IndexFileError, match="another process is writing the index in"):
                FolderWriter(tmp_path / "index", wait=0).__enter__()
            encoder.encoded += passages
            return super().encode_passages(passages)

    update_index(tmp_path / "index", ARTICLES, Busy())
    assert len(encoder.encoded) == 10
