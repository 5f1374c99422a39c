"""An xmap inside a mapped function sees the outer names."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from named_types.runtime import lax as named_lax
from named_types.runtime import numpy as named_jnp
from named_types.runtime import xmap

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
