"""A mapped function in the body of a shard_map, of which types tell where values differ or do not.

Each device runs the whole mapped function on its row. In the reference, rows are a named axis too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import Mesh, PartitionSpec

from named_types.runtime import SerialLoop, nn, xmap
from named_types.runtime import lax as named_lax

CONSTANT = jnp.arange(3.0)
ROWS = jnp.linspace(0.5, 2.0, 16).reshape(2, 8)
DEVICES = Mesh(np.array(jax.devices()[:2]), ("x",))


def with_own_derivatives(x):
    @jax.custom_vjp
    def squared(y):
        return y**2

    squared.defvjp(lambda y: (y**2, y), lambda y, cotangent: (2 * y * cotangent,))
    return jax.nn.relu(squared(x) - 1.0)


EACH: dict[str, Callable[[Any], Any]] = {
    "literals": lambda x: 2 * x + 1,
    "constants": lambda x: (x * CONSTANT).sum() + jnp.zeros(3).sum(),
    "index": lambda x: x * lax.axis_index("i"),
    "index alone": lambda x: lax.axis_index("i") * 1.0,
    "scan": lambda x: lax.scan(lambda carry, t: (carry * t + x, carry), 0.0, CONSTANT)[0],
    "while": lambda x: lax.fori_loop(0, 3, lambda _, carry: carry * x, 1.0),
    "cond": lambda x: lax.cond(x > 1, jnp.sin, lambda _: 0.5, x),
    "where": lambda x: jnp.where(x > 1, x, 0.0),
    "scatter": lambda x: jnp.zeros(3).at[0].set(x).sum(),
    "random": lambda x: x * jax.random.normal(jax.random.fold_in(jax.random.key(0), lax.axis_index("i"))),
    "concatenate": lambda x: jnp.sort(jnp.concatenate([CONSTANT, x[None]]))[1:].sum(),
    "checkpoint": lambda x: jax.checkpoint(lambda y: jnp.sin(y) * 2)(x),
    "nested map": lambda x: xmap(lambda a: a * x, ["j"], ["j"])(CONSTANT).sum(),
    "own derivatives": with_own_derivatives,
}
MEETING: dict[str, Callable[[Any], Any]] = {
    "psum": lambda x: x / lax.psum(x, "i"),
    "pmax": lambda x: x / named_lax.pmax(x, "i"),
    "gather": lambda x: lax.all_gather(x, "i").sum() * x,
    "permutation": lambda x: lax.ppermute(x, "i", [(0, 1), (1, 2)]),
    "contraction": lambda x: named_lax.pdot(x, x, "i") * x,
    "gradient": lambda x: jax.grad(lambda y: lax.psum(y**2, "i"))(x),
    "softmax": lambda x: nn.softmax(x, ("i",)),
    "over the rows": lambda x: x - lax.pmean(x, "x"),
    "over both": lambda x: x / lax.psum(x, ("i", "x")),
}


@pytest.mark.parametrize("is_typed", [True, False])
@pytest.mark.parametrize("name", [*EACH, *MEETING])
def test_values_and_gradients(name, is_typed):
    function = {**EACH, **MEETING}[name]
    reference = xmap(function, ["x", "i"], ["x", "i"])
    loops: list[dict[str, Any]] = [{}, {"i": SerialLoop(2)}] if name in EACH else [{}]
    for resources in loops:
        mapped = xmap(function, ["i"], ["i"], axis_resources=resources)
        spread = jax.shard_map(
            lambda part, mapped=mapped: mapped(part[0])[None],
            mesh=DEVICES,
            in_specs=PartitionSpec("x"),
            out_specs=PartitionSpec("x"),
            check_vma=is_typed,
        )
        for run in (lambda f: f, lambda f: jax.grad(lambda x: (f(x) * jnp.cos(ROWS)).sum())):
            result, expected = jax.jit(run(spread))(ROWS), run(reference)(ROWS)
            np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_what_all_devices_share_stays_so():
    """A result without the mesh axis goes out whole; the gradient of a shared operand is the sum over devices."""
    scaled = xmap(lambda w, x: w * x, ({}, ["i"]), ["i"])
    total = xmap(lambda x: lax.psum(x, ("i", "x")), ["i"], {})
    shared = xmap(lambda w: jnp.tanh(2 * w) + CONSTANT.sum(), {}, {})

    def body(w, part):
        return total(scaled(w, part[0])) + shared(w)

    spread = jax.shard_map(
        body, mesh=DEVICES, in_specs=(PartitionSpec(), PartitionSpec("x")), out_specs=PartitionSpec()
    )
    value, gradient = jax.value_and_grad(spread)(jnp.float32(0.5), ROWS)
    np.testing.assert_allclose(value, 0.5 * ROWS.sum() + np.tanh(1.0) + 3, rtol=1e-5)
    np.testing.assert_allclose(gradient, ROWS.sum() + 2 / np.cosh(1.0) ** 2, rtol=1e-5)
