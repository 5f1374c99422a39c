"""Control flow: branches join, loops run until nothing changes."""

from __future__ import annotations

from analyzer.expectations import check


def test_a_known_condition_takes_one_branch() -> None:
    check(
        """
        if 1 + 1 == 2:
            x = jnp.ones(2)
        else:
            x = jnp.ones(3)
        reveal_type(x)  # revealed: f32[(2,)]
        """
    )


def test_the_branches_of_an_unknown_one_join() -> None:
    check(
        """
        import somewhere
        if somewhere.flag:
            x, y = jnp.ones(2), jnp.ones(2)
        elif somewhere.other:
            x, y = jnp.ones(2), jnp.ones(3)
        else:
            x, y = jnp.ones(2), jnp.ones(2)
        reveal_type(x)  # revealed: f32[(2,)]
        reveal_type(y)  # revealed: unknown
        """
    )


def test_a_branch_that_leaves_does_not_join() -> None:
    check(
        """
        import somewhere
        def f(x):
            if somewhere.flag:
                return x
            elif somewhere.other:
                raise ValueError
            else:
                x = x[None]
            reveal_type(x)  # revealed: f32[(1, 2)]
            return x[0]
        reveal_type(f(jnp.ones(2)))  # revealed: f32[(2,)]
        """
    )


def test_returns_of_different_types_join_to_unknown() -> None:
    check(
        """
        import somewhere
        def f(x):
            if somewhere.flag:
                return x
            return x[None]
        def g(x):
            if somewhere.flag:
                return x
        reveal_type(f(jnp.ones(2)))  # revealed: unknown
        reveal_type(g(jnp.ones(2)))  # revealed: unknown
        """
    )


def test_a_short_loop_is_unrolled() -> None:
    check(
        """
        x = jnp.ones(())
        for size in (2, 3, 4):
            x = jnp.broadcast_to(x, (size, *x.shape))
        else:
            y = 1
        reveal_type(x)  # revealed: f32[(4, 3, 2)]
        reveal_type(y)  # revealed: int
        """
    )


def test_break_and_continue() -> None:
    check(
        """
        x = jnp.ones(1)
        for step in range(10):
            if step == 2:
                continue
            if step == 4:
                break
            x = jnp.concatenate([x, jnp.ones(1)])
        else:
            x = None
        reveal_type(x)  # revealed: f32[(4,)]
        """
    )


def test_an_uncertain_break_ends_what_is_known_of_the_rest() -> None:
    check(
        """
        import somewhere
        x = jnp.ones(1)
        for step in range(3):
            if somewhere.done:
                break
            x = jnp.concatenate([x, jnp.ones(1)])
        reveal_type(x)  # revealed: unknown
        """
    )


def test_an_uncertain_continue_too() -> None:
    check(
        """
        import somewhere
        x = jnp.ones(1)
        for step in range(3):
            if somewhere.skip:
                continue
            x = jnp.concatenate([x, jnp.ones(1)])
        reveal_type(x)  # revealed: unknown
        """
    )


def test_an_uncertain_return_in_a_loop() -> None:
    check(
        """
        import somewhere
        def f(x):
            for step in range(3):
                if somewhere.done:
                    return x
                x = x[None]
            return None
        reveal_type(f(jnp.ones(2)))  # revealed: unknown
        """
    )


def test_a_long_loop_runs_to_its_fixpoint() -> None:
    check(
        """
        x, y, z = jnp.zeros(2), jnp.zeros(2), jnp.zeros(1)
        for step in range(1000):
            x = x + 1
            y = y[None]
            z = jnp.ones(2)
        reveal_type(x)  # revealed: f32[(2,)]
        reveal_type(y)  # revealed: unknown
        reveal_type(z)  # revealed: unknown
        """
    )


def test_a_change_that_takes_several_rounds_to_arrive() -> None:
    check(
        """
        a, b, c, d, e = [jnp.zeros(2)] * 5
        for step in range(1000):
            e, d, c, b, a = d, c, b, a, jnp.zeros(3)
        reveal_type(e)  # revealed: unknown
        """
    )


def test_a_while_loop_runs_to_its_fixpoint() -> None:
    check(
        """
        import somewhere
        x = jnp.zeros(2)
        while somewhere.goes_on():
            x = x * 2
            loss = jnp.sum(x)
        reveal_type(x)  # revealed: f32[(2,)]
        reveal_type(loss)  # revealed: unknown
        """
    )


def test_a_loop_over_the_rows_of_an_array() -> None:
    check(
        """
        for row in jnp.ones((3, 5)):
            reveal_type(row)  # revealed: f32[(5,)]
        """
    )


def test_try_joins_with_its_handlers() -> None:
    check(
        """
        import somewhere
        try:
            x = somewhere.load()
            y = jnp.ones(2)
        except ValueError as error:
            x = jnp.ones(3)
            y = jnp.ones(2)
        finally:
            z = jnp.ones(4)
        reveal_type(x)  # revealed: unknown
        reveal_type(y)  # revealed: f32[(2,)]
        reveal_type(z)  # revealed: f32[(4,)]
        """
    )


def test_a_handler_sees_any_moment_of_the_try() -> None:
    check(
        """
        import somewhere
        x = jnp.ones(2)
        try:
            somewhere.risk()
            x = jnp.ones(3)
            somewhere.risk()
        except ValueError:
            reveal_type(x)  # revealed: unknown
        """
    )


def test_with_runs_its_block() -> None:
    check(
        """
        import somewhere
        with somewhere.context() as thing, open("log") as file:
            x = jnp.ones(2)
        reveal_type(x)  # revealed: f32[(2,)]
        reveal_type(thing)  # revealed: unknown
        """
    )


def test_match_joins_its_cases() -> None:
    check(
        """
        import somewhere
        x = jnp.ones(2)
        match somewhere.thing:
            case [first, *rest]:
                x = jnp.ones(3)
            case {"key": value}:
                pass
        reveal_type(x)  # revealed: unknown
        """
    )


def test_match_binds_what_its_patterns_name() -> None:
    check(
        """
        import somewhere
        first = jnp.ones(2)
        match somewhere.thing:
            case [first, *_]:
                reveal_type(first)  # revealed: unknown
        """
    )


def test_code_after_a_return_is_not_reached() -> None:
    check(
        """
        def f(x: f32[(2,)]) -> f32[(2,)]:
            return x
            y: f32[(3,)] = x
        """
    )


def test_a_conditional_expression_and_a_boolean_operation_join() -> None:
    check(
        """
        import somewhere
        x = jnp.ones(2) if somewhere.flag else jnp.zeros(2)
        reveal_type(x)  # revealed: f32[(2,)]
        y = somewhere.flag or jnp.ones(2)
        reveal_type(y)  # revealed: unknown
        z = None or jnp.ones(3)
        reveal_type(z)  # revealed: f32[(3,)]
        """
    )
