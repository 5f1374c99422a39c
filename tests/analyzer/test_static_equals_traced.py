"""What the analyzer says of a random program is what happens when the program runs."""

from __future__ import annotations

import random
import re
from typing import Any

import jax
import pytest
from analyzer.expectations import IMPORTS
from hypothesis import given, settings
from hypothesis import strategies as st
from literate.programs import corpus

from named_types.algebra import ArrayType
from named_types.analyzer import check_source
from named_types.runtime import named_shape
from named_types.semantics.avals import array_of_aval

UNARY = (
    "jnp.sin({0})",
    "{0}.T",
    "{0}[None]",
    "{0}[0]",
    "{0}[..., 0]",
    "{0}[1:]",
    "-{0}",
    "{0} * 2",
    "jnp.sum({0})",
    "jnp.sum({0}, axis=0)",
    "jnp.max({0}, axis=-1, keepdims=True)",
    "jnp.mean({0}, axis=('i',))",
    "jnp.sum({0}, axis=('i', 'j'))",
    "lax.psum({0}, 'j')",
    "jnp.argsort({0})",
    "jnp.reshape({0}, (2, -1))",
    "jnp.concatenate([{0}, {0}])",
    "jnp.stack([{0}, {0}], axis=1)",
    "{0}.astype(jnp.int32)",
    "{0} > 0",
    "jnp.squeeze({0}, 0)",
    "{0} + lax.axis_index('i')",
    "jnp.linalg.norm({0}, axis=0)",
)
BINARY = (
    "{0} + {1}",
    "{0} @ {1}",
    "{0} / {1}",
    "jnp.where({0} > 0, {0}, {1})",
    "jnp.concatenate([{0}, {1}])",
    "jnp.outer({0}, {1})",
    "jnp.dot({0}, {1})",
    "lax.dot({0}, {1})",
    "jnp.einsum('ab,bc->ac', {0}, {1})",
    "({0}, {1})[1]",
    "jnp.broadcast_to({0}, {1}.shape)",
    "{0}.reshape({1}.shape)",
)
MAPPED = "mapped = xmap(f, in_axes=(['i', ...], ['i', 'j', ...]), out_axes=[...])"


@st.composite
def bodies(draw: st.DrawFn) -> list[str]:
    """Right sides of assignments to v0, v1, ..., each of the arguments x, y and of values before it."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 6))):
        names = st.sampled_from(["x", "y", *(f"v{index}" for index in range(len(lines)))])
        operation = draw(st.sampled_from(UNARY) | st.sampled_from(BINARY))
        lines.append(operation.format(draw(names), draw(names)))
    return lines


shapes = st.lists(st.integers(1, 3), max_size=2).map(tuple)


@settings(max_examples=60)
@given(bodies(), shapes, shapes)
def test_of_every_value_in_a_mapped_function(lines: list[str], left: tuple[int, ...], right: tuple[int, ...]) -> None:
    traced, error = _trace(lines, left, right)
    source = _program([*lines[: len(traced)], *([lines[len(traced)]] if error else [])], left, right, len(traced))
    found = check_source("a.py", source)
    revealed = [one.message.split('"')[1] for one in found if one.code == "revealed-type"]
    assert revealed == [str(one) for one in traced], source
    errors = [one for one in found if one.severity == "error"]
    assert len(errors) == (error is not None), (source, found, error)


def _program(lines: list[str], left: tuple[int, ...], right: tuple[int, ...], revealed: int) -> str:
    body = [f"    v{index} = {line}" for index, line in enumerate(lines)]
    body += [f"    reveal_type(v{index})" for index in range(revealed)]
    call = f"mapped(jnp.ones({(2, *left)}), jnp.ones({(2, 3, *right)}))"
    return "\n".join([IMPORTS, "def f(x, y):", *body, "    return 0", MAPPED, call, ""])


def _trace(lines: list[str], left: tuple[int, ...], right: tuple[int, ...]) -> tuple[list[ArrayType], Exception | None]:
    """The types that the values really have while the runtime traces the function, and what it raises."""
    traced: list[ArrayType] = []
    errors: list[Exception] = []
    scope: dict[str, Any] = {}
    exec(IMPORTS, scope)

    def f(x: jax.Array, y: jax.Array) -> int:
        values = {"x": x, "y": y}
        for index, line in enumerate(lines):
            try:
                value = eval(line, scope, values)
            except Exception as error:
                errors.append(error)
                break
            values[f"v{index}"] = value
            array_type = array_of_aval(jax.typeof(value)).type
            traced.append(array_type.with_named_shape(named_shape(value)))
        return 0

    scope["f"], jnp = f, scope["jnp"]
    exec(MAPPED, scope)
    scope["mapped"](jnp.ones((2, *left)), jnp.ones((2, 3, *right)))
    return traced, errors[0] if errors else None


PROGRAMS = [program.source for program in corpus()]
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_no_mutation_of_a_program_makes_the_analyzer_fail(program: str) -> None:
    """Lines and tokens of the corpus deleted, doubled and exchanged: whatever comes out, it is answered."""
    chance = random.Random(program)
    for _ in range(5):
        mutated = _mutated(program, chance)
        places = [diagnostic.place for diagnostic in check_source("a.py", mutated)]
        assert places == sorted(places)


def _mutated(source: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        parts = source.splitlines(keepends=True) if chance.random() < 0.3 else _TOKEN.findall(source)
        here, there = chance.randrange(len(parts)), chance.randrange(len(parts))
        match chance.choice(["delete", "double", "exchange", "copy"]):
            case "delete":
                parts[here] = ""
            case "double":
                parts.insert(there, parts[here])
            case "exchange":
                parts[here], parts[there] = parts[there], parts[here]
            case "copy":
                parts[here] = parts[there]
        source = "".join(parts)
        if not source:
            return source
    return source
