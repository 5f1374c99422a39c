"""Workers, and who watches them: whatever one does, it costs no more than the file it is at."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from named_types.checking import workers
from named_types.checking.outcome import Checked, Failure
from named_types.checking.workers import CannotStartError, check_in_workers

TESTS = Path(__file__).parent.parent
START = (
    f"import json, sys; sys.path[:] = [{str(TESTS)!r}, *json.loads(sys.argv[1])]; "
    "from checking.fake_worker import main; main()"
)


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workers, "_START", START)
    monkeypatch.chdir(tmp_path)


def run(files: dict[str, str], jobs: int = 1, timeout: float = 30) -> dict[str, str | None]:
    """What became of each file: nothing, or why it failed."""
    for name, text in files.items():
        Path(name).write_text(text)
    outcomes = check_in_workers(list(files), list(files), (), jobs, timeout)
    assert len(outcomes) == len(files)
    return {one.path: one.reason if isinstance(one, Failure) else None for one in outcomes}


def who_checked(files: dict[str, str], jobs: int) -> dict[str, str]:
    """The process that checked each file."""
    for name, text in files.items():
        Path(name).write_text(text)
    outcomes = check_in_workers(list(files), list(files), (), jobs)
    return {one.path: one.file.diagnostics[0].message for one in outcomes if isinstance(one, Checked)}


def test_all_is_well() -> None:
    assert run({"a.py": "", "b.py": "print", "c.py": ""}) == {"a.py": None, "b.py": None, "c.py": None}


def test_nothing_to_do_starts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_START", "nonsense")
    assert check_in_workers([], []) == []


def test_one_that_stands_still_is_given_up() -> None:
    found = run({"a.py": "hang", "b.py": ""}, timeout=2)
    assert found == {"a.py": "not checked: the checker gave it up after 2 seconds", "b.py": None}


def test_one_that_goes_on_is_not_given_up() -> None:
    assert run({"a.py": "work 30"}, timeout=2) == {"a.py": None}


def test_a_crash_costs_one_file() -> None:
    found = run({"a.py": "", "b.py": "crash", "c.py": "exit 3", "d.py": ""})
    assert found == {
        "a.py": None,
        "b.py": "not checked: the checker was ended by SIGSEGV, for lack of memory perhaps",
        "c.py": "not checked: the checker ended with status 3",
        "d.py": None,
    }


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
def test_memory_has_a_limit() -> None:
    found = run({"a.py": "hoard", "b.py": ""})
    assert found == {"a.py": "not checked: the checker ended with status 1", "b.py": None}


def test_a_worker_that_does_not_come_to_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WITHOUT_CHECKER", "1")
    with pytest.raises(CannotStartError, match="ImportError: cannot import name 'Checker'"):
        run({"a.py": "", "b.py": ""}, jobs=2)


def test_a_little_is_checked_by_one() -> None:
    assert len(set(who_checked({"a.py": "", "b.py": ""}, jobs=2).values())) == 1


def test_much_is_checked_by_several_who_take_over_from_each_other() -> None:
    padding = " " * 40_000
    files = {"a.py": f"work 20{padding}", "b.py": padding, "c.py": padding, "d.py": padding}
    by = who_checked(files, jobs=2)
    assert len(set(by.values())) == 2
    assert by["b.py"] == by["c.py"] == by["d.py"] != by["a.py"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_an_interruption_ends_all_at_once() -> None:
    Path("a.py").write_text("hang")
    program = (
        f"from named_types.checking import workers; workers._START = {START!r}; "
        "from named_types.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "check", "--no-cache", "a.py"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    worker = _hanging()
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "\n")
    assert process.returncode == 130
    _wait_for_the_end_of(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_worker_ends_with_who_started_it() -> None:
    Path("a.py").write_text("hang")
    program = (
        f"from named_types.checking import workers; workers._START = {START!r}; workers.check_in_workers(['a.py'], [])"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    worker = _hanging()
    process.kill()
    process.wait()
    _wait_for_the_end_of(worker)


def _hanging() -> int:
    """The worker, once it hangs."""
    while not Path("a.py.hangs").exists():
        time.sleep(0.02)
    return int(Path("a.py.hangs").read_text())


def _wait_for_the_end_of(process: int) -> None:
    deadline = time.monotonic() + 30
    while _lives(process):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(process: int) -> bool:
    """Whether a process does, and is not only waiting to be forgotten."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
