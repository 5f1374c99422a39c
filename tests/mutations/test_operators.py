"""What each operator makes of a program."""

from __future__ import annotations

import pytest
from mutations.mutants import mutants_of
from mutations.operators import OPERATORS

MAPPED = 'y = xmap(f, in_axes=["a", ...], out_axes=["b", ...])(x)'
RESOURCES = 'y = xmap(f, ["a", "b"], ["a", "b"], axis_resources={"a": "x", "b": "y"})(x)'
TABLE = [
    ("axis name swapped", MAPPED, {'y = xmap(f, in_axes=["b", ...], out_axes=["b", ...])(x)',
                                   'y = xmap(f, in_axes=["a", ...], out_axes=["a", ...])(x)'}),
    ("axis name misspelt", 'y = lax.psum(x, "a")', {'y = lax.psum(x, "a_")'}),
    ("axis name dropped", 'x: f32[(2,), {"a": 3}] = y', {"x: f32[(2,), {}] = y"}),
    ("einsum index dropped", 'einsum("n{b,k}->n", x)', {'einsum("{b,k}->n", x)', 'einsum("n{k}->n", x)',
                                                         'einsum("n{b}->n", x)', 'einsum("n{b,k}->", x)'}),
    ("einsum indices swapped", 'einsum("ij,jk->ik", x, y)', {'einsum("ji,jk->ik", x, y)', 'einsum("ij,kj->ik", x, y)',
                                                              'einsum("ij,jk->ki", x, y)'}),
    ("axis mapping entry dropped", "vmap(f, in_axes=(0, None))(x)", {"vmap(f, in_axes=(None,))(x)",
                                                                     "vmap(f, in_axes=(0,))(x)"}),
    ("axis mapping entries swapped", "vmap(f, in_axes=(0, None))(x)", {"vmap(f, in_axes=(None, 0))(x)"}),
    ("resource dropped", RESOURCES, {RESOURCES.replace('"a": "x", ', ""), RESOURCES.replace(', "b": "y"', "")}),
    ("resource repeated", RESOURCES, {RESOURCES.replace('"b": "y"', '"b": "x"')}),
    ("resources swapped", RESOURCES, {RESOURCES.replace('"a": "x", "b": "y"', '"a": "y", "b": "x"')}),
    ("dim changed", "x = jnp.zeros((3, n))[0]", {"x = jnp.zeros((4, n))[0]", "x = jnp.zeros((3, n))[1]"}),
    ("dim dropped", "x = jnp.zeros((3, n))", {"x = jnp.zeros((n,))", "x = jnp.zeros((3,))"}),
    ("dims swapped", "x = jnp.zeros((3, n))", {"x = jnp.zeros((n, 3))"}),
    ("index dropped", "x[:, None]", {"x[:]", "x[None]"}),
    ("indices swapped", "x[:, None]", {"x[None, :]"}),
    ("argument dropped", "f(x, axis=0)", {"f(axis=0)", "f(x)"}),
    ("arguments swapped", "f(x, y, z)", {"f(y, x, z)", "f(x, z, y)"}),
    ("operands swapped", "x @ y", {"y @ x"}),
    ("reduction dropped", "x.sum(0) + jnp.mean(y)", {"x + jnp.mean(y)", "x.sum(0) + y"}),
    ("reduction axis changed", "jnp.sum(x, axis=0)", {"jnp.sum(x, axis=1)"}),
    ("transposition dropped", "x.T + jnp.transpose(y)", {"x + jnp.transpose(y)", "x.T + y"}),
    ("transposition reordered", "jnp.transpose(x, (1, 0, 2))", {"jnp.transpose(x, (0, 1, 2))",
                                                                "jnp.transpose(x, (1, 2, 0))"}),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "source", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_an_operator(operator: str, source: str, expected: set[str]) -> None:
    made = {one.source for one in mutants_of("program", source) if one.operator == operator}
    assert made >= expected
    assert made - expected == set() or operator == "transposition reordered"


def test_every_operator_is_shown() -> None:
    assert [row[0] for row in TABLE] == list(OPERATORS)


@pytest.mark.parametrize(
    "source",
    [
        "assert x.shape == (2, 3)",
        "reveal_type(f(x, 2))",
        "from jax import jit, grad",
        "raise ValueError('no', 3)",
        "class A:\n    x: f32[(2, 3)]\n",
        "def f(g: Callable[[f32[(2,)]], f32[()]]): ...",
    ],
)
def test_what_judges_a_program_and_what_no_run_sees_is_left_alone(source: str) -> None:
    assert list(mutants_of("program", source)) == []


def test_mutants_of_a_program_differ_and_say_what_they_change() -> None:
    source = "x = f(\n    1,\n    2,\n)\ny = x[0]\n"
    mutants = list(mutants_of("program", source))
    assert len({one.source for one in mutants}) == len({(one.operator, one.line, one.change) for one in mutants})
    assert {(one.line, one.change) for one in mutants} >= {(1, "2,"), (5, "y = x")}
