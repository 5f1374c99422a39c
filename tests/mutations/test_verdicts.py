"""What is said of a mutant: by a run, and by the checker."""

from __future__ import annotations

import pytest
from mutations.mutants import Mutant
from mutations.verdicts import Fate, Original, Verdict

IMPORTS = "import jax.numpy as jnp\nfrom named_types import f32\n"
PROGRAM = f"""{IMPORTS}
def norm(x: f32[(3,)]) -> f32[()]:
    return jnp.sum(x * x)

y: f32[()] = norm(jnp.array([1.0, 2.0, 3.0]))
assert y > 0
"""


def verdict(old: str, new: str) -> Verdict:
    original = Original("program", PROGRAM)
    assert original.objection == ""
    assert PROGRAM.count(old) == 1
    return original.judge(Mutant("program", "operator", 1, new, PROGRAM.replace(old, new)))


def test_a_mutant_that_fails_and_is_reported() -> None:
    found = verdict("jnp.sum(x * x)", "jnp.sum(x * jnp.ones(2))")
    assert (found.fate, len(found.reported)) == (Fate.FAILS, 1)
    assert "broadcast" in found.reason


@pytest.mark.parametrize(
    ("old", "new"),
    [("x: f32[(3,)]", "x: f32[(4,)]"), ("-> f32[()]", "-> f32[(3,)]"), ("y: f32[()]", "y: f32[(3,)]"),
     ("jnp.sum(x * x)", "x * x")],
)  # fmt: skip
def test_a_value_that_contradicts_an_annotation_is_a_failure(old: str, new: str) -> None:
    found = verdict(old, new)
    assert found.fate is Fate.FAILS
    assert found.reason.startswith("ConflictError")
    assert found.reported


def test_a_mutant_that_computes_something_else() -> None:
    assert verdict("x * x", "x + x").fate is Fate.DIFFERS


def test_an_assertion_of_the_program_is_no_failure() -> None:
    assert verdict("x * x", "x - x").fate is Fate.DIFFERS


@pytest.mark.parametrize(("old", "new"), [("x: f32[(3,)]", 'x: f32[("n",)]'), ("x * x", "x * x * 1.0")])
def test_a_mutant_that_behaves_the_same(old: str, new: str) -> None:
    found = verdict(old, new)
    assert (found.fate, found.reported) == (Fate.SAME, ())


def test_a_program_that_is_wrong_itself_cannot_be_used() -> None:
    assert Original("program", f"{IMPORTS}jnp.ones(3) + jnp.ones(4)\n").objection != ""
    assert Original("program", f"{IMPORTS}x: f32[(3,)] = jnp.ones(4)\n").objection != ""
    assert Original("program", "import time\nx = time.time_ns()\n").objection == "differs from run to run"


def test_only_statements_that_run_are_changed() -> None:
    source = "def f(x):\n    return g(x, 1)\n\n\ndef g(x, y):\n    return h(x, y)\n\n\nf\n"
    assert {one.line for one in Original("program", source).mutants()} == set()


def test_a_function_is_run_by_itself_with_what_it_declares() -> None:
    source = IMPORTS + 'def f(x: f32[("n",), {"a": 2}]) -> f32[("n",), {"a": 2}]:\n    return jnp.sin(x)\n'
    original = Original("program", source)
    assert [(one.function, one.choice) for one in original.outcome.alone] == [("f", 0), ("f", 1)]
    changed = source.replace("jnp.sin(x)", "jnp.sum(x)")
    assert original.judge(Mutant("program", "operator", 1, "", changed)).fate is Fate.FAILS
