"""A mesh whose axes are Explicit, as those of `jax.make_mesh` are: types tell there how values are spread."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from named_types.runtime import SerialLoop, nn, xmap
from named_types.runtime import lax as named_lax

MESH = jax.make_mesh((4, 2), ("x", "y"))
X = jnp.linspace(0.5, 2.0, 64).reshape(8, 8)
ROW = jnp.linspace(-1.0, 1.0, 8)


@jax.custom_vjp
def squared(x):
    return x**2


squared.defvjp(lambda x: (x**2, x), lambda x, cotangent: (2 * x * cotangent,))


def nested(inner, **resources):
    return lambda x: xmap(inner, ["j"], ["j"], axis_resources=resources)(x)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "elementwise": lambda x: jnp.sin(x) * 2 + 1,
    "closure": lambda x: x * ROW,
    "own jvp": lambda x: jax.nn.relu(x - 1),
    "own vjp": squared,
    "own derivatives without names": lambda x: x * jax.nn.relu(ROW) * squared(ROW) + jax.nn.relu(jnp.zeros(8)),
    "scatter": lambda x: jnp.zeros(8).at[:2].add(x[:2]).at[0].set(x[0]),
    "gather": lambda x: x[jnp.array([1, 0, 3])].sum() * x,
    "sort": lambda x: jnp.sort(-x),
    "random": lambda x: x * jax.random.normal(jax.random.key(0), (8,)),
    "scan": lambda x: lax.scan(lambda carry, t: (carry * t + x.sum(), carry), 0.0, x)[1],
    "while": lambda x: lax.fori_loop(0, 3, lambda _, carry: carry * x, x),
    "cond": lambda x: lax.cond(x[0] > 1, jnp.sin, lambda y: y, x),
    "checkpoint": lambda x: jax.checkpoint(lambda y: jnp.sin(y) * 2)(x),
    "psum": lambda x: x / lax.psum(x, "i"),
    "permutation": lambda x: lax.ppermute(x, "i", [(i, (i + 1) % 8) for i in range(8)]),
    "contraction": lambda x: named_lax.pdot(x, x, "i") * x,
    "softmax": lambda x: nn.softmax(x, ("i",)),
    "gradient": lambda x: jax.grad(lambda y: lax.psum((y**2).sum(), "i"))(x),
    "nested": nested(lambda y: jax.nn.relu(y - 1) * lax.psum(jnp.sin(y), ("i", "j"))),
}
SPREAD: dict[str, Callable[[Any], Any]] = {
    **FUNCTIONS,
    "nested": nested(lambda y: jax.nn.relu(y - 1) * lax.psum(jnp.sin(y), ("i", "j")), j="y"),
}


@pytest.mark.parametrize("is_placed", [True, False])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients(name, is_placed):
    axes = ["i", ...]
    reference, mapped = xmap(FUNCTIONS[name], axes, axes), xmap(SPREAD[name], axes, axes, axis_resources={"i": "x"})

    def weighted(function):
        return jax.jit(jax.grad(lambda x: (function(x) * jnp.cos(X)).sum()))

    expected = reference(X), weighted(reference)(X)
    with jax.set_mesh(MESH):
        x = jax.device_put(X, NamedSharding(MESH, PartitionSpec("x"))) if is_placed else X
        result: Any = mapped(x)
        np.testing.assert_allclose(result, expected[0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(weighted(mapped)(x), expected[1], rtol=1e-3, atol=1e-4)
    assert result.sharding.spec[0] == "x"


@pytest.mark.parametrize("name", ["closure", "own jvp", "random", "nested"])
def test_a_mesh_that_only_holds_for_the_mapped_function(name):
    """In ``with mesh:`` the types of what is outside tell nothing of the mesh."""
    mapped = xmap(SPREAD[name], ["i", ...], ["i", ...], axis_resources={"i": "x"})
    reference = xmap(FUNCTIONS[name], ["i", ...], ["i", ...])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with MESH:
            result = mapped(X)
            gradient = jax.grad(lambda x: mapped(x).sum())(X)
    np.testing.assert_allclose(result, reference(X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(gradient, jax.grad(lambda x: reference(x).sum())(X), rtol=1e-3, atol=1e-4)


def test_values_of_an_enclosing_function_are_closed_over():
    """They have types of their own."""

    def scaled(w, x):
        return xmap(lambda a: jax.nn.relu(a * w - 1), ["i", ...], ["i", ...], axis_resources={"i": "x"})(x)

    with jax.set_mesh(MESH):
        w = jax.device_put(ROW, NamedSharding(MESH, PartitionSpec("y")))
        result: Any = jax.jit(scaled)(w, X)
        gradient = jax.jit(jax.grad(lambda w: scaled(w, X).sum()))(w)
    np.testing.assert_allclose(result, jax.nn.relu(X * ROW - 1), rtol=1e-5)
    np.testing.assert_allclose(gradient, (X * (X * ROW > 1)).sum(0), rtol=1e-5)
    assert result.sharding.spec == PartitionSpec("x", "y")


def test_positions_keep_the_types_that_the_function_gives_them():
    mapped = xmap(lambda x: jnp.sin(x), ["i", ...], ["i", ...], axis_resources={"i": "x"})
    with jax.set_mesh(MESH):
        x = jax.device_put(X, NamedSharding(MESH, PartitionSpec(None, "y")))
        result: Any = mapped(x)
    assert result.sharding.spec == PartitionSpec("x", None)


def test_serial_steps_beside_the_mesh():
    mapped = xmap(lambda x: jax.nn.relu(x - 1), ["i", "j"], ["i", "j"], axis_resources={"i": "x", "j": SerialLoop(2)})
    with jax.set_mesh(MESH):
        np.testing.assert_allclose(jax.grad(lambda x: mapped(x).sum())(X), (X > 1).astype(float))


def test_what_surrounds_it_has_explicit_axes_again():
    mapped = xmap(lambda x: jnp.sin(x), ["i", ...], ["i", ...], axis_resources={"i": "x"})
    with jax.set_mesh(MESH):
        types = jax.eval_shape(lambda x: mapped(x) + 1, X)
        assert set(jax.sharding.get_abstract_mesh().axis_types) == {AxisType.Explicit}
    assert types.sharding.spec == PartitionSpec("x", None)
