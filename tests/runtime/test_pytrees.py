"""in_axes and out_axes are pytree prefixes of the arguments and of the results, over every container."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types.runtime import lax, xmap


class Point(NamedTuple):
    left: Any
    right: Any


@jax.tree_util.register_dataclass
@dataclass
class Pair:
    left: Any
    right: Any


@jax.tree_util.register_pytree_node_class
class Node:
    def __init__(self, left: Any, right: Any, label: str = "node") -> None:
        self.left, self.right, self.label = left, right, label

    def tree_flatten(self) -> tuple[tuple[Any, Any], str]:
        return (self.left, self.right), self.label

    @classmethod
    def tree_unflatten(cls, label: str, children: tuple[Any, Any]) -> Node:
        return cls(*children, label)


Keyed = namedtuple("Keyed", ["left", "right"])

CONTAINERS: dict[str, Callable[[Any, Any], Any]] = {
    "tuple": lambda left, right: (left, right),
    "list": lambda left, right: [left, right],
    "dict": lambda left, right: {"left": left, "right": right},
    "dict with int keys": lambda left, right: {0: left, 1: right},
    "OrderedDict": lambda left, right: OrderedDict(left=left, right=right),
    "defaultdict": lambda left, right: defaultdict(list, left=left, right=right),
    "named tuple": Point,
    "collections.namedtuple": Keyed,
    "dataclass": Pair,
    "registered class": Node,
    "nested": lambda left, right: {"all": [Point(left, Pair(right, left)), ()]},
}
I: Any = ["i", ...]  # noqa: E741
AXES: Any = {0: "i"}
ROWS, COLUMNS = jnp.arange(12.0).reshape(4, 3), jnp.cos(jnp.arange(12.0)).reshape(3, 4)


def centred(tree: Any) -> Any:
    return jax.tree_util.tree_map(lambda x: x - lax.pmean(x, "i"), tree)


def expected_of(tree: Any, axis: int) -> Any:
    return jax.tree_util.tree_map(lambda x: x - x.mean(axis, keepdims=True), tree)


def assert_same(results: Any, expected: Any) -> None:
    jax.tree_util.tree_map(  # which asks for one structure
        partial(np.testing.assert_allclose, rtol=1e-5, atol=1e-6), results, expected
    )


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_mapping_for_each_entry(container):
    make = CONTAINERS[container]
    axes = make(AXES, {1: "i"})
    arguments = make(ROWS, COLUMNS)
    results = xmap(centred, (axes,), axes)(arguments)
    assert_same(results, make(expected_of(ROWS, 0), expected_of(COLUMNS, 1)))


@pytest.mark.parametrize("container", CONTAINERS)
def test_one_mapping_for_all_entries(scope, container):
    make = CONTAINERS[container]
    arguments = make(ROWS, 2 * ROWS)
    prefixes: list[tuple[Any, Any]] = [(I, I), ((I,), AXES), ((make(I, AXES),), I)]
    for in_axes, out_axes in prefixes:
        assert_same(xmap(centred, in_axes, out_axes)(arguments), expected_of(arguments, 0))
    with scope(x=2):
        spread = xmap(centred, I, I, axis_resources={"i": "x"})(arguments)
    assert_same(spread, expected_of(arguments, 0))


@pytest.mark.parametrize("container", CONTAINERS)
def test_entries_of_another_container_do_not_fit(rejection, container):
    make = CONTAINERS[container]
    error = rejection(lambda: xmap(centred, ({"other": I},), I)(make(ROWS, ROWS)))
    assert error.problem.code == "axis-mapping-structure"
    assert error.problem.message.startswith("in_axes[0] does not fit: it is a dict with keys 'other', the value is ")
    other = rejection(lambda: xmap(lambda x: make(x, x), I, {"other": I})(ROWS))
    assert other.problem.message.startswith("out_axes does not fit: it is a dict with keys 'other', the value is ")


def test_nones_are_no_arrays():
    """As everywhere in JAX: a container without entries."""
    results = xmap(lambda x, nothing: (x, nothing), (I, {}), I)(ROWS, None)
    assert_same(results, (ROWS, None))


def test_metadata_of_a_node_belongs_to_the_structure(rejection):
    arguments = Node(ROWS, ROWS, "one")
    result = xmap(centred, (Node(I, I, "one"),), I)(arguments)
    assert result.label == "one"
    error = rejection(lambda: xmap(centred, (Node(I, I, "other"),), I)(arguments))
    assert error.problem.code == "axis-mapping-structure"


@pytest.mark.parametrize(
    ("in_axes", "arguments", "expected"),
    [
        ([{0: "i"}, {1: "i"}], (ROWS, COLUMNS), ROWS.sum(1) * COLUMNS.sum(0)),
        (({0: "i"}, {-1: "i"}), (ROWS, COLUMNS), ROWS.sum(1) * COLUMNS.sum(0)),
        ((("i", ...), [None, "i"]), (ROWS, COLUMNS), ROWS.sum(1) * COLUMNS.sum(0)),
        ((["i", None], {1: "i"}), (ROWS, COLUMNS), ROWS.sum(1) * COLUMNS.sum(0)),
        ((I, [...]), (ROWS, COLUMNS), ROWS.sum(1) * COLUMNS.sum()),
        ((I, {}), (ROWS, COLUMNS), ROWS.sum(1) * COLUMNS.sum()),
        ((I, []), (ROWS, jnp.float32(2)), ROWS.sum(1) * 2),
    ],
)
def test_each_way_to_write_a_mapping(in_axes, arguments, expected):
    mapped = xmap(lambda x, y: x.sum() * y.sum(), in_axes, ["i"])
    np.testing.assert_allclose(mapped(*arguments), expected, rtol=1e-5)


@pytest.mark.parametrize("count", range(5))
def test_functions_of_any_number_of_arguments(scope, count):
    def total(*xs: Any) -> Any:
        return sum(xs, start=lax.axis_index("i").astype(jnp.float32))

    arguments = [scale * jnp.arange(8.0) for scale in range(count)]
    for shape, resources in (({}, {}), ({"x": 4}, {"i": "x"})):
        with scope(**shape):
            mapped = xmap(total, (["i"],) * count, ["i"], axis_sizes={"i": 8}, axis_resources=resources)
            result = mapped(*arguments)
        np.testing.assert_allclose(result, sum(arguments, start=np.arange(8.0)))
