"""Transfers: sums of terms that stand for whatever named shapes the operands will have."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from hypothesis import given
from hypothesis import strategies as st
from jax import lax

from named_types.algebra import UNKNOWN_DIM, AxisName, NamedShape
from named_types.semantics.propagation import propagate
from named_types.semantics.transfers import (
    NAMELESS,
    Names,
    axes,
    axis_names,
    join,
    mentioned_names,
    named_shape_of,
    operand,
    remove,
)

SIZES: dict[AxisName, int] = {"a": 2, "b": 3, "c": 4}
ENV = NamedShape(SIZES)

sources = st.integers(0, 3).map(operand) | st.frozensets(st.sampled_from("abc"), max_size=2).map(axes)
transfers = st.recursive(
    sources,
    lambda smaller: (
        st.lists(smaller, max_size=3).map(join)
        | st.builds(remove, smaller, st.frozensets(st.sampled_from("abc"), max_size=2))
    ),
    max_leaves=8,
)
inputs = st.lists(st.frozensets(st.sampled_from("abc")).map(ENV.restrict), min_size=4, max_size=4)


def jaxpr_of(function: Any, *arguments: Any) -> Any:
    return jax.make_jaxpr(function, axis_env=list(SIZES.items()))(*arguments).jaxpr


@given(st.lists(transfers, max_size=4), inputs)
def test_joining_transfers_joins_what_they_stand_for(parts: list[Names], given_shapes: list[NamedShape]) -> None:
    shapes = [named_shape_of(part, given_shapes, ENV) or NamedShape() for part in parts]
    assert named_shape_of(join(parts), given_shapes, ENV) == ENV.restrict({name for shape in shapes for name in shape})


@given(transfers, st.frozensets(st.sampled_from("abc")), inputs)
def test_removing_from_a_transfer_removes_from_what_it_stands_for(
    names: Names, gone: frozenset[str], given_shapes: list[NamedShape]
) -> None:
    whole = named_shape_of(names, given_shapes, ENV)
    assert whole is not None
    assert named_shape_of(remove(names, gone), given_shapes, ENV) == whole.eliminate(gone)


@given(transfers, transfers, transfers)
def test_join_is_a_union(one: Names, other: Names, third: Names) -> None:
    assert join([one, other]) == join([other, one])
    assert join([join([one, other]), third]) == join([one, join([other, third])])
    assert join([one, one]) == one
    assert join([one, NAMELESS]) == one


def test_an_unknown_input_makes_unknown_what_depends_on_it_and_nothing_else() -> None:
    known = NamedShape({"a": 2})
    assert named_shape_of(operand(0), [None, known], ENV) is None
    assert named_shape_of(join([operand(0), operand(1)]), [None, known], ENV) is None
    assert named_shape_of(operand(1), [None, known], ENV) == known
    assert named_shape_of(axes("d"), [None, known], ENV) == {"d": UNKNOWN_DIM}


def test_positional_axes_are_no_names() -> None:
    assert mentioned_names((0, "a", 1, "b")) == ("a", "b")
    assert mentioned_names("a") == ("a",)
    assert mentioned_names(0) == ()


def test_every_equation_is_visited_once_inner_ones_with_the_names_of_the_last_round() -> None:
    def step(carry: Any, row: Any) -> Any:
        total, other = carry
        return (jnp.sin(other), total + row), None

    jaxpr = jaxpr_of(lambda x, rows: lax.scan(step, (x, x), rows), jnp.ones(()), jnp.ones(3))
    visited = []
    propagate(
        jaxpr,
        [NAMELESS, axes("a")],
        visit=lambda eqn, operands, results: visited.append((eqn.primitive.name, *map(axis_names, results))),
    )
    a = frozenset("a")
    assert sorted(visited) == [("add", a), ("scan", a, a), ("sin", a)]


def test_equations_without_results_are_visited_too() -> None:
    jaxpr = jaxpr_of(lambda x: jax.debug.print("{}", x), 1.0)
    visited = []
    results = propagate(jaxpr, [axes("a")], visit=lambda eqn, operands, results: visited.append((operands, results)))
    assert results == []
    assert visited == [([axes("a")], [])]


def test_captured_values_have_the_names_they_are_given() -> None:
    table = jnp.arange(3.0)
    jaxpr = jaxpr_of(lambda x: x + table, 1.0)
    assert len(jaxpr.constvars) == 1
    assert propagate(jaxpr, [axes("a")], consts=[axes("b")]) == [axes("ab")]
    assert propagate(jaxpr, [axes("a")]) == [axes("a")]


def test_a_reference_has_the_names_of_all_that_is_written_to_it() -> None:
    def accumulate(x: Any, y: Any) -> Any:
        total = jax.new_ref(jnp.zeros(()))
        total[...] = x
        seen = total[...]
        total[...] += y
        return seen, total[...]

    assert propagate(jaxpr_of(accumulate, 1.0, 2.0), [axes("a"), axes("b")]) == [axes("a"), axes("ab")]


def test_groups_keep_the_axis_they_reduce_within() -> None:
    groups = [[0], [1]]
    for collective in (lax.psum, lax.pmax, lax.all_gather):
        jaxpr = jaxpr_of(lambda x, collective=collective: collective(x, "a", axis_index_groups=groups), 1.0)
        assert propagate(jaxpr, [axes("ab")]) == [axes("ab")]
        assert propagate(jaxpr, [axes("b")]) == [axes("ab")]


def test_what_is_sent_between_instances_has_the_axis_whatever_was_sent() -> None:
    """Instances that nothing is sent to hold zeros; over two axes, the one that the operand has varies with both."""
    shift = jaxpr_of(lambda x: lax.ppermute(x, "a", [(0, 1)]), 1.0)
    turn = jaxpr_of(lambda x: lax.pshuffle(x, ("a", "b"), [5, 4, 3, 2, 1, 0]), 1.0)
    assert propagate(shift, [NAMELESS]) == [axes("a")]
    assert propagate(turn, [axes("a")]) == [axes("ab")]


def test_transfers_of_many_operands_stay_as_small_as_the_operands() -> None:
    """Sums over hundreds of operands, as a gradient step makes them: one term for each, however often it is added."""

    def total(*parts: Any) -> Any:
        result = parts[0]
        for _ in range(3):
            for part in parts:
                result = result + lax.psum(part, "a") + part
        return result

    (names,) = propagate(jaxpr_of(total, *[1.0] * 300), [operand(index) for index in range(300)])
    assert names == join(operand(index) for index in range(300))
    assert len(names) == 300
