"""What is kept of a run, and what of it holds in the next: nothing that could have come out otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from named_types.checking import CheckedFile, run
from named_types.checking.in_process import check_in_process
from named_types.checking.outcome import Failure, Outcome
from named_types.checking.run import Options
from named_types.discovery import discover
from named_types.surroundings import digest

MODEL = "import jax.numpy as jnp\nW = jnp.ones((3, 4))\ndef layer(x):\n    return x @ W\n"
MAIN = "import jax.numpy as jnp\nfrom model import layer\nreveal_type(layer(jnp.ones((2, 3))))\n"


class Runs:
    """Runs one after another, and tells which files each had to check."""

    def __init__(self) -> None:
        self.checked: list[str] = []
        self.failures: list[Failure] = []

    def check_here(
        self, paths: Sequence[str], checked: Sequence[str], directories: Iterable[Path], *_: object
    ) -> list[Outcome]:
        self.checked = sorted(paths)
        return check_in_process(paths, checked, directories)

    def run(self, *paths: str, cache: str | None = "cache") -> list[CheckedFile]:
        given = [Path(path) for path in paths or (".",)]
        directories = [path for path in given if path.is_dir()]
        options = Options(None if cache is None else Path(cache))
        return run.check(discover(given).files, directories, options, self.failures.append)

    def said(self, *paths: str, cache: str | None = "cache") -> list[str]:
        found = self.run(*paths, cache=cache)
        return [f"{one.place}: {one.message}" for file in found for one in file.diagnostics]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    found = Runs()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("named_types.checking.workers.check_in_workers", found.check_here)
    Path("model.py").write_text(MODEL)
    Path("main.py").write_text(MAIN)
    return found


def index() -> Path:
    (only,) = Path("cache").glob("*.json")
    return only


def test_what_has_not_changed_is_not_checked_again(runs: Runs) -> None:
    before = runs.said()
    assert before == ['main.py:3:1: revealed type is "f32[(2, 4)]"']
    assert runs.checked == ["main.py", "model.py"]
    assert (runs.said(), runs.checked) == (before, [])


def test_a_changed_file_is_checked_and_no_other(runs: Runs) -> None:
    runs.said()
    Path("main.py").write_text(MAIN.replace("2, 3", "5, 3"))
    assert runs.said() == ['main.py:3:1: revealed type is "f32[(5, 4)]"']
    assert runs.checked == ["main.py"]
    assert (runs.said(), runs.checked) == (['main.py:3:1: revealed type is "f32[(5, 4)]"'], [])


def test_who_imports_a_changed_file_is_checked(runs: Runs) -> None:
    Path("other.py").write_text("x = 1\n")
    runs.said()
    Path("model.py").write_text(MODEL.replace("3, 4", "3, 7"))
    assert runs.said() == ['main.py:3:1: revealed type is "f32[(2, 7)]"']
    assert runs.checked == ["main.py", "model.py"]


def test_who_imports_a_changed_file_by_way_of_another(runs: Runs) -> None:
    Path("between.py").write_text("from model import *\n")
    Path("main.py").write_text(MAIN.replace("from model", "from between"))
    runs.said()
    Path("model.py").write_text(MODEL.replace("3, 4", "3, 7"))
    assert runs.said() == ['main.py:3:1: revealed type is "f32[(2, 7)]"']


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("model/__init__.py", ['main.py:3:1: revealed type is "f32[(2, 9)]"']),
        ("src/late.py", ['main.py:3:1: revealed type is "f32[(2, 9)]"']),
    ],
)
def test_a_module_that_was_not_there_and_now_comes_first(name: str, said: list[str], runs: Runs) -> None:
    module = "late" if "late" in name else "model"
    Path("main.py").write_text(MAIN.replace("model", module))
    runs.said("main.py")
    Path(name).parent.mkdir()
    Path(name).write_text(MODEL.replace("3, 4", "3, 9"))
    assert runs.said("main.py") == said
    assert runs.checked == ["main.py"]


def test_a_module_that_is_gone(runs: Runs) -> None:
    runs.said()
    Path("model.py").unlink()
    assert runs.said() == ['main.py:3:1: revealed type is "unknown"']


def test_a_package_around_that_tells_jax_something(runs: Runs) -> None:
    Path("pkg").mkdir()
    Path("pkg/a.py").write_text("import jax.numpy as jnp\nreveal_type(jnp.ones(2))\n")
    assert runs.said("pkg/a.py") == ['pkg/a.py:2:1: revealed type is "f32[(2,)]"']
    Path("pkg/__init__.py").write_text("import jax\njax.config.update('jax_enable_x64', True)\n")
    assert runs.said("pkg/a.py") == ['pkg/a.py:2:1: revealed type is "f64[(2,)]"']


def test_an_import_in_a_function_counts_for_who_calls_it(runs: Runs) -> None:
    Path("model.py").write_text("def layer(x):\n    from deep import W\n    return x @ W\n")
    Path("deep.py").write_text(MODEL)
    assert runs.said("main.py") == ['main.py:3:1: revealed type is "f32[(2, 4)]"']
    Path("deep.py").write_text(MODEL.replace("3, 4", "3, 7"))
    assert runs.said("main.py") == ['main.py:3:1: revealed type is "f32[(2, 7)]"']


def test_the_same_fault_is_told_elsewhere_when_its_file_is_not_checked(runs: Runs) -> None:
    Path("main.py").write_text("import jax.numpy as jnp\nfrom model import layer\nlayer(jnp.ones((2, 5)))\n")
    together = runs.said("main.py", "model.py")
    assert [one.partition(":")[0] for one in together] == ["model.py"]
    alone = runs.said("main.py")
    assert [one.partition(":")[0] for one in alone] == ["main.py"]
    assert runs.said("main.py", "model.py") == together


def test_what_subsets_of_the_files_add_up_to(runs: Runs) -> None:
    runs.said("main.py", "model.py")
    Path("new.py").write_text(MAIN)
    runs.said("new.py")
    assert runs.checked == ["new.py"]
    runs.said("main.py", "model.py")
    assert runs.checked == []


@pytest.mark.parametrize("variable", ["JAX_ENABLE_X64", "XLA_FLAGS"])
def test_settings_of_the_environment(variable: str, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.said()
    monkeypatch.setenv(variable, "1")
    runs.said()
    assert runs.checked == ["main.py", "model.py"]


def test_another_version(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.said()
    Path("site/jax-99.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend("site")
    runs.said()
    assert runs.checked == ["main.py", "model.py"]


def test_diagnostics_are_told_as_they_were(runs: Runs) -> None:
    Path("main.py").write_text(
        MAIN.replace("2, 3", "2, 5") + "x: f32[(1,)] = jnp.ones(2)\nimport jax.abstract_arrays\n"
    )
    runs.run()
    again, anew = runs.run(), runs.run(cache=None)
    assert any(file.diagnostics for file in again)
    for kept, found in zip(again, anew, strict=True):
        for one, other in zip(kept.diagnostics, found.diagnostics, strict=True):
            assert (one.code, one.message, one.help, one.note) == (other.code, other.message, other.help, other.note)
            assert (one.place, one.label, one.related, one.severity) == (
                *(other.place, other.label, other.related, other.severity),
            )


def forged() -> bytes:
    text = json.dumps({"nodes": 1, "results": []}).encode()
    return b"0" * 32 + b"\n" + text


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0\xff\n\xff", id="binary"),
        pytest.param(b"{}", id="no checksum"),
        pytest.param(forged(), id="another checksum"),
        pytest.param(digest(b"[" * 100_000).encode() + b"\n" + b"[" * 100_000, id="deep"),
    ],
)
def test_a_broken_cache_is_none(content: bytes, runs: Runs) -> None:
    before = runs.said()
    index().write_bytes(content)
    assert (runs.said(), runs.checked) == (before, ["main.py", "model.py"])
    assert (runs.said(), runs.checked) == (before, [])


def test_a_cache_that_was_not_written_to_its_end(runs: Runs) -> None:
    before = runs.said()
    index().write_bytes(index().read_bytes()[:-20])
    assert (runs.said(), runs.checked) == (before, ["main.py", "model.py"])


def test_a_file_in_place_of_the_directory(runs: Runs) -> None:
    before = runs.said(cache=None)
    Path("cache").write_text("mine")
    assert (runs.said(), Path("cache").read_text()) == (before, "mine")


def test_a_directory_that_cannot_be_written(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    before = runs.said(cache=None)
    assert (runs.said(), runs.checked) == (before, ["main.py", "model.py"])
    assert list(Path("cache").glob("*.json")) == []


def test_the_directory_is_left_out_by_others(runs: Runs) -> None:
    runs.said()
    assert Path("cache/.gitignore").read_text() == "*\n"
    assert Path("cache/CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_old_indexes_are_removed(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        monkeypatch.setenv("JAX_NUMBER", str(number))
        runs.said("model.py")
    assert len(list(Path("cache").glob("*.json"))) == 20
    assert (runs.said("model.py"), runs.checked) == ([], [])


def test_a_failure_is_not_kept(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("named_types.analyzer.check_source", fail)
        assert runs.said("model.py") == []
    assert [failure.path for failure in runs.failures] == ["model.py"]
    runs.said("model.py")
    assert runs.checked == ["model.py"]


def test_a_file_that_changes_while_it_is_checked(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    changing = check_and_change("model.py")
    monkeypatch.setattr("named_types.checking.workers.check_in_workers", changing)
    runs.said()
    monkeypatch.setattr("named_types.checking.workers.check_in_workers", runs.check_here)
    assert runs.said() == ['main.py:3:1: revealed type is "f32[(2, 7)]"']


def check_and_change(name: str) -> Callable[..., list[Outcome]]:
    """Checks, and changes a file before the results are kept."""

    def check(paths: Sequence[str], checked: Sequence[str], *_: object) -> list[Outcome]:
        outcomes = check_in_process(paths, checked)
        Path(name).write_text(MODEL.replace("3, 4", "3, 7"))
        return outcomes

    return check
