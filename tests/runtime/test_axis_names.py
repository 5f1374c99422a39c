"""Any hashable value is an axis name, everywhere where a string is one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

import jax
import numpy as np
import pytest

from named_types.runtime import lax, named_shape, nn, xmap
from named_types.runtime import numpy as jnp


class Axis(Enum):
    BATCH = "batch"


class Level(IntEnum):
    TOP = 3


@dataclass(frozen=True)
class Heads:
    layer: int


class Strict:
    """Equal to nothing but its like: not to a string in its place either."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Strict

    def __hash__(self) -> int:
        return 17

    def __repr__(self) -> str:
        return "Strict()"


NAMES: list[Hashable] = [0, Axis.BATCH, Level.TOP, Heads(3), Strict(), ("layer", 2)]
MORE_NAMES: list[Hashable] = [7, -1, True, 1.5, b"batch", "", "two words", (("layer", 2), 0), frozenset({1}), object]
SPREAD: list[dict[str, Any]] = [{}, {"x": 2, "y": 2}]
X = np.linspace(0.5, 2.0, 24).reshape(8, 3).astype(np.float32)


def collectives(x: Any, name: Any) -> dict[str, Any]:
    """Whatever takes an axis name and no position."""
    entries = jnp.stack([x.sum()] * 8)
    return {
        "psum": lax.psum(x, name),
        "psum of several": lax.psum(x, (name,)),
        "size": lax.psum(1, name) * lax.axis_size(name) * x,
        "pmean": lax.pmean(x, name),
        "pmax": lax.pmax(x, name) - lax.pmin(x, name),
        "axis_index": lax.axis_index(name) + x,
        "all_gather": lax.all_gather(x, name, axis=1),
        "ppermute": lax.ppermute(x, name, [(0, 1), (3, 0)]),
        "pshuffle": lax.pshuffle(x, name, [1, 0, 3, 2, 5, 4, 7, 6]),
        "all_to_all": lax.all_to_all(entries, name, 0, 0),
        "pswapaxes": lax.pswapaxes(entries, name, 0),
        "psum_scatter": lax.psum_scatter(entries, name) * x,
        "pdot": lax.pdot(x, x, name, ((0,), (0,))),
        "gradient": jax.grad(lambda y: lax.psum(y**2, name).sum())(x),
    }


def reductions(x: Any, name: Any) -> dict[str, Any]:
    """What takes names among positions."""
    return {
        "sum": jnp.sum(x, name),
        "mixed": jnp.sum(x, (0, name)),
        "mean": jnp.mean(x, (name,)),
        "max": jnp.max(x, name) - jnp.min(x, (name, -1)),
        "logsumexp": nn.logsumexp(x, name),
        "softmax": nn.softmax(x, (name,)),
        "log_softmax": nn.log_softmax(x, (0, name)),
        "one_hot": nn.one_hot(jnp.int32(2), 8, axis=name) * x,
    }


@pytest.mark.parametrize(
    ("name", "function"), [*((name, collectives) for name in NAMES), *((name, reductions) for name in NAMES[1:])]
)
def test_a_name_of_any_type_is_as_good_as_a_string(scope, name, function):
    def along(axis: Hashable, resources: Any) -> Any:
        def each(x: Any) -> Any:
            return jax.tree_util.tree_map(lambda value: value + 0 * lax.axis_index(axis), function(x, axis))

        return xmap(each, {0: axis}, {0: axis}, axis_resources=resources)(X)

    expected = along("name", {})
    for shape in SPREAD:
        with scope(**shape):
            results = along(name, {name: tuple(shape)} if shape else {})
        for operation, result in results.items():
            np.testing.assert_allclose(result, expected[operation], rtol=1e-5, err_msg=operation)


def test_an_int_among_positions_is_a_position():
    mapped = xmap(lambda x: jnp.sum(x, 0) + lax.psum(0 * x.sum(), 0), [0, ...], [0])  # named-types: ignore[absent-axis]
    np.testing.assert_allclose(mapped(X), X.sum(1), rtol=1e-5)


