"""The moments that one can go back to, or join into what another way led to."""

from __future__ import annotations

from analyzer.expectations import check

from named_types.analyzer.heap import Heap
from named_types.analyzer.scopes import Scope
from named_types.analyzer.snapshots import Snapshot
from named_types.analyzer.values import UNKNOWN, Number, is_forgotten


def test_a_snapshot_can_be_restored_more_than_once() -> None:
    scope, heap = Scope(), Heap()
    items = [1]
    scope.bind("items", items)
    before = Snapshot(scope, heap)
    for _ in range(2):
        heap.changing(items)
        items.append(2)
        scope.bind("x", 1)
        before.restore()
        assert scope.bindings == {"items": [1]}
        assert scope.bindings["items"] is items


def test_a_later_moment_can_be_gone_back_to_from_an_earlier_one() -> None:
    scope, heap = Scope(), Heap()
    table = {"n": 1}
    scope.bind("table", table)
    before = Snapshot(scope, heap)
    heap.changing(table)
    table["n"] = 2
    after = Snapshot(scope, heap)
    before.restore()
    assert table == {"n": 1}
    after.restore()
    assert table == {"n": 2}


def test_versions_come_back_with_the_moment() -> None:
    scope, heap = Scope(), Heap()
    items = [1]
    before, versions = Snapshot(scope, heap), (scope.version, heap.version)
    heap.changing(items)
    items.append(2)
    scope.bind("x", 1)
    assert (scope.version, heap.version) != versions
    before.restore()
    assert (scope.version, heap.version) == versions


def test_joining_a_moment_keeps_what_both_have() -> None:
    scope, heap = Scope(), Heap()
    scope.bind("same", 1)
    scope.bind("changed", 1)
    before = Snapshot(scope, heap)
    scope.bind("changed", 2)
    scope.bind("new", 3)
    before.join_into()
    assert scope.bindings == {"same": 1, "changed": Number(int), "new": UNKNOWN}


def test_what_a_list_holds_is_joined_where_it_is() -> None:
    scope, heap = Scope(), Heap()
    items, longer = [1, 2], [1]
    before = Snapshot(scope, heap)
    heap.changing(items)
    items[1] = 3
    heap.changing(longer)
    longer.append(2)
    before.join_into()
    assert items == [1, Number(int)]
    assert is_forgotten(longer)


def test_a_change_in_a_branch_of_a_function_reaches_the_list_of_the_caller() -> None:
    check(
        """
        sizes = [2]
        def grow(items, flag):
            if flag:
                items.append(3)
        grow(sizes, unknown)
        reveal_type(jnp.ones(tuple(sizes)))  # revealed: unknown
        """
    )


def test_a_change_in_every_branch_is_known() -> None:
    check(
        """
        sizes = [2]
        def grow(items, flag):
            if flag:
                items.append(3)
            else:
                items.extend([3])
        grow(sizes, unknown)
        reveal_type(jnp.ones(tuple(sizes)))  # revealed: f32[(2, 3)]
        """
    )


def test_a_list_that_has_another_name_after_one_branch_only() -> None:
    check(
        """
        sizes = [2]
        other = [2]
        if unknown:
            other = sizes
        other.append(3)
        reveal_type(jnp.ones(tuple(sizes)))  # revealed: unknown
        """
    )


def test_a_loop_that_changes_a_list_reaches_a_fixpoint() -> None:
    check(
        """
        sizes = [2, 3]
        while unknown:
            reveal_type(jnp.ones(tuple(sizes)))  # revealed: unknown
            sizes[1] += 1
        reveal_type(jnp.ones(sizes[0]))  # revealed: f32[(2,)]
        reveal_type(jnp.ones(tuple(sizes)))  # revealed: unknown
        """
    )
