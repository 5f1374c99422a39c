"""Collectives over an axis that is local, on the mesh, or both: jax.vmap's results, whatever the resources."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from named_types.runtime import lax as named_lax
from named_types.runtime import xmap

SPREAD = [
    ({"x": 8}, {"i": "x"}),
    ({"x": 4, "y": 2}, {"i": "y"}),
    ({"x": 2, "y": 4}, {"i": ("x", "y")}),
    ({"x": 2, "y": 4}, {"i": ("y", "x")}),
]
SIZES = (8, 16)


def psum(x):
    return x / lax.psum(x, "i")


def psum_of_what_lacks_the_axis(x):
    return x * lax.psum(jnp.ones(3), "i").sum()


def pmax_and_pmin(x):
    return x - lax.pmax(x, "i") + lax.pmin(x, "i")


def axis_index(x):
    return x * lax.axis_index("i")


def all_gather(x):
    return x * lax.all_gather(x, "i")


def all_gather_tiled(x):
    return x * lax.all_gather(jnp.stack([x, x + 1]), "i", tiled=True)


def pshuffle(x):
    size = lax.axis_size("i")
    return lax.pshuffle(x, "i", [(3 * index + 1) % size for index in range(size)])


def all_to_all(x):
    return lax.all_to_all(x * jnp.arange(lax.axis_size("i")), "i", 0, 0)


def all_to_all_tiled(x):
    rows = 2 * lax.axis_size("i")
    return lax.all_to_all(x * jnp.arange(3.0 * rows).reshape((rows, 3)), "i", 0, 1, tiled=True)


def psum_scatter(x):
    return lax.psum_scatter(x * jnp.arange(lax.axis_size("i")), "i")


def psum_scatter_tiled(x):
    return lax.psum_scatter(x * jnp.arange(2 * lax.axis_size("i")), "i", tiled=True)


def softmax(x):
    return jax.nn.softmax(x, axis=("i",))


def variance(x):
    return x * jnp.var(x, axis=("i",))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "function",
    [
        psum,
        psum_of_what_lacks_the_axis,
        pmax_and_pmin,
        axis_index,
        all_gather,
        all_gather_tiled,
        pshuffle,
        all_to_all,
        all_to_all_tiled,
        psum_scatter,
        psum_scatter_tiled,
        softmax,
        variance,
    ],
)
def test_collective(same_everywhere, function, size):
    x = 0.5 + jnp.arange(float(size)) ** 1.1
    result = same_everywhere(function, ["i", ...], ["i", ...], (x,), SPREAD)
    expected = jax.vmap(function, axis_name="i")(x)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_ppermute_fills_with_zeros(same_everywhere, size):
    def shift(x):
        return lax.ppermute(x, "i", [(index, index + 1) for index in range(size - 1)])

    x = jnp.arange(1.0, size + 1)
    shifted = same_everywhere(shift, ["i", ...], ["i", ...], (x,), SPREAD)
    np.testing.assert_array_equal(shifted, jnp.roll(x, 1).at[0].set(0))


MATRIX = jnp.arange(32.0).reshape((4, 8)) ** 1.1
MATRIX_SPREAD = [
    ({"x": 4, "y": 2}, {"i": "x", "j": "y"}),
    ({"x": 2, "y": 4}, {"i": "x", "j": "y"}),
    ({"x": 2, "y": 4}, {"j": ("y", "x")}),
]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: lax.psum(x, ("i", "j")), jnp.broadcast_to(MATRIX.sum(), (4, 8))),
        (lambda x: lax.all_gather(x, ("i", "j"))[11], jnp.full((4, 8), MATRIX[1, 3])),
        (lambda x: lax.all_gather(x, ("j", "i"))[11], jnp.full((4, 8), MATRIX[3, 2])),
        (lambda x: lax.axis_index(("j", "i")), jnp.arange(32).reshape((8, 4)).T),
        (lambda x: lax.pshuffle(x, ("i", "j"), list(range(31, -1, -1))), MATRIX.ravel()[::-1].reshape((4, 8))),
        (lambda x: lax.psum_scatter(x * jnp.arange(32), ("i", "j")), MATRIX.sum() * jnp.arange(32).reshape((4, 8))),
        (
            lambda x: lax.all_to_all(x * jnp.arange(32), ("i", "j"), 0, 0).sum(),
            MATRIX.sum() * jnp.arange(32).reshape((4, 8)),
        ),
    ],
)
def test_collective_over_two_axes(same_everywhere, function, expected):
    result = same_everywhere(function, ["i", "j"], ["i", "j", ...], (MATRIX,), MATRIX_SPREAD)
    np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_axis_index_groups_are_refused(rejection, place):
    def grouped(x):
        return lax.psum(x, "i", axis_index_groups=[[0, 1], [2, 3]])

    error = rejection(lambda: xmap(grouped, ["i", ...], ["i", ...])(jnp.arange(4.0)))
    message = "cannot compute psum(f32[()]): axis_index_groups are not supported inside xmap"
    assert error.problem.message == message
    assert error.place.startswith(place(grouped, "lax.psum"))


@pytest.mark.parametrize("resources", [{}, {"i": "x"}, {"i": ("x", "y")}, {"i": "y", "j": "x"}])
def test_ppermute_of_a_value_that_lacks_an_axis(scope, resources):
    """The instances of the result differ: those that nothing is sent to get zeros, others what any instance has."""

    def function(x):
        shifted = lax.ppermute(x, "i", [(0, 1), (1, 2)])
        turned = lax.pshuffle(x + lax.axis_index("j"), ("i", "j"), list(range(16))[::-1])
        return shifted, turned

    with scope(x=2, y=2):
        mapped = xmap(function, {}, (["i"], ["i", "j"]), axis_sizes={"i": 4, "j": 4}, axis_resources=resources)
        shifted, turned = mapped(jnp.float32(5))
    np.testing.assert_array_equal(shifted, [0, 5, 5, 0])
    np.testing.assert_array_equal(turned, 5 + np.broadcast_to(np.arange(4)[::-1], (4, 4)))


@pytest.mark.parametrize(
    "exchange",
    [
        lambda face, x: face.all_to_all(x, "i", 1, 2),
        lambda face, x: face.all_to_all(x, "i", 1, 0, tiled=True),
        lambda face, x: face.pswapaxes(x, "i", 1),
        lambda face, x: face.psum_scatter(x, "i", scatter_dimension=1),
        lambda face, x: face.psum_scatter(x, "i", scatter_dimension=1, tiled=True),
        lambda face, x: face.psum_scatter({"x": x}, "i", scatter_dimension=1)["x"],
    ],
)
def test_our_exchanges_are_those_of_jax(exchange):
    x = jnp.sin(jnp.arange(4 * 2 * 4 * 3.0)).reshape((4, 2, 4, 3))
    ours = xmap(lambda x: exchange(named_lax, x), ["i", ...], ["i", ...])(x)
    np.testing.assert_allclose(ours, xmap(lambda x: exchange(lax, x), ["i", ...], ["i", ...])(x), rtol=1e-6)


def test_gradient_of_an_exchange_between_different_positions(scope):
    """JAX's own rule takes the cotangent for one of another shape."""
    x = jnp.arange(24.0).reshape((4, 2, 3))

    def exchanged(x):
        entries = jnp.stack([x * t for t in range(4)], axis=1)
        return named_lax.all_to_all(entries, "i", split_axis=1, concat_axis=0)

    weights = jnp.cos(jnp.arange(96.0)).reshape((4, 4, 2, 3))
    expected = jnp.einsum("ijab,i->jab", weights, jnp.arange(4.0))
    for shape, resources in [({}, {}), ({"x": 4}, {"i": "x"}), ({"x": 2}, {"i": "x"})]:
        with scope(**shape):
            inside = xmap(
                lambda x, w: jax.grad(lambda y: (exchanged(y) * w).sum())(x),
                (["i", ...], ["i", ...]),
                ["i", ...],
                axis_resources=resources,
            )(x, weights)
        np.testing.assert_allclose(inside, expected, rtol=1e-5, atol=1e-5)


def test_scattered_sum_inside_a_positional_vmap():
    """JAX's own rule loses count of the axes."""

    def function(x):
        return jax.vmap(lambda y: named_lax.psum_scatter(y * jnp.arange(8), ("i", "j")))(x)

    x = jnp.arange(24.0).reshape((2, 4, 3))
    result = xmap(function, ["i", "j", ...], ["i", "j", ...])(x)
    np.testing.assert_allclose(result, x.sum((0, 1)) * jnp.arange(8).reshape((2, 4, 1)))


@pytest.mark.parametrize(
    ("exchange", "operation"),
    [
        (lambda x: named_lax.all_to_all(x, "i", 0, 0), "all_to_all"),
        (lambda x: named_lax.pswapaxes(x, "i", 0), "all_to_all"),
        (lambda x: named_lax.psum_scatter(x, "i"), "psum_scatter"),
    ],
)
def test_an_exchange_needs_an_entry_for_each_instance(rejection, exchange, operation):
    error = rejection(lambda: xmap(exchange, ["i", ...], ["i", ...])(jnp.ones((4, 3))))
    message = f"cannot compute {operation}(f32[(3,)], 'i'): the positional axis has 3 entries for 4 instances"
    assert error.problem.message == message
    assert __file__ in str(error)
