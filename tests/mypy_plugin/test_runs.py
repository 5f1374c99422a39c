"""However mypy is run, it says the same."""

# ruff: noqa: E501
from __future__ import annotations

import os
import subprocess
import sys

import pytest
from mypy_programs import Mypy

MODEL = """
    from named_types import f32
    import jax.numpy as jnp

    def total(x: f32[('n',), {'b': 4}]) -> f32[(), {'b': 4}]:
        return jnp.sum(x)

    jnp.dot(jnp.zeros(2), jnp.zeros(3))
    """
TRAIN = """
    from model import total
    from named_types import f32

    def train(x: f32[(3,), {'b': 4}]) -> None:
        reveal_type(total(x))
    def test(y: f32[(3,), {'b': 5}]) -> f32[(2,)]:
        return total(y)
    """
SAID = sorted(
    [
        "model.py:7: error: cannot compute jax.numpy.dot(f32[(2,)], f32[(3,)]): the axes that are summed over have "
        "sizes 2 and 3  [invalid-operation]",
        "model.py:7: note: JAX says: dot_general requires contracting dimensions to have the same shape, got (2,) and "
        "(3,).",
        """train.py:5: note: Revealed type is "f32[(), {'b': 4}]\"""",
        """train.py:7: error: Incompatible return value type (got "f32[(), {'b': 4}]", expected "f32[(2,)]")  [return-value]""",
        """train.py:7: error: Argument "x" to "total" has incompatible type "f32[(3,), {'b': 5}]"; """
        """expected "f32[(3,), {'b': 4}]"  [arg-type]""",
    ]
)


@pytest.fixture
def files(mypy: Mypy) -> list[str]:
    return [mypy.write("model.py", MODEL), mypy.write("train.py", TRAIN)]


def test_from_source_and_from_the_cache(mypy: Mypy, files: list[str]) -> None:
    from_source = mypy.run(*files)
    assert sorted(from_source) == SAID
    assert mypy.run(*files) == from_source


def test_by_two_workers(mypy: Mypy, files: list[str]) -> None:
    assert sorted(mypy.run("--num-workers=2", *files)) == SAID


def test_another_mypy_is_named_in_one_line(mypy: Mypy) -> None:
    name = mypy.write("program.py", "")
    pretend = "import mypy.version as v; v.__version__ = '3.0.0'; from mypy.main import main; main(clean_exit=True)"
    command = [sys.executable, "-c", pretend, "--config-file=mypy.ini", name]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert run.returncode == 2
    assert 'Error importing plugin "named_types.mypy_plugin": it works with mypy 2.3 and 2.4, this is mypy 3.0.0' in (
        run.stdout + run.stderr
    )
