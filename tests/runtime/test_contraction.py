"""pdot and the named einsum against positional einsum, and their derivatives."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types.runtime import lax, xmap
from named_types.runtime import numpy as named_jnp

SPREAD: list[tuple[dict[str, int], dict[str, Any]]] = [
    ({"x": 8}, {"k": "x"}),
    ({"x": 2, "y": 4}, {"k": "x", "m": "y"}),
    ({"x": 4, "y": 2}, {"b": "x", "k": "y"}),
    ({"x": 4, "y": 2}, {"k": ("y", "x")}),
]
X = jax.random.normal(jax.random.key(0), (12, 8))
Y = jax.random.normal(jax.random.key(1), (8, 4))
AXES = (["b", "k"], ["k", "m"])


def pdot(x, y):
    return lax.pdot(x, y, "k")


def einsum(x, y):
    return named_jnp.einsum("{k,b},{m,k}->{m,b}", x, y)


@pytest.mark.parametrize("function", [pdot, einsum])
def test_matrix_product(same_everywhere, function):
    product = same_everywhere(function, AXES, ["b", "m"], (X, Y), SPREAD)
    np.testing.assert_allclose(product, X @ Y, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("function", [pdot, einsum])
def test_derivatives_from_outside(scope, function):
    weights = jnp.sin(jnp.arange(48.0)).reshape((12, 4))
    expected = jax.grad(lambda x, y: ((x @ y) ** 2 * weights).sum(), (0, 1))(X, Y)
    _, expected_tangent = jax.jvp(lambda x, y: x @ y, (X, Y), (X + 1, Y - 1))
    for shape, resources in [({}, {}), *SPREAD]:
        mapped = xmap(function, AXES, ["b", "m"], axis_resources=resources)
        with scope(**shape):
            gradients = jax.grad(lambda x, y: (mapped(x, y) ** 2 * weights).sum(), (0, 1))(X, Y)  # noqa: B023
            _, tangent = jax.jvp(mapped, (X, Y), (X + 1, Y - 1))
        for gradient, expected_gradient in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(tangent, expected_tangent, rtol=1e-3, atol=1e-4)


def test_second_derivatives(scope):
    v = jnp.arange(1.0, 9.0)
    for shape, resources in [({}, {}), ({"x": 4}, {"k": "x"})]:
        mapped = xmap(lambda x: lax.pdot(x, x, "k") ** 2, ["k"], {}, axis_resources=resources)
        with scope(**shape):
            np.testing.assert_allclose(jax.jit(jax.hessian(mapped))(v), 8 * jnp.outer(v, v) + 4 * (v @ v) * jnp.eye(8))


def test_a_derivative_inside_is_that_of_the_sum_over_instances(same_everywhere):
    """As in vmap(grad): the contraction is shared by the eight instances of 'k', and each counts."""

    def function(x, y):
        return jax.grad(lambda y: lax.pdot(x, y, "k"))(y)

    gradient = same_everywhere(function, (["k"], ["k"]), ["k"], (X[0], X[1]), [({"x": 4}, {"k": "x"})])
    np.testing.assert_allclose(gradient, 8 * X[0], rtol=1e-5)


def test_pdot_with_positional_axes(same_everywhere):
    x = jnp.arange(24.0).reshape((3, 4, 2))
    y = jnp.arange(120.0).reshape((2, 4, 3, 5))

    def function(x, y):
        return lax.pdot(x, y, "k", pos_contract=((0,), (1,)), pos_batch=((1,), (0,)))

    result = same_everywhere(function, ({2: "k"}, {0: "k"}), {}, (x, y), [({"x": 2}, {"k": "x"})])
    np.testing.assert_allclose(result, np.einsum("cbk,kbcd->bd", x, y))


def test_pdot_inside_positional_vmap_and_scan(same_everywhere):
    def function(x, y):
        rows = jax.vmap(lambda row: lax.pdot(row, y, "k"))(jnp.stack([x, 2 * x]))

        def add(total, row):
            return total + lax.pdot(row * x, y, "k"), None

        return jax.lax.scan(add, jnp.zeros(3), rows)[0]

    x, y = jnp.arange(24.0).reshape((8, 3)) / 10, jnp.arange(8.0) / 10
    dot = jnp.einsum("kn,k->n", x, y)
    expected = sum(jnp.einsum("kn,k->n", x * (scale * dot), y) for scale in (1, 2))
    mappings = [({"x": 4}, {"k": "x"}), ({"x": 8}, {"k": "x"})]
    result = same_everywhere(function, (["k", ...], ["k"]), {}, (x, y), mappings)
    np.testing.assert_allclose(result, expected, rtol=1e-4)


def test_an_axis_that_one_or_no_operand_has(same_everywhere):
    def function(x, y):
        return lax.pdot(x, y, "k"), lax.pdot(y, y, "k")

    mappings = [({"x": 4}, {"k": "x"}), ({"x": 8}, {"k": "x"})]
    one, none = same_everywhere(function, (["k"], {}), {}, (X[0], jnp.float32(3)), mappings)
    np.testing.assert_allclose(one, 3 * X[0].sum(), rtol=1e-5)
    np.testing.assert_allclose(none, 8 * 9)


def test_operands_are_promoted():
    def function(x, y):
        return lax.pdot(x, y, "k"), named_jnp.einsum("{k},{k}->", y, x)

    results = xmap(function, (["k"], ["k"]), {})(jnp.arange(8), jnp.ones(8, jnp.bfloat16))
    assert [result.dtype for result in results] == [jnp.bfloat16, jnp.bfloat16]
    assert [float(result) for result in results] == [28, 28]


def test_einsum_with_three_operands_letters_and_ellipsis(same_everywhere):
    def function(x, y, z):
        return named_jnp.einsum("...i{k},ij{k,m},{m}->...j", x, y, z)

    x, y, z = X.reshape((2, 2, 3, 8)), jnp.cos(jnp.arange(3 * 5 * 8 * 4.0)).reshape((3, 5, 8, 4)), Y[0]
    mappings = [({"x": 2, "y": 4}, {"k": "x", "m": "y"})]
    result = same_everywhere(function, ({3: "k"}, {2: "k", 3: "m"}, ["m"]), {}, (x, y, z), mappings)
    np.testing.assert_allclose(result, np.einsum("abik,ijkm,m->abj", x, y, z), rtol=1e-3, atol=1e-5)


def test_einsum_without_braces_is_numpys():
    np.testing.assert_allclose(named_jnp.einsum("ik,km->im", X, Y), X @ Y, rtol=1e-5)
    assert named_jnp.einsum(X, [0, 1], [0]).shape == (12,)


def test_xeinsum_is_einsum_with_one_specification(same_everywhere):
    def function(x, y):
        return lax.xeinsum("{i,k},{k,m}->{i,m}", x, y)

    mappings = [({"x": 2, "y": 4}, {"i": "x", "k": "y"}), ({"x": 4}, {"m": "x"})]
    result = same_everywhere(function, (["i", "k"], ["k", "m"]), ["i", "m"], (X, Y), mappings)
    np.testing.assert_allclose(result, X @ Y, rtol=1e-4)
