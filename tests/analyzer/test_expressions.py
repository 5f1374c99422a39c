"""Expressions and assignment targets."""

from __future__ import annotations

import pytest
from analyzer.expectations import check


def test_unpacking() -> None:
    check(
        """
        (a, b), c = (jnp.ones(1), jnp.ones(2)), jnp.ones(3)
        reveal_type(b)  # revealed: f32[(2,)]
        first, *middle, last = [jnp.ones(1), jnp.ones(2), jnp.ones(3), jnp.ones(4)]
        reveal_type(middle)  # revealed: list[unknown]
        reveal_type(middle[1])  # revealed: f32[(3,)]
        reveal_type(last)  # revealed: f32[(4,)]
        x = y = jnp.ones(5)
        reveal_type(x)  # revealed: f32[(5,)]
        row, other = jnp.ones((2, 3))
        reveal_type(other)  # revealed: f32[(3,)]
        """
    )


def test_unpacking_the_wrong_number_is_reported() -> None:
    check(
        """
        a = b = jnp.ones(1)
        a, b = jnp.ones(1), jnp.ones(2), jnp.ones(3)  # error: [invalid-operation] "it has 3"
        reveal_type(a)  # revealed: unknown
        c, d, *e = (1,)  # error: [invalid-operation] "2 or more parts"
        reveal_type(e)  # revealed: unknown
        q, k, v = jnp.split(jnp.ones(8), 2)  # error: [invalid-operation]
        rows, columns = jnp.ones(3)  # error: [invalid-operation]
        """
    )


def test_a_list_that_may_have_changed_is_not_counted() -> None:
    check(
        """
        waiting = [jnp.ones(3)]
        first, second = waiting
        reveal_type(first)  # revealed: unknown
        """
    )


def test_an_array_has_no_items_to_assign() -> None:
    check(
        """
        x = jnp.ones((2, 3))
        x[0] = 1.0  # error: [invalid-operation] "f32[(2, 3)][...] = value"
        y = np.ones((2, 3))
        y[0] = 1.0
        """
    )


def test_a_scalar_is_not_iterated_over() -> None:
    check(
        """
        x = jnp.float32(1)
        for part in x:  # error: [invalid-operation]
            pass
        a, b = x  # error: [invalid-operation]
        parts = [part for part in x]  # error: [invalid-operation]
        size = len(x)  # error: [invalid-operation]
        """
    )


def test_an_array_of_several_entries_is_neither_true_nor_false() -> None:
    check(
        """
        x = jnp.ones(3)
        if x:  # error: [invalid-operation]
            pass
        while x > 0:  # error: [invalid-operation]
            break
        assert x  # error: [invalid-operation]
        y = 1 if x else 2  # error: [invalid-operation]
        z = x or 1  # error: [invalid-operation]
        w = not x  # error: [invalid-operation]
        v = bool(x)  # error: [invalid-operation]
        u = [one for one in (1, 2) if x]  # error: [invalid-operation]
        if jnp.ones(1) and jnp.ones(()):
            pass
        """
    )


def test_a_mask_fits_whatever_it_selects() -> None:
    check(
        """
        x = jnp.ones((4, 3))
        y = x[x[:, 0] > 0]
        z = x[x > 0]
        w = x[x[0] > 0]  # error: [invalid-operation]
        v = x[jnp.zeros((5,), bool), jnp.arange(5)]
        """
    )


def test_sizes_that_are_no_integers_are_reported() -> None:
    check(
        """
        x = jnp.zeros((4 / 2,))  # error: [invalid-operation]
        y = x + None  # no x, no problem
        z = jnp.ones(3) + None  # error: [invalid-operation]
        """
    )


def test_spreading() -> None:
    check(
        """
        def f(x, y, z):
            return y
        pair = (jnp.ones(1), jnp.ones(2))
        reveal_type(f(*pair, z=3))  # revealed: f32[(2,)]
        reveal_type(f(1, **{"y": jnp.ones(4), "z": 0}))  # revealed: f32[(4,)]
        reveal_type([*pair, *pair][3])  # revealed: f32[(2,)]
        reveal_type(jnp.zeros((*pair[0].shape, 7)))  # revealed: f32[(1, 7)]
        """
    )


def test_slices() -> None:
    check(
        """
        x = jnp.ones((4, 5, 6))
        n = 3
        reveal_type(x[0])  # revealed: f32[(5, 6)]
        reveal_type(x[1:n, ::2])  # revealed: f32[(2, 3, 6)]
        reveal_type(x[..., None, -1])  # revealed: f32[(4, 5, 1)]
        reveal_type(x[jnp.array([0, 1])])  # revealed: f32[(2, 5, 6)]
        reveal_type(x[(0, 1)])  # revealed: f32[(6,)]
        reveal_type(x[0,])  # revealed: f32[(5, 6)]
        reveal_type(x[x > 0])  # revealed: unknown
        reveal_type((1, jnp.ones(2), 3)[1:])  # revealed: tuple[f32[(2,)], int]
        reveal_type([jnp.ones(2)][-1])  # revealed: f32[(2,)]
        reveal_type("abc"[0])  # revealed: str
        """
    )


def test_walrus() -> None:
    check(
        """
        if (n := len(jnp.ones(3))) > 2:
            reveal_type(jnp.ones(n))  # revealed: f32[(3,)]
        """
    )


def test_a_walrus_in_a_comprehension_binds_around_it() -> None:
    check(
        """
        sizes = [last := size for size in (1, 2, 3)]
        reveal_type(jnp.ones(last))  # revealed: f32[(3,)]
        """
    )


