"""mypy's daemon, which checks again what an edit changes, also where that is a body in another module."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mypy_programs import Mypy

BASE = """
    import jax.numpy as jnp

    def weights(n):
        return jnp.ones((3, 4))
    """
LAYERS = """
    import jax
    import jax.numpy as jnp
    from base import weights
    from named_types import f32

    def project(x: jax.Array) -> jax.Array:
        return x @ weights(3)

    def doubled(x: f32[('n', 3)]) -> f32[('2*n', 3)]:
        return jnp.concatenate([x, x])
    """
TRAIN = """
    import jax.numpy as jnp
    from layers import doubled, project

    class Model:
        def __call__(self) -> None:
            reveal_type(project(jnp.ones((2, 3))))

    def f() -> None:
        reveal_type(project(jnp.ones((2, 3))))
        reveal_type(doubled(jnp.ones((2, 3))))

    project(jnp.ones((3, 5)))
    """
CLASH = "cannot compute f32[(3, {})] @ f32[(3, {})]: the axes that are summed over have sizes {} and 3"

Daemon = Callable[..., list[str]]


def said(columns: int, rows: int = 5) -> list[str]:
    """What is said of the program where `weights` has so many columns, and the last call so many rows."""
    wrong = f"train.py:12: error: {CLASH.format(rows, columns, rows)}  [invalid-operation]"
    objection = f"JAX says: dot_general requires contracting dimensions to have the same shape, got ({rows},) and (3,)."
    return [
        f'train.py:6: note: Revealed type is "f32[(2, {columns})]"',
        f'train.py:9: note: Revealed type is "f32[(2, {columns})]"',
        'train.py:10: note: Revealed type is "f32[(4, 3)]"',
        *(
            [wrong, "train.py:12: note: layers.py:7: arises here", f"train.py:12: note: {objection}"]
            if rows != 3
            else []
        ),
    ]


@pytest.fixture
def daemon(mypy: Mypy, tmp_path: Path) -> Iterator[Daemon]:
    def run(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "mypy.dmypy", "--status-file", str(tmp_path / "status.json"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
        assert "Traceback" not in done.stdout + done.stderr
        return [line for line in done.stdout.splitlines() if line != "Daemon started"]

    yield run
    run("stop")


@pytest.fixture
def files(mypy: Mypy) -> list[str]:
    return [mypy.write("base.py", BASE), mypy.write("layers.py", LAYERS), mypy.write("train.py", TRAIN)]


@pytest.mark.slow
def test_edits(mypy: Mypy, daemon: Daemon, files: list[str]) -> None:
    run = ["run", "--", "--config-file=mypy.ini", "--no-error-summary", *files]
    assert daemon(*run) == said(4)
    mypy.write("base.py", BASE.replace("(3, 4)", "(3, 6)"))
    assert daemon("recheck") == said(6)
    mypy.write("train.py", TRAIN.replace("(3, 5)", "(3, 7)"))
    assert daemon("check", *files) == said(6, rows=7)
    mypy.write("layers.py", LAYERS.replace("x @ weights(3)", "x @ weights(3)  # changed"))
    assert daemon(*run) == said(6, rows=7)
    mypy.write("layers.py", LAYERS.replace("x @ weights(3)", "x.T"))
    assert daemon(*run)[0] == 'train.py:6: note: Revealed type is "f32[(3, 2)]"'
    mypy.write("base.py", BASE)
    mypy.write("layers.py", LAYERS)
    mypy.write("train.py", TRAIN.replace("(3, 5)", "(3, 3)"))
    assert daemon(*run) == said(4, rows=3)


@pytest.mark.slow
def test_edits_of_interfaces_imports_and_files(mypy: Mypy, daemon: Daemon, files: list[str]) -> None:
    run = ["run", "--", "--config-file=mypy.ini", "--no-error-summary"]
    assert daemon(*run, *files) == said(4)
    mypy.write("layers.py", LAYERS.replace("('2*n', 3)", "('n', 3)").replace("[x, x]", "[x]"))
    assert daemon(*run, *files)[2] == 'train.py:10: note: Revealed type is "f32[(2, 3)]"'
    mypy.write("more.py", "def weights(n):\n    return n\n")
    mypy.write("layers.py", LAYERS.replace("from base", "from more").replace("weights(3)", "weights(x.T)"))
    assert daemon(*run, *files, "more.py")[0] == 'train.py:6: note: Revealed type is "f32[(2, 2)]"'
    mypy.write("layers.py", LAYERS)
    (mypy.directory / "more.py").unlink()
    assert daemon(*run, *files) == said(4)


@pytest.mark.slow
def test_questions_to_the_daemon_are_answered(daemon: Daemon, files: list[str]) -> None:
    daemon("run", "--export-types", "--", "--config-file=mypy.ini", *files)
    assert set(daemon("inspect", "--show", "definition", "train.py:9:21")) == {"layers.py:6:1:project"}
    (inspected,) = daemon("inspect", "train.py:9:17:9:41")
    assert "Array[" in inspected
    (suggested,) = daemon("suggest", "base.weights")
    assert suggested.startswith("(int) -> ")
