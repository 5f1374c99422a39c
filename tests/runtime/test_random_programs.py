"""Random named programs equal the same programs on positional axes, under every valid axis_resources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax as jax_lax

from named_types.runtime import NamedAxisError, lax, mesh, xmap
from named_types.runtime import numpy as named_jnp

SIZES = {"a": 4, "b": 8, "c": 2}
NAMES = tuple(SIZES)
MESH = {"x": 2, "y": 2}
INPUTS = (("a",), ("a", "b"), ("b", "c"))


@dataclass(frozen=True)
class Value:
    """A value of the positional program: all three axes in order, of size 1 where it lacks the name."""

    array: Any

    def lift(self, name: str) -> Any:
        position = NAMES.index(name)
        return jnp.broadcast_to(
            self.array, [SIZES[name] if axis == position else size for axis, size in enumerate(self.array.shape)]
        )


@dataclass(frozen=True)
class Step:
    """One operation, on two earlier values and an axis: as a named and as a positional function."""

    text: str
    named: Callable[[Any, Any, str], Any]
    positional: Callable[[Value, Value, str], Any]


def at(name: str) -> int:
    return NAMES.index(name)


STEPS = [
    Step("x + y", lambda x, y, _: x + y, lambda x, y, _: x.array + y.array),
    Step("sin(x) * y", lambda x, y, _: jnp.sin(x) * y, lambda x, y, _: jnp.sin(x.array) * y.array),
    Step(
        "sum(x)",
        lambda x, _, name: named_jnp.sum(x, name) / 8,
        lambda x, _, name: x.lift(name).sum(at(name), keepdims=True) / 8,
    ),
    Step(
        "max(x)",
        lambda x, _, name: named_jnp.max(x, name),
        lambda x, _, name: x.array.max(at(name), keepdims=True),
    ),
    Step(
        "pdot(x, y)",
        lambda x, y, name: lax.pdot(x, y, name) / 8,
        lambda x, y, name: (x.lift(name) * y.array).sum(at(name), keepdims=True) / 8,
    ),
    Step(
        "x - pmean(x)",
        lambda x, _, name: x - lax.pmean(x, name),
        lambda x, _, name: x.array - x.array.mean(at(name), keepdims=True),
    ),
    Step(
        "all_gather(x)[1] + y",
        lambda x, y, name: lax.all_gather(x, name)[1] + y,
        lambda x, y, name: jnp.take(x.lift(name), jnp.array([1]), at(name)) + y.array,
    ),
    Step(
        "x * axis_index",
        lambda x, _, name: x * (1 + lax.axis_index(name)) / SIZES[name],
        lambda x, _, name: (
            x.array
            * ((1 + jnp.arange(SIZES[name])) / SIZES[name]).reshape(
                [SIZES[name] if axis == at(name) else 1 for axis in range(3)]
            )
        ),
    ),
    Step(
        "grad(sin(x) * y)",
        lambda x, y, _: jax.grad(lambda v: jnp.sin(v) * y)(x),
        lambda x, y, _: jnp.cos(x.array) * y.array,
    ),
    Step(
        "scan over sin(carry) + t * pmean(y)",
        lambda x, y, name: jax_lax.scan(
            lambda carry, t: (jnp.sin(carry) + t * lax.pmean(y, name), None), x, jnp.arange(3.0)
        )[0],
        lambda x, y, name: scan_by_position(x.array, y.array.mean(at(name), keepdims=True)),
    ),
    Step(
        "cond(x > 0.05, pmean(y), sin(x))",
        lambda x, y, name: jax_lax.cond(x > 0.05, lambda: lax.pmean(y, name), lambda: jnp.sin(x)),
        lambda x, y, name: jnp.where(x.array > 0.05, y.array.mean(at(name), keepdims=True), jnp.sin(x.array)),
    ),
    Step(
        "xmap inside",
        lambda x, y, name: xmap(lambda v: lax.psum(v * x, ("inner", name)) / 24, ["inner"], {})(jnp.arange(3.0) * y),
        lambda x, y, name: (x.lift(name) * y.array).sum(at(name), keepdims=True) / 8,
    ),
    Step(
        "while loop",
        lambda x, y, _: jax_lax.while_loop(
            lambda state: state < 1.0, lambda state: state + 0.5 + jnp.tanh(y) ** 2, jnp.tanh(x)
        ),
        lambda x, y, _: while_by_position(jnp.tanh(x.array), 0.5 + jnp.tanh(y.array) ** 2),
    ),
]


def scan_by_position(carry: Any, addend: Any) -> Any:
    for t in range(3):
        carry = jnp.sin(carry) + t * addend
    return carry


def while_by_position(state: Any, step: Any) -> Any:
    for _ in range(4):
        state = jnp.where(state < 1.0, state + step, state)
    return state + 0 * step


programs = st.lists(
    st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 2**16), st.integers(0, 2**16), st.sampled_from(NAMES)),
    min_size=1,
    max_size=6,
)
resources = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(["x", "y", ("x", "y"), ("y", "x")]), min_size=1
).filter(lambda mapped: all(SIZES[name] % (2 * len(np.atleast_1d(entry))) == 0 for name, entry in mapped.items()))


def run(program: Any, values: list[Any], apply: Callable[..., Any]) -> Any:
    values = list(values)
    for step, left, right, name in program:
        values.append(apply(STEPS[step], values[left % len(values)], values[right % len(values)], name))
    return values[-1]


@settings(max_examples=40, deadline=None)
@given(programs, resources)
def test_named_programs_equal_positional_ones(program, mapping):
    check(program, mapping)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(programs, resources)
def test_many_named_programs_equal_positional_ones(program, mapping):
    check(program, mapping)


def check(program: Any, mapping: dict[str, Any]) -> None:
    keys = jax.random.split(jax.random.key(len(program)), len(INPUTS))
    arrays = [jax.random.normal(key, [SIZES[name] for name in names]) for key, names in zip(keys, INPUTS, strict=True)]

    def named(*values):
        return run(program, list(values), lambda step, x, y, name: step.named(x, y, name))

    def by_position(*arrays):
        values = [
            Value(array.reshape([SIZES[name] if name in names else 1 for name in NAMES]))
            for array, names in zip(arrays, INPUTS, strict=True)
        ]
        last = run(program, values, lambda step, x, y, name: Value(step.positional(x, y, name)))
        return jnp.broadcast_to(last.array, tuple(SIZES.values()))

    expected = by_position(*arrays)
    has_gradient = all(STEPS[step].text != "while loop" for step, *_ in program)
    axes: dict[str, Any] = {"in_axes": tuple(map(list, INPUTS)), "out_axes": list(NAMES)}

    np.testing.assert_allclose(xmap(named, **axes)(*arrays), expected, rtol=1e-4, atol=1e-5)
    with mesh(np.array(jax.devices()[:4]).reshape(tuple(MESH.values())), tuple(MESH)):
        try:
            spread = xmap(named, **axes, axis_resources=mapping)(*arrays)
        except NamedAxisError as error:
            assert error.problem.code == "resource-conflict"  # noqa: PT017
            assert shares_a_resource(mapping)
        else:
            np.testing.assert_allclose(spread, expected, rtol=1e-4, atol=1e-5)
            if has_gradient:
                same = gradients(xmap(named, **axes, axis_resources=mapping), arrays)
                for one, other in zip(same, gradients(by_position, arrays), strict=True):
                    np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def gradients(function: Callable[..., Any], arrays: list[Any]) -> Any:
    return jax.jit(jax.grad(lambda *args: (function(*args) ** 2).mean(), argnums=(0, 1, 2)))(*arrays)


def shares_a_resource(mapping: dict[str, Any]) -> bool:
    used = [mesh_axis for entry in mapping.values() for mesh_axis in np.atleast_1d(entry)]
    return len(used) > len(set(used))