def test_comprehensions() -> None:
    check(
        """
        size = jnp.ones(7)
        layers = [jnp.ones((size, size + 1)) for size in range(4) if size != 1]
        reveal_type(layers[1])  # revealed: f32[(2, 3)]
        reveal_type(len(layers))  # revealed: int
        reveal_type(size)  # revealed: f32[(7,)]
        pairs = [(i, j) for i in range(2) for j in range(i + 1)]
        reveal_type(jnp.ones(pairs[2]))  # revealed: f32[(1, 1)]
        table = {name: jnp.ones(len(name)) for name in ("a", "bc")}
        reveal_type(table["bc"])  # revealed: f32[(2,)]
        reveal_type(sum(jnp.ones(3) for _ in range(2)))  # revealed: f32[(3,)]
        """
    )


def test_a_comprehension_over_something_unknown_is_unknown() -> None:
    check(
        """
        import somewhere
        reveal_type([jnp.ones(2) for _ in somewhere.things])  # revealed: unknown
        reveal_type([i for i in range(3) if somewhere.flag])  # revealed: unknown
        reveal_type({i for i in range(3)})  # revealed: unknown
        """
    )


def test_augmented_assignment() -> None:
    check(
        """
        x = jnp.ones((3, 1))
        x += jnp.ones(4)
        reveal_type(x)  # revealed: f32[(3, 4)]
        x @= jnp.ones((4, 2))
        reveal_type(x)  # revealed: f32[(3, 2)]
        n = 2
        n **= 3
        reveal_type(jnp.ones(n))  # revealed: f32[(8,)]
        x @= jnp.ones((4, 2))  # error: [invalid-operation]
        """
    )


def test_adding_to_a_list_in_place_changes_it_by_all_its_names() -> None:
    check(
        """
        items = [jnp.ones(1)]
        alias = items
        alias += [jnp.ones(2)]
        reveal_type(items[1])  # revealed: f32[(2,)]
        """
    )


def test_a_sum_of_lists_is_a_new_list() -> None:
    check(
        """
        items = [jnp.ones(1)]
        more = items + [jnp.ones(2)]
        reveal_type(more[1])  # revealed: f32[(2,)]
        reveal_type(len(items) == 1)  # revealed: bool
        """
    )


def test_items_that_are_deleted() -> None:
    check(
        """
        items = [jnp.ones(1), jnp.ones(2)]
        del items[0]
        reveal_type(items[0])  # revealed: f32[(2,)]
        """
    )


@pytest.mark.parametrize(
    ("expression", "revealed"),
    [
        ("x.T", "f32[(3, 2)]"),
        ("x.mT", "f32[(3, 2)]"),
        ("x.shape", "tuple[int, int]"),
        ("jnp.ones(x.shape[::-1])", "f32[(3, 2)]"),
        ("jnp.ones(x.ndim)", "f32[(2,)]"),
        ("jnp.ones(x.size)", "f32[(6,)]"),
        ("jnp.ones(2, x.dtype)", "f32[(2,)]"),
        ("x.at[0].set(1.0)", "f32[(2, 3)]"),
        ("x.at[:, 0].add(x[:, 1])", "f32[(2, 3)]"),
        ("x.reshape(3, -1)", "f32[(3, 2)]"),
        ("x.astype(jnp.int32)", "i32[(2, 3)]"),
        ("x.sum(axis=0)", "f32[(3,)]"),
        ("-x", "f32[(2, 3)]"),
        ("x > 1", "bool_[(2, 3)]"),
        ("1 - x", "f32[(2, 3)]"),
        ("not x.any()", "unknown"),
        ("x is None", "bool"),
        ("None is None", "bool"),
        ("2 in (1, 2)", "bool"),
        ("1 < 2 < 3", "bool"),
        ("f'{x}'", "unknown"),
        ("'a' 'b'", "str"),
        ("(lambda y, *z: y)(x, 1)", "f32[(2, 3)]"),
        ("list(map(lambda y: y[0], [x]))[0]", "f32[(3,)]"),
        ("list(zip([x], [1]))[0][0]", "f32[(2, 3)]"),
        ("max(2, 3)", "int"),
        ("abs(x)", "f32[(2, 3)]"),
        ("divmod(x, 2.0)", "tuple[f32[(2, 3)], f32[(2, 3)]]"),
        ("divmod(2.0, x)[0]", "f32[(2, 3)]"),
        ("divmod(np.ones(3), 2)[1]", "f64[(3,)]"),
        ("divmod(7, 2)", "tuple[int, int]"),
        ("round(x)", "i32[(2, 3)]"),
        ("round(x, 1)", "f32[(2, 3)]"),
        ("round(x, ndigits=1)", "f32[(2, 3)]"),
        ("round(x, None)", "i32[(2, 3)]"),
        ("round(np.ones(3))", "unknown"),
        ("round(2.5)", "int"),
        ("...", "unknown"),
    ],
)
def test_the_value_of(expression: str, revealed: str) -> None:
    check(f"x = jnp.ones((2, 3))\nreveal_type({expression})  # revealed: {revealed}")


def test_arrays_of_numpy_are_told_from_arrays_of_jax() -> None:
    check(
        """
        reveal_type(np.ones((2, 3)))  # revealed: f64[(2, 3)]
        reveal_type(np.ones((2, 3), dtype=np.float32) + 1)  # revealed: f32[(2, 3)]
        reveal_type(np.ones(3) + jnp.ones(3))  # revealed: f32[(3,)]
        reveal_type(jnp.asarray(np.ones(3)))  # revealed: f32[(3,)]
        reveal_type(np.ones((2, 3)).T)  # revealed: f64[(3, 2)]
        np.ones(2) + np.ones(3)
        """
    )
