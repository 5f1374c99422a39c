"""An xmap inside a mapped function sees the outer names."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from named_types.runtime import lax as named_lax
from named_types.runtime import mesh, xmap
from named_types.runtime import numpy as named_jnp

SPREAD: list[tuple[dict[str, int], dict[str, Any]]] = [
    ({"x": 8}, {"i": "x"}),
    ({"x": 4, "y": 2}, {"i": "y"}),
    ({"x": 4, "y": 2}, {"i": ("y", "x")}),
]
X = jax.random.normal(jax.random.key(0), (8, 3))
Y = jax.random.normal(jax.random.key(1), (8, 3))


def test_collectives_over_inner_outer_and_both(same_everywhere):
    def outer(x, y):
        def inner(a, b):
            return {
                "inner": lax.psum(a * b, "j"),
                "outer": lax.psum(a, "i").sum() + 0 * b,
                "both": lax.psum(a, ("i", "j")),
                "pdot": named_lax.pdot(a, b, ("i", "j")),
                "einsum": named_jnp.einsum("{i,j},{i,j}->{j}", a, b),
                "index": lax.axis_index(("i", "j")),
                "gathered": lax.all_gather(a, ("j", "i"))[5],
            }

        out = {"inner": {}, "outer": ["j"], "both": {}, "pdot": {}, "einsum": ["j"], "index": ["j"], "gathered": {}}
        return xmap(inner, (["j"], ["j"]), out)(x, y)

    axes = ["i", ...]
    result = same_everywhere(outer, (axes, axes), axes, (X, Y), SPREAD)
    everywhere = jnp.ones(8)
    expected = {
        "inner": (X * Y).sum(1),
        "outer": everywhere[:, None] * X.sum(0),
        "both": everywhere * X.sum(),
        "pdot": everywhere * (X * Y).sum(),
        "einsum": everywhere[:, None] * (X * Y).sum(0),
        "index": jnp.arange(24).reshape((8, 3)),
        "gathered": everywhere * X.T.ravel()[5],
    }
    jax.tree_util.tree_map(lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-4), result, expected)


def test_values_of_the_outer_function_are_closed_over(same_everywhere):
    def outer(x, y):
        return xmap(lambda a: lax.psum(a * y.sum(), "j") + lax.psum(y[0], "i"), ["j"], {})(x)

    axes = ["i", ...]
    result = same_everywhere(outer, (axes, axes), axes, (X, Y), SPREAD)
    np.testing.assert_allclose(result, X.sum(1) * Y.sum(1) + Y[:, 0].sum(), rtol=1e-4)


def test_one_inner_function_under_two_outer_ones(same_everywhere):
    """The trace of the inner function belongs to the axis env it was made in."""
    inner = xmap(lambda a: lax.psum(a, "j"), ["j"], {})

    def by_rows(x):
        return inner(x)

    def by_columns(x):
        return inner(x) + lax.axis_index("k")

    np.testing.assert_allclose(inner(X[0]), X[0].sum(), rtol=1e-5)
    rows = same_everywhere(by_rows, ["i", ...], ["i"], (X,), SPREAD)
    columns = same_everywhere(by_columns, {1: "k"}, ["k"], (X,), [({"x": 3}, {"k": "x"})])
    np.testing.assert_allclose(rows, X.sum(1), rtol=1e-5)
    np.testing.assert_allclose(columns, X.sum(0) + jnp.arange(3), rtol=1e-4, atol=1e-5)


def test_gradient_of_a_nested_xmap(scope):
    def outer(x, y):
        inner = xmap(lambda a, b: lax.psum(jnp.sin(a) * lax.psum(b, "i"), "j"), (["j"], ["j"]), {})
        return inner(x, y)

    axes = ["i", ...]
    expected = jax.grad(lambda x, y: (jnp.sin(x) * y.sum(0)).sum(), (0, 1))(X, Y)
    for shape, resources in [({}, {}), *SPREAD]:
        mapped = xmap(outer, (axes, axes), axes, axis_resources=resources)
        with scope(**shape):
            gradients = jax.grad(lambda x, y: mapped(x, y).sum(), (0, 1))(X, Y)  # noqa: B023
        for gradient, expected_gradient in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-4, atol=1e-5)


def test_inside_vmap_jit_and_scan(scope):
    """The other way round: xmap in functions that JAX transforms."""
    mapped = xmap(lambda a: lax.psum(a, ("i", "j")), ["j"], {}, axis_resources={"j": "x"})
    plain = xmap(lambda a: a - named_jnp.mean(a, "j"), ["j"], ["j"], axis_resources={"j": "x"})
    with scope(x=8):
        total = jax.vmap(mapped, axis_name="i", in_axes=1)(X)
        centred = jax.jit(jax.vmap(plain, in_axes=1, out_axes=1))(X)
        _, scanned = lax.scan(lambda carry, row: (carry, plain(row)), 0, X.T)
    np.testing.assert_allclose(total, jnp.full(3, X.sum()), rtol=1e-4)
    np.testing.assert_allclose(centred, X - X.mean(0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(scanned.T, X - X.mean(0), rtol=1e-4, atol=1e-6)


NESTED = [
    ({}, {}),
    ({"i": "x"}, {}),
    ({}, {"j": "y"}),
    ({"i": "x"}, {"j": "y"}),
    ({"i": "y"}, {"j": ("x", "z")}),
]
"""Resources of an outer axis of size 8, and of an inner one of size 4, on a mesh of 2x2x2."""


def nested_everywhere(inner, x, y, out_axes, transform=lambda mapped: mapped):
    """The results of an inner map inside an outer one, under every assignment of resources."""
    results = []
    for outer_resources, inner_resources in NESTED:

        def outer(a, b, inner_resources=inner_resources):
            return jnp.tanh(xmap(inner, ({0: "j"}, {}), ["j", ...], axis_resources=inner_resources)(a, b)) + b.sum()

        with mesh(np.array(jax.devices()).reshape(2, 2, 2), ("x", "y", "z")):
            mapped = xmap(outer, (["i", ...], {}), out_axes, axis_resources=outer_resources)
            results.append(transform(mapped)(x, y))
    return results


def inner_function(a, b):
    return jnp.sin(a) * b + lax.psum(a.sum() * b, "j") - 2 * lax.pmean(a, "i") + lax.axis_index("j")


def reference(x, y):
    inner = jnp.sin(x) * y + (x.sum(2, keepdims=True) * y).sum(1, keepdims=True)
    inner = inner - 2 * x.mean(0) + jnp.arange(4.0)[:, None]
    return jnp.tanh(inner) + y.sum()


A = jax.random.normal(jax.random.key(2), (8, 4, 3))
B = jax.random.normal(jax.random.key(3), (3,))


def test_nested_maps_have_resources_of_their_own():
    for result in nested_everywhere(inner_function, A, B, ["i", ...]):
        np.testing.assert_allclose(result, reference(A, B), rtol=1e-4, atol=1e-5)


def test_gradients_through_nested_resources():
    def gradient(mapped):
        return jax.grad(lambda x, y: (mapped(x, y) ** 2).sum(), argnums=(0, 1))

    expected = gradient(reference)(A, B)
    for result in nested_everywhere(inner_function, A, B, ["i", ...], transform=gradient):
        jax.tree_util.tree_map(
            lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4), result, expected
        )


def test_gradients_inside_a_mapped_function_of_nested_resources(scope):
    def loss(w, x):
        mapped = xmap(lambda a, w: jnp.tanh(a * w), (["j"], {}), ["j"], axis_resources={"j": "y"})
        return mapped(x, w).sum()

    def outer(w, x):
        return named_lax.pmean(jax.grad(loss)(w, x), "i")

    with scope(x=4, y=2):
        result = xmap(outer, ({}, ["i", ...]), {}, axis_resources={"i": "x"})(0.5, A[..., 0])
    expected = jax.grad(lambda w: jnp.tanh(A[..., 0] * w).sum(1).mean())(0.5)
    np.testing.assert_allclose(result, expected, rtol=1e-4)


def test_a_mesh_with_another_axis_of_the_name_of_an_outer_one(scope):
    """The outer axis is none of the mesh: what the inner function sums over it, it sums over all instances."""

    def inner(y):
        return y / lax.psum(y, ("x", "j"))

    def row(y):
        return jnp.sin(xmap(inner, ["j"], ["j"], axis_resources={"j": "y"})(y))

    x = 1 + jnp.arange(24.0).reshape(3, 8)
    with scope(x=2, y=4):
        for around in (xmap(row, ["x", ...], ["x", ...]), jax.vmap(row, axis_name="x")):
            np.testing.assert_allclose(around(x), jnp.sin(x / x.sum()), rtol=1e-6)
            gradient = jax.grad(lambda x, around=around: around(x)[0, 0])(x)
            np.testing.assert_allclose(gradient, jax.grad(lambda x: jnp.sin(x / x.sum())[0, 0])(x), rtol=1e-5)


def test_values_inside_a_nested_map_are_partitioned(scope):
    """Each device holds its part of both axes: 8 / 4 of the outer, 4 / 2 of the inner one."""

    def outer(x):
        return xmap(lambda a: jnp.sort(jnp.sin(a)), ["j", ...], ["j", ...], axis_resources={"j": "y"})(x)

    with scope(x=4, y=2):
        mapped = xmap(outer, ["i", ...], ["i", ...], axis_resources={"i": "x"})
        compiled = mapped.lower(A).compile()
        assert mapped(A).sharding.shard_shape(A.shape)[0] == 2
    text = str(compiled.as_text())
    assert "f32[2,2,3]" in text
    assert not any(collective in text for collective in ("all-gather", "all-reduce", "all-to-all"))


def test_an_inner_trace_is_not_used_under_other_outer_resources(scope):
    inner = xmap(lambda a: a * 2, ["j"], ["j"], axis_resources={"j": "y"})
    for resources in ({"i": "x"}, {}):
        with scope(x=4, y=2):
            mapped = xmap(lambda a: inner(a), ["i", ...], ["i", ...], axis_resources=resources)
            np.testing.assert_allclose(mapped(A[..., 0]), 2 * A[..., 0])


def test_contractions_over_the_axes_of_both_maps(same_everywhere):
    """What the inner map leaves for the outer one is a contraction of its own."""

    def outer(x, y):
        inner = xmap(lambda a, b: named_jnp.einsum("{i,j},{i,j}->{i}", a, b), (["j"], ["j"]), {})
        total = xmap(lambda a: named_lax.pdot(a, x[0], ("i", "j")), ["j"], {})
        return inner(x, y), total(y)

    axes = ["i", ...]
    rows, total = same_everywhere(outer, (axes, axes), (["i"], {}), (X, Y), SPREAD)
    np.testing.assert_allclose(rows, (X * Y).sum(1), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(total, (Y * X[:, :1]).sum(), rtol=1e-4, atol=1e-5)
