"""Collectives over an axis that is local, on the mesh, or both: jax.vmap's results, whatever the resources."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from runtime.conftest import in_scope

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


PERMUTATIONS = {
    "shift": [(index, index + 1) for index in range(15)],
    "ring": [(index, (index + 3) % 16) for index in range(16)],
    "back": [(index, (index - 1) % 16) for index in range(16)],
    "swap": [(index, index ^ 1) for index in range(16)],
    "halves": [(index, (index + 8) % 16) for index in range(16)],
    "transpose": [(4 * row + column, 4 * column + row) for row in range(4) for column in range(4)],
    "one": [(3, 9)],
}


@pytest.mark.parametrize("permutation", PERMUTATIONS.values(), ids=PERMUTATIONS)
def test_ppermute(same_everywhere, permutation):
    def permuted(x):
        return lax.ppermute(x, "i", permutation)

    x = jnp.arange(1.0, 33).reshape((16, 2))
    expected = np.zeros((16, 2))
    for source, destination in permutation:
        expected[destination] = x[source]
    np.testing.assert_array_equal(same_everywhere(permuted, ["i", ...], ["i", ...], (x,), SPREAD), expected)


def test_a_ring_of_chunks_sends_to_the_next_device_alone(scope):
    def ring(x):
        return lax.ppermute(x, "i", PERMUTATIONS["ring"])

    with scope(x=4):
        text = compiled(xmap(ring, ["i", ...], ["i", ...], axis_resources={"i": "x"}), jnp.arange(16.0))
    assert re.search("collective-permute", text)
    assert not re.search("all-gather", text)


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


GROUPS = [[0, 5, 2, 7], [4, 1, 6, 3]]
WITHIN = [[1, 0], [2, 3], [7, 6], [4, 5]]


def in_groups(function: Callable[[Any, list[int], int], Any], values: Any, groups: list[list[int]]) -> Any:
    """What each instance gets from a function of its group's values, its members, and its own place among them."""
    results: dict[int, Any] = {}
    for group in groups:
        members = np.stack([values[member] for member in group])
        results |= {member: function(members, group, place) for place, member in enumerate(group)}
    return np.stack([results[index] for index in sorted(results)])


@pytest.mark.parametrize("groups", [GROUPS, WITHIN, [[0, 1], [2, 3], [4, 5], [6, 7]], [[index] for index in range(8)]])
@pytest.mark.parametrize(
    ("collective", "expected"),
    [
        (lax.psum, lambda members, group, place: members.sum(0)),
        (lax.pmean, lambda members, group, place: members.mean(0)),
        (lax.pmax, lambda members, group, place: members.max(0)),
        (lax.pmin, lambda members, group, place: members.min(0)),
        (lax.all_gather, lambda members, group, place: members),
        (
            lambda x, name, **groups: lax.all_gather(x, name, axis=1, tiled=True, **groups),
            lambda members, group, place: np.concatenate(members, axis=1),
        ),
        (
            lambda x, name, **groups: lax.all_to_all(x, name, 0, 1, tiled=True, **groups),
            lambda members, group, place: np.concatenate([np.split(one, len(group))[place] for one in members], axis=1),
        ),
        (
            lambda x, name, **groups: lax.psum_scatter(x, name, scatter_dimension=1, tiled=True, **groups),
            lambda members, group, place: np.split(members.sum(0), len(group), axis=1)[place],
        ),
    ],
)
def test_groups_of_instances(same_everywhere, collective, expected, groups):
    values = np.arange(8.0 * 4 * 8, dtype=np.float32).reshape((8, 4, 8)) ** 1.1

    def function(x):
        return collective(x, "i", axis_index_groups=groups)

    result = same_everywhere(function, ["i", ...], ["i", ...], (values,), SPREAD)
    np.testing.assert_allclose(result, in_groups(expected, values, groups), rtol=1e-5)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x, groups: lax.psum(x, ("i", "j"), axis_index_groups=groups), lambda m, g, p: m.sum(0)),
        (lambda x, groups: lax.all_gather(x, ("i", "j"), axis_index_groups=groups), lambda m, g, p: m),
    ],
)
def test_groups_of_instances_of_two_axes(same_everywhere, function, expected):
    groups = np.arange(32).reshape((4, 8)).T.tolist()
    result = same_everywhere(lambda x: function(x, groups), ["i", "j"], ["i", "j", ...], (MATRIX,), MATRIX_SPREAD)
    flat = in_groups(expected, np.asarray(MATRIX).ravel(), groups)
    np.testing.assert_allclose(result, flat.reshape((4, 8, *flat.shape[1:])), rtol=1e-5)


