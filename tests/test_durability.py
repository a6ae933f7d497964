"""An index folder under attack: killed writers, full disks, two writers, readers in between, altered files."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from fakes import WordEncoder
from newsqa import Article, IndexFileError
from newsqa import index_writer as writing
from newsqa.index import Index
from newsqa.index_folder import DATA_FILES, MANIFEST_FILE
from newsqa.index_writer import FolderWriter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")

OLD = Index.build([Article("lama", "Lama", "Putin menelepon Netanyahu. Ia lalu pergi.")], WordEncoder())
NEW = Index.build([Article("baru", "Baru", "Harga beras naik di Jakarta. Warga resah.")], WordEncoder())
_TRACED = {writing.__file__, shutil.__file__}


def in_a_child(action: Callable[[], object]) -> int:
    """The child in which ``action`` runs; it exits with 0, or with 1 if that raised an error."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return child


def killed_before(step: int, action: Callable[[], object]) -> bool:
    """Run ``action`` and kill it (SIGKILL) before its ``step``-th line that writes; False if it has fewer lines."""
    left = step

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in _TRACED:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    def traced() -> None:
        sys.settrace(trace)
        action()

    _, status = os.waitpid(in_a_child(traced), 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def found(folder: Path) -> str:
    """The id of the one article in the index, or "nothing" where there is no index."""
    try:
        (article_id,) = Index.load(folder, WordEncoder()).articles
        return article_id
    except IndexFileError as error:
        if str(error) != f"no index in {folder} (manifest.json is missing); make one with: newsqa index":
            raise
        return "nothing"


@pytest.mark.parametrize(
    ("there", "exchange", "outcomes"),
    [
        (OLD, True, ["lama", "baru"]),
        (OLD, False, ["lama", "baru"]),  # a system that cannot exchange two names in one step
        (None, True, ["nothing", "baru"]),
    ],
)
def test_a_writer_killed_at_any_step_leaves_the_old_index_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: Index | None, exchange: bool, outcomes: list[str]
) -> None:
    if not exchange:
        monkeypatch.setattr(writing, "_exchange", lambda first, second: False)
    seen: list[str] = []
    folder = tmp_path / "index"
    for step in range(1, 1000):
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        if there is not None:
            there.save(folder, WordEncoder())
        killed = killed_before(step, lambda: NEW.save(folder, WordEncoder()))
        seen.append(found(folder))
        if not killed:
            break
        # The next writer cleans up, and is not kept out by the dead one.
        OLD.save(folder, WordEncoder())
        assert found(folder) == "lama"
        assert sorted(path.name for path in tmp_path.iterdir()) == [".index.lock", "index"]
    assert not killed
    assert list(dict.fromkeys(seen)) == outcomes  # first the one, then the other, and nothing else
    assert len(seen) > 50


@pytest.mark.parametrize("call", range(1, 8))
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_or_broken_disk_is_an_error_and_the_old_index_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int, number: int
) -> None:
    folder = tmp_path / "index"
    OLD.save(folder, WordEncoder())
    calls = 0

    def failing(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(IndexFileError) as raised:
        NEW.save(folder, WordEncoder())
    assert str(raised.value) == f"cannot write the index to {folder}: {os.strerror(number)}; check the disk"
    # The last call is for the folder above, when the new index has its name already.
    assert found(folder) == ("lama" if call < 7 else "baru")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".index.lock", "index"]


def test_a_file_that_does_not_fit_the_disk_is_an_error(tmp_path: Path) -> None:
    import resource

    folder = tmp_path / "index"
    OLD.save(folder, WordEncoder())

    def write() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
        with pytest.raises(IndexFileError, match="cannot write the index to .*: File too large; check the disk"):
            NEW.save(folder, WordEncoder())

    assert os.waitpid(in_a_child(write), 0)[1] == 0
    assert found(folder) == "lama"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".index.lock", "index"]


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    refused: list[str] = []

    def second() -> None:
        try:
            with FolderWriter(tmp_path / "index", wait=0):
                raise AssertionError("two writers")
        except IndexFileError as error:
            refused.append(str(error))

    with FolderWriter(tmp_path / "index") as writer:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        NEW.save(writer, WordEncoder())
    assert refused == [f"another process is writing the index in {tmp_path / 'index'}; try again when it has finished"]
    OLD.save(tmp_path / "index", WordEncoder())
    assert found(tmp_path / "index") == "lama"


def test_a_writer_that_is_killed_gives_the_right_to_write_back(tmp_path: Path) -> None:
    def take_it_and_die() -> None:
        FolderWriter(tmp_path / "index").__enter__()
        os.kill(os.getpid(), signal.SIGKILL)

    assert os.WTERMSIG(os.waitpid(in_a_child(take_it_and_die), 0)[1]) == signal.SIGKILL
    with FolderWriter(tmp_path / "index", wait=0) as writer:
        NEW.save(writer, WordEncoder())
    assert found(tmp_path / "index") == "baru"


def test_what_is_not_a_leftover_is_left(tmp_path: Path) -> None:
    for name in (".index.new-abc12345", ".index.new-1.new-abc12345", ".index2.new-abc12345", "index.new-1"):
        (tmp_path / name).mkdir()
    OLD.save(tmp_path / "index", WordEncoder())
    names = [".index.lock", ".index.new-1.new-abc12345", ".index2.new-abc12345", "index", "index.new-1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.parametrize("exchange", [True, False])
def test_readers_get_the_old_index_or_the_new_one_while_it_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(writing, "_exchange", lambda first, second: False)
    folder = tmp_path / "index"
    OLD.save(folder, WordEncoder())

    def write() -> None:
        for _ in range(60):
            NEW.save(folder, WordEncoder())
            OLD.save(folder, WordEncoder())

    child = in_a_child(write)
    seen = set()
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        seen.add(found(folder))
    assert seen <= {"lama", "baru"}
    assert found(folder) == "lama"


def test_an_index_behind_a_link_is_replaced_where_it_is(tmp_path: Path) -> None:
    OLD.save(tmp_path / "there" / "index", WordEncoder())
    (tmp_path / "link").symlink_to(tmp_path / "there" / "index")
    NEW.save(tmp_path / "link", WordEncoder())
    assert (tmp_path / "link").is_symlink()
    assert found(tmp_path / "link") == found(tmp_path / "there" / "index") == "baru"


@pytest.mark.parametrize("name", [MANIFEST_FILE, *DATA_FILES])
def test_a_flipped_bit_or_a_cut_anywhere_is_an_error(tmp_path: Path, name: str) -> None:
    OLD.save(tmp_path, WordEncoder())
    path = tmp_path / name
    data = path.read_bytes()
    places = range(0, len(data), max(1, len(data) // 200))
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        path.write_bytes(flipped)
        with pytest.raises(IndexFileError):
            Index.load(tmp_path, WordEncoder())
        path.write_bytes(data[:place])
        with pytest.raises(IndexFileError):
            Index.load(tmp_path, WordEncoder())
    assert len(places) > 30
    path.write_bytes(data)
    assert found(tmp_path) == "lama"
