"""What an annotation alone tells: of a variable without a value, and of a function whose body gives none."""

from __future__ import annotations

from analyzer.expectations import check


def test_a_variable_that_is_only_declared_has_its_declared_type() -> None:
    check(
        """
        a: f32[(2, 3)]
        reveal_type(a.T)  # revealed: f32[(3, 2)]
        """
    )


def test_declaring_what_is_bound_already_changes_nothing() -> None:
    check(
        """
        a = jnp.zeros((2, 3), dtype=int)
        a: f32[(2, 3)]
        reveal_type(a)  # revealed: i32[(2, 3)]
        """
    )


def test_a_function_without_a_body_gives_what_it_declares() -> None:
    check(
        """
        def doubled(x: f32[("n",)]) -> f32[("2*n",)]: ...
        reveal_type(doubled(jnp.ones(4)))  # revealed: f32[(8,)]
        """
    )


def test_a_dimension_variable_that_no_argument_binds_is_unknown_to_the_caller() -> None:
    check(
        """
        def halved(x: f32[("2*n",)]) -> f32[("n", 3)]: ...

        def use(y: f32[("n",)]) -> f32[("n", 3)]:
            reveal_type(halved(y))  # revealed: f32[('_', 3)]
            return halved(y)
        """
    )


def test_a_result_that_is_not_known_may_have_the_axes_its_function_is_lifted_over() -> None:
    check(
        """
        from somewhere import unknown

        def total(x: f32[(3,)]) -> f32[()]:
            return unknown(x)

        def inner(x: f32[(3,), {"a": 4}]) -> f32[(), {"a": 4}]:
            reveal_type(total(x))  # revealed: f32[(), ...]
            return total(x)

        reveal_type(total(jnp.ones(3)))  # revealed: f32[()]
        """
    )
