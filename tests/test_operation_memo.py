"""Answers about library operations on the disk: shared, never trusted, and a reason not to import JAX."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from named_types import operation_memo
from named_types.operation_memo import OperationMemo, place_of_memo

MODEL = """
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from named_types import f32
from named_types.runtime import lax, mesh, xmap


@jax.jit
def layer(x: f32[(7,), {"batch": 20}], w: f32[7, 5]) -> f32[(5,), {"batch": 20}]:
    return jnp.tanh(x @ w) - lax.pmean(x.sum(), "batch")


mapped = xmap(layer, in_axes=(["batch", ...], [...]), out_axes=["batch", ...], axis_resources={"batch": "x"})
with mesh(np.array(jax.devices()).reshape(-1, 1), ("x", "y")):
    y = mapped(jnp.ones((20, 7)), np.zeros((7, 5), np.float32))
reveal_type(y)
wrong = jnp.ones(3) + jnp.ones(4)
"""

CHECK = """
import sys
from pathlib import Path
from named_types.checking.in_process import Checker
from named_types.operation_memo import OperationMemo
from named_types.semantics import memo

store = OperationMemo(Path("operations.sqlite"))
memo.keep_in(store)
checked = Checker(["model.py"], [Path()]).check("model.py")
store.save()
print("jax" in sys.modules, *(f"{one.place.line}: {one.message}" for one in checked.file.diagnostics), sep="\\n")
"""


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("operations.sqlite")


def check(source: str) -> list[str]:
    """Whether JAX was imported, and what was found, in a process of its own."""
    Path("model.py").write_text(source)
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_what_was_asked_before_needs_no_jax() -> None:
    imported, *found = check(MODEL)
    assert imported == "True"
    assert found[0] == '20: revealed type is "f32[(20, 5)]"'
    assert found[1].startswith("21: cannot compute")
    assert check(f"# Changed.\n{MODEL}") == ["False", *(f"{int(one[:2]) + 1}{one[2:]}" for one in found)]


def test_one_process_finds_what_another_has_kept(place: Path) -> None:
    first, second = OperationMemo(place), OperationMemo(place)
    first.put("question", "answer")
    assert second.get("question") is None
    first.save()
    assert second.get("question") == "answer"
    assert OperationMemo(place).get("another question") is None


def test_answers_kept_by_two_at_a_time_are_all_kept(place: Path) -> None:
    first, second = OperationMemo(place), OperationMemo(place)
    for number in range(100):
        first.put(f"first {number}", str(number))
        second.put(f"second {number}", str(number))
    first.save()
    second.save()
    third = OperationMemo(place)
    assert all(third.get(f"{who} {number}") == str(number) for who in ("first", "second") for number in range(100))


def test_what_is_not_whole_is_no_answer(place: Path) -> None:
    memo = OperationMemo(place)
    memo.put("question", "answer")
    memo.save()
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE answers SET answer = 'answe'")
    assert OperationMemo(place).get("question") is None


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_replaced(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    spoiled = OperationMemo(place)
    spoiled.put("question", "answer")
    spoiled.save()
    assert spoiled.get("question") is None
    anew = OperationMemo(place)
    anew.put("question", "answer")
    anew.save()
    assert OperationMemo(place).get("question") == "answer"


def test_a_database_that_another_writes_to_is_done_without(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation_memo, "_PATIENCE", 0.0)
    memo = OperationMemo(place)
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    memo.put("question", "answer")
    memo.save()
    assert memo.get("question") is None
    other.execute("COMMIT")
    memo.save()
    assert memo.get("question") == "answer"


def test_where_there_can_be_no_database_all_goes_on() -> None:
    Path("file").touch()
    memo = OperationMemo(Path("file") / "operations.sqlite")
    memo.put("question", "answer")
    memo.save()
    assert memo.get("question") is None


def test_a_database_that_has_grown_too_large_is_begun_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memo = OperationMemo(place)
    memo.put("question", "answer")
    memo.save()
    monkeypatch.setattr(operation_memo, "_MOST_BYTES", 100)
    assert OperationMemo(place).get("question") is None


def test_few_databases_of_other_versions_are_left() -> None:
    for number in range(5):
        OperationMemo(Path(f"operations-{number}.sqlite"))
    newest = place_of_memo(Path(), "5")
    OperationMemo(newest)
    assert len(list(Path().glob("operations-*.sqlite"))) == 3
    assert newest.exists()