@pytest.mark.parametrize("groups", [GROUPS, WITHIN])
def test_gradients_of_sums_in_groups(same_everywhere, groups):
    def loss(x):
        return lax.psum(x, "i", axis_index_groups=groups) ** 2

    def total(x):
        return same_total(x).sum()

    values = jnp.arange(8.0)
    mappings: list[Any] = [({}, {}), *SPREAD]
    for shape, resources in mappings:
        with in_scope(shape):
            same_total = xmap(loss, ["i"], ["i"], axis_resources=resources)
            gradient = jax.grad(total)(values)
        sums = in_groups(lambda members, group, place: members.sum(0), np.asarray(values), groups)
        np.testing.assert_allclose(gradient, 2 * len(groups[0]) * sums, rtol=1e-5)


def test_groups_of_a_value_that_all_instances_share(same_everywhere):
    def function(x):
        return x + lax.psum(jnp.float32(3), "i", axis_index_groups=GROUPS)

    result = same_everywhere(function, ["i", ...], ["i", ...], (jnp.arange(8.0),), SPREAD)
    np.testing.assert_array_equal(result, jnp.arange(8.0) + 12)


def compiled(mapped: Any, *arguments: Any) -> str:
    return str(mapped.lower(*arguments).compile().as_text())


def test_groups_that_lie_within_what_a_device_holds_communicate_nothing(scope):
    def function(x):
        return lax.psum(x, "i", axis_index_groups=WITHIN)

    with scope(x=4):
        within = compiled(xmap(function, ["i"], ["i"], axis_resources={"i": "x"}), jnp.arange(8.0))
    assert not re.search("all-gather|all-reduce|collective-permute|all-to-all", within)


def test_groups_of_devices_communicate_in_one_operation(scope):
    def function(x):
        return lax.psum(x, "i", axis_index_groups=GROUPS)

    with scope(x=8):
        spread = compiled(xmap(function, ["i"], ["i"], axis_resources={"i": "x"}), jnp.arange(8.0))
    assert re.search("all-reduce", spread)
    assert not re.search("all-gather", spread)


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ([[0, 1], [2, 3]], "axis_index_groups do not hold each instance of axis 'i' of size 8 once"),
        ([[0, 1, 2], [3, 4, 5, 6, 7]], "axis_index_groups have different sizes"),
    ],
)
def test_groups_that_cannot_be(rejection, place, groups, reason):
    def grouped(x):
        return lax.psum(x, "i", axis_index_groups=groups)

    error = rejection(lambda: xmap(grouped, ["i", ...], ["i", ...])(jnp.arange(8.0)))
    assert error.problem.reason == reason
    assert error.place.startswith(place(grouped, "lax.psum"))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: lax.psum_scatter(x * jnp.arange(32), ("i", "j")),
        lambda x: lax.psum_scatter(x * jnp.arange(64), ("j", "i"), tiled=True),
        lambda x: lax.all_to_all(x * jnp.arange(64).reshape((2, 32)), ("j", "i"), 1, 0, tiled=True),
    ],
)
def test_exchanges_over_two_axes_gather_nothing(scope, function):
    with scope(x=2, y=4):
        spread = xmap(function, ["i", "j"], ["i", "j", ...], axis_resources={"i": "x", "j": "y"})
        assert not re.search("all-gather", compiled(spread, MATRIX))


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


@pytest.mark.parametrize("resources", [{"a": "x"}, {"b": "x"}, {"a": "x", "b": "y"}])
def test_gradients_of_an_exchange_over_several_axes(scope, resources):
    def function(x):
        return jnp.sin(lax.all_to_all(jnp.stack([x * t for t in range(8)]), ("a", "b"), 0, 0)).sum(0)

    x = jnp.arange(24.0).reshape(2, 4, 3)
    axes = ["a", "b", ...]
    local, spread = xmap(function, axes, axes), xmap(function, axes, axes, axis_resources=resources)
    with scope(x=2, y=2):
        gradient = jax.grad(lambda x: spread(x).sum())(x)
    np.testing.assert_allclose(gradient, jax.grad(lambda x: local(x).sum())(x), rtol=1e-4, atol=1e-4)
