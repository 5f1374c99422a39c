"""A value is partitioned over a mesh axis if and only if its named shape has an axis mapped to it.

Shown for every value of the lowered program: inside the mapped function, the shapes of what a device computes are
those of one instance, times the part of each named axis that the device holds. Nothing is communicated unless the
program says so.
"""

from __future__ import annotations

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import jaxprs_in_params

from named_types.runtime import SerialLoop, xmap
from named_types.runtime import numpy as named_jnp

SIZE, DEVICES = 22, 2
"""One instance has no dimension that is a multiple of 11: such a dimension is the axis, or the part of a device."""

KEY = jax.random.key(0)
SYMMETRIC = 0.1 * jnp.ones((4, 4)) + jnp.eye(4)

OPERATIONS = {
    "elementwise": jnp.sin,
    "matmul": lambda x: x @ x.T,
    "sum": lambda x: x.sum(0),
    "cumsum": lambda x: jnp.cumsum(x, axis=1),
    "argmax": lambda x: jnp.argmax(x, axis=0).astype(x.dtype),
    "sort": lambda x: jnp.sort(x, axis=1),
    "argsort": lambda x: jnp.argsort(x, axis=0).astype(x.dtype),
    "top_k": lambda x: lax.top_k(x, 2)[0],
    "fft": lambda x: jnp.fft.fft(x).real,
    "cholesky": lambda x: jnp.linalg.cholesky(x @ x.T + 9 * jnp.eye(4)),
    "qr": lambda x: jnp.linalg.qr(x)[1],
    "eigh": lambda x: jnp.linalg.eigh(x @ x.T)[0],
    "solve": lambda x: jnp.linalg.solve(SYMMETRIC, x),
    "solve of its own": lambda x: jnp.linalg.solve(x @ x.T + 9 * jnp.eye(4), x),
    "gather": lambda x: x[jnp.array([2, 0, 1])],
    "gather at own indices": lambda x: jnp.take_along_axis(x, jnp.argsort(x, axis=0), axis=0),
    "scatter": lambda x: x.at[jnp.array([0, 2])].add(1.0),
    "scatter at own indices": lambda x: jnp.zeros(4).at[jnp.argmax(x, axis=1)].add(1.0),
    "dynamic_slice": lambda x: lax.dynamic_slice(x, (jnp.argmax(x[:, 0]), 0), (2, 3)),
    "concatenate": lambda x: jnp.concatenate([x, x], axis=1),
    "pad": lambda x: jnp.pad(x, 1),
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(2, 10),
    "reverse": lambda x: x[::-1],
    "convolution": lambda x: jnp.convolve(x[0], jnp.ones(3)),
    "while": lambda x: lax.while_loop(lambda y: y.sum() < 40, lambda y: 2 * y + 1, jnp.abs(x)),
    "scan": lambda x: lax.scan(lambda carry, row: (carry + row, carry), x[0], x)[1],
    "cond": lambda x: lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x),
    "map": lambda x: lax.map(jnp.sum, x),
    "vmap": lambda x: jax.vmap(jnp.dot, (0, None))(x, x[0]),
    "random": lambda x: x + jax.random.normal(jax.random.fold_in(KEY, lax.axis_index("i")), (4, 5)),
    "gradient": jax.grad(lambda x: jnp.linalg.norm(jnp.tanh(x @ x.T))),
    "checkpoint": jax.checkpoint(lambda x: jnp.sin(x) * jnp.cos(x)),
    "logsumexp": lambda x: jax.nn.logsumexp(x, axis=1),
    "searchsorted": lambda x: jnp.searchsorted(jnp.sort(x[0]), x[1]).astype(x.dtype),
}

X = jax.random.normal(KEY, (SIZE, 4, 5))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_value_is_partitioned_iff_it_has_the_axis(scope, operation):
    function = OPERATIONS[operation]
    with scope(x=DEVICES, y=3):
        mapped = xmap(function, ["i", ...], ["i", ...], axis_resources={"i": "x"})
        result = mapped(X)
        lowered = mapped.lower(X)
        traced = jax.make_jaxpr(mapped)(X)
    inside = shapes_inside_shard_map(traced.jaxpr)
    assert any(SIZE // DEVICES in shape for shape in inside)
    assert not any(SIZE in shape for shape in inside)
    assert {shard.data.shape[0] for shard in result.addressable_shards} == {SIZE // DEVICES}
    assert not communication(lowered.compile().as_text())
    np.testing.assert_allclose(result, xmap(function, ["i", ...], ["i", ...])(X), rtol=1e-3, atol=1e-4)


def test_a_value_without_the_axis_is_whole_on_every_device(scope):
    def function(x, y):
        return named_jnp.mean(x, "i") + jnp.cumsum(jnp.sin(y))

    with scope(x=DEVICES, y=3):
        mapped = xmap(function, (["i"], {}), {}, axis_resources={"i": "x"})
        result = mapped(X[:, 0, 0], jnp.ones(SIZE))
        inside = shapes_inside_shard_map(jax.make_jaxpr(mapped)(X[:, 0, 0], jnp.ones(SIZE)).jaxpr)
        compiled = mapped.lower(X[:, 0, 0], jnp.ones(SIZE)).compile().as_text()
    assert (SIZE,) in inside
    assert {shard.data.shape for shard in result.addressable_shards} == {(SIZE,)}
    assert len(communication(compiled)) == 1


def shapes_inside_shard_map(jaxpr, is_inside=False):
    """Those of all values in shard_maps, at any depth."""
    found = set()
    for eqn in jaxpr.eqns:
        if is_inside:
            found |= {variable.aval.shape for variable in [*eqn.invars, *eqn.outvars]}
        for inner in jaxprs_in_params(eqn.params):
            found |= shapes_inside_shard_map(inner, is_inside or eqn.primitive.name == "shard_map")
    return found


def communication(compiled):
    return re.findall(r" (?:all-(?:gather|reduce|to-all)|collective-permute|reduce-scatter)\(", compiled)


DRAWS = {
    "a key of each instance": lambda x: jax.random.normal(jax.random.fold_in(KEY, lax.axis_index("i")), (3,)) + 0 * x,
    "one key for all": lambda x: jax.random.uniform(KEY, (3,)) + 0 * x,
    "keys split": lambda x: jax.random.randint(jax.random.split(KEY, 24)[lax.axis_index("i")], (3,), 0, 10**6) + 0 * x,
    "dropout": lambda x: x * jax.random.bernoulli(jax.random.fold_in(KEY, lax.axis_index("i")), 0.5, (3,)),
}


ASSIGNMENTS: list[tuple[dict[str, int], dict[str, Any]]] = [
    ({"x": 8}, {"i": "x"}),
    ({"x": 2, "y": 4}, {"i": "y"}),
    ({"x": 2, "y": 4}, {"i": ("y", "x")}),
    ({}, {"i": SerialLoop(6)}),
    ({"x": 4}, {"i": ("x", SerialLoop(2))}),
]


@pytest.mark.parametrize("draw", DRAWS)
def test_random_numbers_are_identical_under_every_assignment(scope, draw):
    x = jnp.ones((24, 3))
    local = xmap(DRAWS[draw], ["i", ...], ["i", ...])(x)
    for shape, resources in ASSIGNMENTS:
        with scope(**shape):
            spread = xmap(DRAWS[draw], ["i", ...], ["i", ...], axis_resources=resources)(x)
        np.testing.assert_array_equal(spread, local)