@pytest.mark.parametrize("collective", [jax.lax.psum, jax.lax.pmax, jax.lax.pmin])
def test_an_int_that_jax_itself_takes_for_a_position(rejection, place, collective):
    def reduce(x):
        return collective(x, 0)

    error = rejection(lambda: xmap(reduce, {0: 0}, {0: 0})(X))
    name = collective.__name__
    assert error.problem.reason == f"JAX reads 0 as a position; the {name} of named_types.runtime.lax takes names"
    assert error.place.startswith(place(reduce, "return"))


@pytest.mark.parametrize("name", [*NAMES, *MORE_NAMES], ids=repr)
def test_names_are_told_as_they_are_written(rejection, name):
    error = rejection(lambda: xmap(lambda x: x, [name, ...], {})(X))
    assert error.problem.message == (
        f'result has type "f32[(3,), {{{name!r}: 8}}]", but its out_axes does not mention axis {name!r}'
    )
    unbound = rejection(lambda: xmap(lambda x: lax.psum(x, "q"), [name, ...], {})(X))
    assert unbound.problem.message == f"axis 'q' is unbound in psum: only {name!r} is in scope"
    other = rejection(lambda: xmap(lambda x: lax.psum(x, Axis), [name, ...], {})(X))
    assert other.problem.message == f"axis {Axis!r} is unbound in psum: only {name!r} is in scope"


@pytest.mark.parametrize("name", [*NAMES, *MORE_NAMES], ids=repr)
def test_named_shapes_have_the_names_themselves(name):
    seen = []

    def function(x):
        seen.extend([named_shape(x), named_shape(lax.psum(x, name))])
        return x

    xmap(function, [name, ...], [name, ...])(X)
    assert seen == [{name: 8}, {}]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_names_of_an_enclosing_map(scope, name):
    """A nested map mentions them together with its own."""

    def outer(x):
        def inner(y):
            both = lax.psum(y, (name, "inner")) + lax.pdot(y, y, (name, "inner"))
            return both + lax.axis_index((name, "inner")) + lax.all_gather(y, name).sum() + lax.pmax(y, name)

        return xmap(inner, ["inner"], ["inner"])(x)

    expected = X.sum() + (X**2).sum() + np.arange(24).reshape(8, 3) + X.sum(0) + X.max(0)
    for shape in SPREAD:
        with scope(**shape):
            mapped = xmap(outer, [name, ...], [name, ...], axis_resources={name: tuple(shape)} if shape else {})
            np.testing.assert_allclose(mapped(X), expected, rtol=1e-5)


def test_names_of_vmap(scope):
    mapped = xmap(lambda x: x / lax.psum(x, ("i", Axis.BATCH)), ["i"], ["i"])
    np.testing.assert_allclose(jax.vmap(mapped, axis_name=Axis.BATCH)(X), X / X.sum(), rtol=1e-5)


def test_a_tuple_is_a_name_where_it_can_be_nothing_else():
    """At an int position and before the ellipsis; elsewhere it holds axis mappings."""
    name = ("layer", 2)
    mappings: list[Any] = [{0: name}, [name, ...], (name, ...), [(name), None, ...]]
    for mapping in mappings:
        np.testing.assert_allclose(xmap(lambda x: lax.psum(x, name), mapping, {})(X), X.sum(0), rtol=1e-5)
    pairs = xmap(lambda pair: pair[0] * pair[1], {0: (["i"], {})}, ["i"])
    with pytest.raises(Exception, match="axis-mapping-structure"):
        pairs(X)


def test_two_names_that_are_equal_are_one_axis():
    """As in a dict: 1 and True, 1 and 1.0."""
    np.testing.assert_allclose(xmap(lambda x: lax.psum(x, 1.0), [1, ...], {})(X), X.sum(0), rtol=1e-5)
