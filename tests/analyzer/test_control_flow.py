"""JAX's control flow on functions of the program: carries, branches, and faults at the line of the body."""

from __future__ import annotations

from analyzer.expectations import check


def test_scan_hands_rows_to_its_body_and_stacks_what_it_gives() -> None:
    check(
        """
        def step(carry, x):
            new = jnp.tanh(carry + x)
            return new, new.sum()

        carry, sums = lax.scan(step, jnp.zeros(4), jnp.ones((16, 4)))
        reveal_type(carry)  # revealed: f32[(4,)]
        reveal_type(sums)  # revealed: f32[(16,)]
        count, squares = lax.scan(lambda c, _: (c + 1, c * c), 0, None, length=5)
        reveal_type(squares)  # revealed: i32[(5,)]
        """
    )


def test_a_weakly_typed_carry_takes_the_type_of_the_body() -> None:
    check(
        """
        total, _ = lax.scan(lambda c, x: (c + x, None), 0, jnp.ones(3))
        reveal_type(total)  # revealed: f32[()]
        """
    )


def test_a_body_may_add_named_axes_to_its_carry() -> None:
    check(
        """
        def total(x):
            carry, _ = lax.scan(lambda c, _: (c + x, None), jnp.zeros(()), None, length=3)
            reveal_type(carry)  # revealed: f32[(), {'i': 5}]
            return carry

        xmap(total, in_axes=["i", ...], out_axes=["i", ...])(jnp.ones(5))
        """
    )


def test_axes_that_meet_in_a_carry_conflict_inside_the_body() -> None:
    check(
        """
        def total(x, y):
            def step(c, _):
                return c * y + x, None  # error: [resource-conflict]

            return lax.psum(lax.scan(step, jnp.zeros(()), None, length=3)[0], ("a", "b"))

        mapped = xmap(
            total, in_axes=(["a", ...], ["b", ...]), out_axes=[...], axis_resources={"a": "x", "b": "x"}
        )
        with mesh(np.array(jax.devices()[:2]), ("x",)):
            mapped(jnp.ones(4), jnp.ones(4))
        """
    )


def test_a_fault_in_a_body_stands_at_its_line() -> None:
    check(
        """
        lax.scan(lambda c, x: (c @ x, None), jnp.zeros(5), jnp.ones((16, 4)))  # error: [invalid-operation]
        """
    )


def test_a_carry_that_changes_its_type() -> None:
    check(
        """
        carry, _ = lax.scan(lambda c, x: (c[:2], None), jnp.zeros(5), jnp.ones(3))  # error: [invalid-operation]
        reveal_type(carry)  # revealed: unknown
        """
    )


def test_a_carry_that_changes_its_type_where_named_axes_are() -> None:
    check(
        """
        class Layer:
            def __call__(self, c):
                return jnp.concatenate([c, c])

        def scanned(x):
            layer = Layer()
            def step(c, row):
                return layer(c), row
            return lax.scan(step, x, jnp.ones((3, 4)))  # error: [invalid-operation] "comes in as f32[(5,)]"

        def not_a_pair(x):
            return lax.scan(lambda c, row: c + 1, x, jnp.ones((3, 4)))  # error: [invalid-operation] "not a carry and"

        def repeated(x):
            return lax.fori_loop(0, 3, lambda i, c: c[None], x)  # error: [invalid-operation] "goes out as f32[(1, 5)]"

        def chosen(x):
            return lax.cond(x.sum() > 0, lambda c: c[1:], lambda c: c, x)  # error: [invalid-operation] "f32[(4,)]"

        def right(x):
            return lax.scan(lambda c, row: (c + lax.psum(c, "a"), row), x, jnp.ones((3, 4)))[0]

        for function in (scanned, not_a_pair, repeated, chosen, right):
            xmap(function, in_axes={0: "a"}, out_axes={0: "a"})(jnp.ones((2, 5)))
        """
    )


def test_bodies_of_which_nothing_is_known() -> None:
    check(
        """
        import somewhere
        def mapped(predicate, other, x):
            reveal_type(lax.cond(predicate, other, lambda c: c, x))  # revealed: unknown
            reveal_type(lax.switch(0, [other, lambda c: c], predicate))  # revealed: unknown
            return x

        xmap(partial(mapped, somewhere.made(), somewhere.made()), in_axes={0: "a"}, out_axes={0: "a"})(jnp.ones(2))
        """
    )


def test_loops() -> None:
    check(
        """
        xs = jnp.ones((16, 4))
        reveal_type(lax.fori_loop(0, 10, lambda i, c: c + i, jnp.zeros(3)))  # revealed: f32[(3,)]
        last = lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * 2), (0, xs))
        reveal_type(last[1])  # revealed: f32[(16, 4)]
        reveal_type(lax.map(lambda row: row[:2], xs))  # revealed: f32[(16, 2)]
        """
    )


def test_branches_agree() -> None:
    check(
        """
        x = jnp.ones((16, 4))
        reveal_type(lax.cond(True, lambda x: x + 1, lambda x: x * 2.0, x))  # revealed: f32[(16, 4)]
        reveal_type(lax.switch(0, [lambda x: x.sum(), lambda x: x[0, 0]], x))  # revealed: f32[()]
        reveal_type(lax.cond(True, lambda x: x[0], lambda x: x, x))  # revealed: unknown # error: [invalid-operation]
        lax.cond(True, lambda x: x @ x, lambda x: x, x)  # error: [invalid-operation]
        """
    )
