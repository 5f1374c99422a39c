"""Lists and dicts: known as long as everything that happens to them is."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

from named_types.analyzer.values import UNKNOWN, Partial, Value, forget, is_forgotten, weight


@pytest.mark.parametrize("container", [[], [1, 2], {}, {"a": 1}])
def test_forgetting(container: list[Value] | dict[Value, Value]) -> None:
    assert not is_forgotten(container)
    forget(container)
    assert is_forgotten(container)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (1, 1),
        ((), 1),
        ((1, 2), 3),
        ([[1], {"a": 2}], 5),
        ("abc", 3),
        (Partial(UNKNOWN, (1, 2), {"c": 3}), 5),
        ([0] * 5000, 1000),
        ("a" * 5000, 1000),
    ],
)
def test_weight_counts_up_to_a_limit(value: Value, items: int) -> None:
    assert weight(value, 1000) == items


def test_what_holds_itself_is_as_heavy_as_can_be() -> None:
    ring: list[Value] = []
    ring.append(ring)
    doubled: Value = 1
    for _ in range(100):
        doubled = (doubled, doubled)
    assert weight(ring, 1000) == weight(doubled, 1000) == 1000


def test_methods_that_are_modelled() -> None:
    check(
        """
        layers = [jnp.ones(1)]
        layers.append(jnp.ones(2))
        layers.extend([jnp.ones(3)])
        reveal_type(layers[1])  # revealed: f32[(2,)]
        reveal_type(layers.pop())  # revealed: f32[(3,)]
        reveal_type(len(layers))  # revealed: int
        params = {"w": jnp.ones((2, 3))}
        params["b"] = jnp.ones(3)
        params.update(c=1)
        reveal_type(params["b"])  # revealed: f32[(3,)]
        """
    )


def test_a_dict_by_its_methods() -> None:
    check(
        """
        params = {"w": jnp.ones((2, 3)), "b": jnp.ones(3)}
        reveal_type(params.get("b"))  # revealed: f32[(3,)]
        for name, value in params.items():
            reveal_type(name)  # revealed: str
        reveal_type({**params, "c": 1})  # revealed: {'w': f32[(2, 3)], 'b': f32[(3,)], 'c': int}
        """
    )


def test_a_method_that_is_not_modelled_forgets_the_list_by_all_its_names() -> None:
    check(
        """
        items = [jnp.ones(1), jnp.ones(2)]
        alias = items
        items.sort(key=len)
        reveal_type(alias[0])  # revealed: unknown
        reveal_type(len(alias))  # revealed: int
        """
    )


def test_an_unknown_index_forgets() -> None:
    check(
        """
        import somewhere
        items = [jnp.ones(1), jnp.ones(2)]
        items[somewhere.index] = jnp.ones(3)
        reveal_type(items[0])  # revealed: unknown
        """
    )


def test_a_list_that_is_changed_in_an_unknown_loop_is_forgotten() -> None:
    check(
        """
        import somewhere
        items = [jnp.ones(1)]
        for thing in somewhere.things:
            items.append(jnp.ones(2))
        reveal_type(items[0])  # revealed: unknown
        """
    )


def test_a_function_changes_the_list_it_is_given() -> None:
    check(
        """
        def extend(items):
            items.append(jnp.ones(2))
        items = [jnp.ones(1)]
        extend(items)
        extend(items)
        reveal_type(len(items) == 3)  # revealed: bool
        reveal_type(items[2])  # revealed: f32[(2,)]
        """
    )


def test_a_copy_is_another_list() -> None:
    check(
        """
        items = [jnp.ones(1)]
        copied = list(items)
        copied[0] = jnp.ones(2)
        reveal_type(items[0])  # revealed: f32[(1,)]
        """
    )


def test_a_none_given_to_something_unknown_may_have_been_replaced() -> None:
    check(
        """
        message = {"value": None, "x": jnp.ones(3)}
        unknown.handle(message)
        reveal_type(message["value"])  # revealed: unknown
        reveal_type(message["x"])  # revealed: f32[(3,)]
        """
    )


def test_a_deque() -> None:
    check(
        """
        from collections import deque
        queue = deque([3], maxlen=3)
        queue.append(4)
        queue.appendleft(2)
        queue.extend([5])
        queue.rotate(1)
        reveal_type(jnp.ones(tuple(queue)))  # revealed: f32[(5, 3, 4)]
        queue.popleft()
        queue += [6, 7]
        reveal_type(jnp.ones(tuple(queue)))  # revealed: f32[(4, 6, 7)]
        reveal_type(jnp.stack(queue))  # revealed: unknown
        """
    )


def test_a_dict_with_a_default_is_filled_by_asking() -> None:
    check(
        """
        import somewhere
        from collections import defaultdict
        groups = defaultdict(list)
        groups["a"].append(3)
        for size in (4, 5):
            groups["b"].append(size)
        reveal_type(jnp.ones(tuple(groups["b"])))  # revealed: f32[(4, 5)]
        reveal_type(jnp.ones(len(groups)))  # revealed: f32[(2,)]
        if somewhere.flag:
            groups["c"].append(1)
        reveal_type(jnp.ones(tuple(groups["a"])))  # revealed: unknown
        other = defaultdict(list, a=[3])
        other[somewhere.key()].append(1)
        reveal_type(other["a"])  # revealed: unknown
        """
    )


def test_updates_in_place_are_seen_by_every_name() -> None:
    check(
        """
        config = {"size": 3}
        same, names = config, {"a"}
        both = names
        config |= {"size": 4}
        names |= {"b"}
        reveal_type(jnp.ones(same["size"]))  # revealed: f32[(4,)]
        reveal_type(jnp.ones(len(both)))  # revealed: f32[(2,)]
        """
    )
