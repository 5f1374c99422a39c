"""Axis resources: axes that share one never meet in a named shape."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import axis_names, axis_resources

from named_types.algebra import AxisName, AxisResources, SerialLoop, Sharing, read_axis_resources
from named_types.algebra.axis_resources import LoopOf


def resources(**entries: object) -> AxisResources:
    read = read_axis_resources(entries)
    assert isinstance(read, AxisResources)
    return read


@given(axis_resources(), st.permutations(["batch", "seq", "x", 0]))
def test_conflicts_do_not_depend_on_the_order_of_axes(mapped: AxisResources, axes: list[AxisName]) -> None:
    assert set(mapped.conflicts(axes)) == set(mapped.conflicts(sorted(axes, key=repr)))


@given(axis_resources(), axis_names, axis_names)
def test_two_axes_conflict_exactly_when_they_share_a_resource(
    mapped: AxisResources, left: AxisName, right: AxisName
) -> None:
    shared = mapped.resources_of([left]) & mapped.resources_of([right]) if left != right else set()
    assert {sharing.resource for sharing in mapped.conflicts([left, right])} == shared
    assert set(mapped.conflicts([left, right])) == set(mapped.conflicts([right, left]))


@given(axis_resources(), st.lists(axis_names), axis_names)
def test_one_more_axis_takes_no_conflict_away(mapped: AxisResources, axes: list[AxisName], more: AxisName) -> None:
    before = {sharing.resource: set(sharing.axes) for sharing in mapped.conflicts(axes)}
    after = {sharing.resource: set(sharing.axes) for sharing in mapped.conflicts([*axes, more])}
    assert all(before[resource] <= after[resource] for resource in before)


@given(axis_resources(), axis_names)
def test_one_axis_never_conflicts_with_itself(mapped: AxisResources, axis: AxisName) -> None:
    assert mapped.conflicts([axis, axis]) == ()


def test_a_value_is_partitioned_over_the_resources_of_its_axes() -> None:
    mapped = resources(a="x", b=("y", "z"))
    assert mapped.resources_of(["a", "c"]) == {"x"}
    assert mapped.resources_of(["a", "b"]) == {"x", "y", "z"}
    assert mapped.resources_of([]) == frozenset()


def test_conflicts_name_the_resource_and_every_axis() -> None:
    mapped = resources(a="x", b=("y", "x"), c="y")
    assert mapped.conflicts(["c", "b", "a"]) == (Sharing("y", ("b", "c")), Sharing("x", ("a", "b")))
    assert mapped.conflicts(["a", "c"]) == ()


def test_two_axes_share_no_anonymous_loop() -> None:
    mapped = resources(a=SerialLoop(4), b=SerialLoop(4))
    assert mapped["a"] == (LoopOf("a", SerialLoop(4)),)
    assert mapped.conflicts(["a", "b"]) == ()


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"a": ["x", "y"]}, "['x', 'y'] is not a resource: several are written as a tuple"),
        ({"a": ("x", {})}, "{} is not a resource: several are written as a tuple"),
        ({"a": SerialLoop(0)}, "a serial loop has at least one step, not 0"),
        ([("a", "x")], "[('a', 'x')] does not map axis names to resources"),
        ("x", "'x' does not map axis names to resources"),
    ],
)
def test_what_is_wrong_with_axis_resources(value: object, wrong: str) -> None:
    assert read_axis_resources(value) == wrong


@given(axis_resources())
def test_axis_resources_are_values(mapped: AxisResources) -> None:
    copy = pickle.loads(pickle.dumps(mapped))
    assert copy == mapped
    assert hash(copy) == hash(mapped)
    assert read_axis_resources(mapped) == mapped
