"""Equations whose types are known are put down as they are: the program is the one that JAX's own checks would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import Array, lax
from jax.experimental.compute_on import compute_on
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend.core import ClosedJaxpr, Jaxpr, jaxprs_in_params

from named_types.runtime import instance_rules, staging, xmap
from named_types.runtime import lax as named_lax
from named_types.runtime import nn as named_nn
from named_types.runtime import numpy as named_jnp

OPERATIONS: dict[str, Callable[[Array, Array], Any]] = {
    "elementwise": lambda x, y: jnp.sin(x) + y * 2 - x / 3,
    "comparison": lambda x, y: jnp.where(x < y, x, 0),
    "between layouts": lambda x, y: x[:, None] + y,
    "other types": lambda x, y: (x.astype(jnp.bfloat16) + 1, (y > 0).astype(jnp.int8), x + 1j, x.astype(int) // 2),
    "reductions": lambda x, y: (x.sum(0), y.max(), jnp.argmin(x), jnp.any(x > y), x.mean(keepdims=True)),
    "products": lambda x, y: (x @ y, jnp.outer(x, y), jnp.dot(x.astype(jnp.float16), y.astype(jnp.float16))),
    "axes": lambda x, y: (jnp.expand_dims(x, (0, 2)), jnp.stack([x, y]).T, jnp.outer(x, y)[..., None].squeeze(2)),
    "slices": lambda x, y: (x[1:], x[::-1], jnp.concatenate([x, y]), jnp.pad(x, 1), jnp.cumsum(y)),
    "custom_jvp": lambda x, y: jax.nn.silu(jax.nn.relu(x)) + y,
    "keys": lambda x, y: jax.random.uniform(jax.random.fold_in(jax.random.key(0), y[0].astype(int)), x.shape),
    "collectives": lambda x, y: named_nn.logsumexp(x, "x") + named_lax.pmean(y, "y"),
    "contractions": lambda x, y: (named_lax.pdot(x, y, "y"), named_jnp.einsum("a{x},a{y}->{x,y}", x, y)),
    "scalars": lambda x, y: (lax.full_like(x, 1), jnp.float32(2) * y[0], 3),
    "control flow": lambda x, y: lax.scan(lambda carry, entry: (carry * entry, carry), x[0], y),
}


@pytest.fixture
def bound(monkeypatch):
    """From here on, primitives are bound."""

    def patch() -> None:
        for module in (staging, instance_rules):
            monkeypatch.setattr(module, "stage", lambda *_: None)

    return patch


ASSIGNMENTS: dict[str, tuple[dict[str, int], dict[str, str]]] = {
    "one device": ({}, {}),
    "x on a mesh": ({"p": 3}, {"x": "p"}),
    "y on a mesh": ({"p": 5}, {"y": "p"}),
}


@pytest.mark.parametrize(("mesh", "resources"), ASSIGNMENTS.values(), ids=ASSIGNMENTS.keys())
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_the_program_is_that_of_bound_primitives(operation, mesh, resources, bound, scope):
    operands = jnp.ones((3, 4)), jnp.ones((4, 5))

    def programs() -> list[ClosedJaxpr]:
        mapped = xmap(lambda x, y: operation(x, y), (["x", ...], {1: "y"}), {0: "x", 1: "y"}, axis_resources=resources)
        gradient = jax.grad(lambda *arrays: sum(map(jnp.sum, jax.tree.leaves(mapped(*arrays)))).real)
        return [mapped.trace(*operands).jaxpr, jax.make_jaxpr(gradient)(*operands)]

    with scope(**mesh):
        with jax.enable_checks(True):
            staged = programs()
        jax.clear_caches()
        bound()
        expected = programs()
    assert list(map(str, staged)) == list(map(str, expected))
    assert [list(_types(one.jaxpr)) for one in staged] == [list(_types(one.jaxpr)) for one in expected]


def _types(jaxpr: Jaxpr) -> Iterator[Any]:
    """The types of all values, with their shardings and the mesh axes they differ over."""
    for eqn in jaxpr.eqns:
        yield from (variable.aval for variable in eqn.outvars)
        for inner in jaxprs_in_params(eqn.params):
            yield from _types(inner)


def _under_metadata(x: Array) -> Array:
    with set_xla_metadata(kind="special"):
        return jnp.sin(x)


def _on_host(x: Array) -> Array:
    @compute_on("device_host")
    def sine(x: Array) -> Array:
        return jnp.sin(x)

    return sine(x)


@pytest.mark.parametrize(("function", "expected"), [(_under_metadata, "special"), (_on_host, "host")])
@pytest.mark.parametrize("shape", [{}, {"x": 2}])
def test_settings_of_the_function_hold_where_it_runs(function, expected, shape, scope):
    with scope(**shape):
        mapped = xmap(function, ["i", ...], ["i", ...], axis_resources={"i": "x"} if shape else {})
        assert expected in mapped.lower(jnp.ones((4, 3))).as_text()


def test_random_numbers_are_those_of_the_settings_of_the_function(same_everywhere):
    def draw(key: Array) -> Array:
        with jax.threefry_partitionable(False):
            return jax.random.uniform(key, (4,))

    keys = jax.random.split(jax.random.key(0), 4)
    drawn = same_everywhere(draw, ["i", ...], ["i", ...], (keys,), [({"x": 2}, {"i": "x"})])
    assert (drawn == jax.vmap(draw)(keys)).all()
    assert (drawn != jax.vmap(lambda key: jax.random.uniform(key, (4,)))(keys)).any()
