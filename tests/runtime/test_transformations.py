"""What `xmap` returns is a jit function, and works under and around every transformation of JAX."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import PartitionSpec

from named_types.runtime import Mesh, mesh, xmap

X = jnp.linspace(0.5, 2.0, 8)
SPREAD: list[tuple[dict[str, int], dict[str, Any]]] = [
    ({}, {}),
    ({"x": 8}, {"i": "x"}),
    ({"x": 2, "y": 2}, {"i": ("y", "x")}),
]


def normalise(x):
    return jnp.sin(x) / lax.psum(x, "i")


def by_position(x):
    return jnp.sin(x) / x.sum()


@pytest.fixture(params=SPREAD, ids=str)
def normalised(request, scope):
    """The mapped function, in the scope of a mesh."""
    shape, resources = request.param
    with scope(**shape):
        yield xmap(normalise, ["i"], ["i"], axis_resources=resources)


@jax.custom_vjp
def with_own_gradient(x):
    return x**2


with_own_gradient.defvjp(lambda x: (x**2, x), lambda x, cotangent: (7 * cotangent * x,))

AROUND: dict[str, Callable[[Any], Any]] = {
    "jit": jax.jit,
    "vmap": lambda f: lambda x: jax.vmap(f, in_axes=1, out_axes=1)(jnp.stack([x, 2 * x], axis=1)),
    "vmap of another name": lambda f: lambda x: jax.vmap(f, axis_name="j")(jnp.stack([x, 2 * x])),
    "vmap of the same name": lambda f: (
        lambda x: jax.jit(f)(jax.vmap(lambda y: y - lax.pmean(y, "i"), axis_name="i")(x))
    ),
    "grad": lambda f: jax.grad(lambda x: (f(x) * X).sum()),
    "grad of grad": lambda f: jax.grad(lambda x: jax.grad(lambda y: (f(y) ** 2).sum())(x).sum()),
    "jacfwd": jax.jacfwd,
    "jacrev": jax.jacrev,
    "jvp": lambda f: lambda x: jax.jvp(f, (x,), (jnp.cos(x),)),
    "vjp": lambda f: lambda x: jax.vjp(f, x)[1](jnp.cos(x)),
    "checkpoint": lambda f: jax.grad(lambda x: jax.checkpoint(f)(x)[0]),
    "scan": lambda f: lambda x: lax.scan(lambda carry, y: (f(carry) + y, carry), x, jnp.arange(3.0)),
    "while": lambda f: lambda x: lax.while_loop(lambda y: y.max() > 0.5, f, x),
    "cond": lambda f: lambda x: lax.cond(x[0] > 0, f, lambda y: y, x),
    "custom_vjp": lambda f: jax.grad(lambda x: with_own_gradient(f(x)).sum()),
    "linearize": lambda f: lambda x: jax.linearize(f, x)[1](x),
}


@pytest.mark.parametrize("around", AROUND)
def test_under_every_transformation(normalised, around):
    transform = AROUND[around]
    jax.tree_util.tree_map(
        partial(np.testing.assert_allclose, rtol=1e-3, atol=1e-5), transform(normalised)(X), transform(by_position)(X)
    )


def test_inside_a_shard_map():
    """Each device runs the whole mapped function on its part."""
    mapped = xmap(lambda x: x - lax.pmean(x, "i"), ["i"], ["i"])
    devices = Mesh(np.array(jax.devices()[:2]), "x")
    rows = jnp.arange(16.0).reshape((2, 8))
    spread = jax.shard_map(
        lambda part: mapped(part[0])[None],
        mesh=devices,
        in_specs=PartitionSpec("x"),
        out_specs=PartitionSpec("x"),
        check_vma=False,
    )
    np.testing.assert_allclose(spread(rows), rows - rows.mean(1, keepdims=True))


def test_inside_a_vmap_with_a_name_that_it_uses():
    """The names of enclosing transformations are in scope."""
    mapped = xmap(lambda x: x / lax.psum(x, ("i", "outer")), ["i"], ["i"])
    x = 1 + jnp.arange(12.0).reshape((3, 4))
    np.testing.assert_allclose(jax.vmap(mapped, axis_name="outer")(x), x / x.sum(), rtol=1e-6)


def test_shapes_without_running(normalised):
    struct = jax.eval_shape(normalised, jax.ShapeDtypeStruct((8,), jnp.float32))
    assert (struct.shape, struct.dtype) == ((8,), jnp.float32)


def test_a_function_of_no_arguments(scope):
    def indices():
        return {"each": lax.axis_index("i"), "sum": lax.psum(lax.axis_index("i"), "i")}

    for shape, resources in SPREAD:
        with scope(**shape):
            mapped = xmap(indices, (), {"each": ["i"], "sum": {}}, axis_sizes={"i": 8}, axis_resources=resources)
            result = mapped()
        np.testing.assert_array_equal(result["each"], jnp.arange(8))
        assert result["sum"] == 28


def test_stages(normalised):
    lowered = normalised.lower(X)
    compiled = lowered.compile()
    assert "stablehlo.sine" in lowered.as_text()
    assert re.search(r"f32\[\d?\]\S* sine\(", compiled.as_text())
    assert compiled.cost_analysis()["flops"] > 0
    assert compiled.memory_analysis().argument_size_in_bytes == X.nbytes / (
        len(compiled.input_shardings[0][0].device_set)
    )
    np.testing.assert_allclose(compiled(X), by_position(X), rtol=1e-6)
    assert normalised.trace(X).jaxpr.out_avals[0].shape == (8,)


def test_it_is_the_function_it_maps():
    mapped: Any = xmap(normalise, ["i"], ["i"])
    assert mapped.__name__ == "normalise"
    assert mapped.__wrapped__.__wrapped__ is normalise


def test_it_is_traced_once_for_each_kind_of_arguments():
    traces = []

    def function(x):
        traces.append(x.shape)
        return x

    for _ in range(2):
        mapped = xmap(function, ["i", ...], ["i", ...])
        mapped(jnp.ones(4))
        mapped(jnp.ones((4, 3)))
    assert traces == [(), (3,)]


@pytest.mark.parametrize(("donated", "deleted"), [((), []), (0, [0]), ((0, 1), [0, 1]), ([1], [1])])
def test_donated_arguments(donated, deleted):
    mapped = xmap(lambda x, y: (x + 1, y + 2), (["i"], ["i"]), ["i"], donate_argnums=donated)
    arguments = jnp.arange(4.0), jnp.arange(4)
    first, second = mapped(*arguments)
    np.testing.assert_array_equal(first, [1, 2, 3, 4])
    np.testing.assert_array_equal(second, [2, 3, 4, 5])
    assert [index for index, argument in enumerate(arguments) if argument.is_deleted()] == deleted


def test_donated_arguments_that_are_spread():
    with mesh(np.array(jax.devices()[:4]), "x") as devices:
        mapped = xmap(lambda x: 2 * x, ["i"], ["i"], axis_resources={"i": "x"}, donate_argnums=0)
        x = jax.device_put(jnp.arange(8.0), jax.NamedSharding(devices, PartitionSpec("x")))
        np.testing.assert_array_equal(mapped(x), 2 * np.arange(8.0))
    assert x.is_deleted()
