"""What is wrong raises while the program is traced: the whole message, and the user's line."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types.runtime import lax, xmap
from named_types.runtime import numpy as named_jnp

I = ["i", ...]  # noqa: E741
X = jnp.arange(8.0)


def test_one_name_two_sizes(rejection, place):
    def call():
        return xmap(lambda x, y: x * y, (I, I), I)(jnp.arange(5), jnp.arange(7))  # type: ignore[axis-size-conflict]

    error = rejection(call)
    assert str(error) == (
        "[axis-size-conflict] axis 'i' has size 5 in argument 0 and size 7 in argument 1\n"
        f"  at: {error.place}\n"
        "  help: one axis name has one size in the whole mapped function"
    )
    assert error.place.startswith(place(call, "return xmap"))


def test_resource_conflict_in_an_intermediate_names_its_line(rejection, place, scope):
    def add_before_reduce(x, y):
        z = x + y
        return named_jnp.sum(z, axis=("a", "b"))

    with scope(x=4):
        axes: dict[str, Any] = {"in_axes": (["a", ...], ["b", ...]), "out_axes": [...]}
        mapped = xmap(add_before_reduce, **axes, axis_resources={"a": "x", "b": "x"})
        error = rejection(lambda: mapped(jnp.ones(4), jnp.ones(12)))
    assert str(error) == (
        "[resource-conflict] axes 'a' and 'b' are both mapped to resource 'x' "
        "but meet in one value of type \"f32[(), {'a': 4, 'b': 12}]\"\n"
        f"  at: {error.place}\n"
        "  from: axis 'a' of argument 0; axis 'b' of argument 1\n"
        "  help: reduce over 'a' or 'b' first, or map one of them to another resource"
    )
    assert error.place.startswith(place(add_before_reduce, "z = x + y"))


def test_resource_conflict_inside_a_library_function(rejection, place, scope):
    def distance(x, y):
        return named_jnp.sum(jax.scipy.special.logsumexp(jnp.stack([x, y])), axis=("a", "b"))

    with scope(x=4):
        mapped = xmap(distance, (["a", ...], ["b", ...]), [...], axis_resources={"a": "x", "b": "x"})
        error = rejection(lambda: mapped(jnp.ones(4), jnp.ones(12)))
    assert error.problem.code == "resource-conflict"
    assert error.place.startswith(place(distance, "logsumexp"))


def test_resource_conflict_inside_a_loop_and_a_nested_xmap(rejection, place, scope):
    def nested(x, y):
        def inner(row):
            return row * y

        return named_jnp.sum(xmap(inner, ["j", ...], ["j", ...])(x), axis=(0, "a", "b"))

    with scope(x=4):
        mapped = xmap(nested, (["a", ...], ["b", ...]), [...], axis_resources={"a": "x", "b": "x"})
        error = rejection(lambda: mapped(jnp.ones((4, 3)), jnp.ones(12)))
    assert error.problem.code == "resource-conflict"
    assert error.place.startswith(place(nested, "return row * y"))


def test_resource_conflict_in_an_argument_and_at_out_axes(rejection, scope):
    resources = {"a": "x", "b": "x"}
    with scope(x=4):
        both = xmap(lambda x: x, ["a", "b"], ["a", "b"], axis_resources=resources)
        assert rejection(lambda: both(jnp.ones((4, 12)))).problem.message == (
            "axes 'a' and 'b' are both mapped to resource 'x' "
            "but meet in one value of type \"f32[(), {'a': 4, 'b': 12}]\" in argument 0"
        )
        spread = xmap(lambda x: x, ["a"], ["a", "b"], axis_sizes={"b": 12}, axis_resources=resources)
        assert rejection(lambda: spread(jnp.ones(4))).problem.message == (
            "axes 'a' and 'b' are both mapped to resource 'x' "
            "but meet in one value of type \"f32[(), {'a': 4, 'b': 12}]\" in result"
        )


def psum_of_unbound(x):
    return jax.lax.psum(x, "q")


def pdot_of_unbound(x):
    return lax.pdot(x, x, "q")


def sum_over_unbound(x):
    return named_jnp.sum(x, "q")


def einsum_of_unbound(x):
    return named_jnp.einsum("{q}->", x)


@pytest.mark.parametrize(
    ("function", "operation"),
    [
        (psum_of_unbound, "psum"),
        (pdot_of_unbound, "pdot"),
        (sum_over_unbound, "sum"),
        (einsum_of_unbound, "einsum"),
    ],
)
def test_unbound_axis_name(rejection, place, function, operation):
    error = rejection(lambda: xmap(function, I, I)(X))
    assert error.problem.message == f"axis 'q' is unbound in {operation}: only 'i' is in scope"
    assert error.place.startswith(place(function, "return"))


def test_a_name_error_of_the_users_own_passes(rejection):
    def misspelt(x):
        return x + y  # type: ignore[name-defined]

    with pytest.raises(NameError, match="name 'y' is not defined"):
        xmap(misspelt, I, I)(X)


def test_leaked_axis(rejection):
    error = rejection(lambda: xmap(lambda x: (x, 2 * x), I, (I, {}))(X))
    assert error.problem.message == (
        "result[1] has type \"f32[(), {'i': 8}]\", but its out_axes does not mention axis 'i'"
    )


@pytest.mark.parametrize(
    ("in_axes", "message"),
    [
        (["i", "j"], "in_axes of argument 0 is ['i', 'j'], but \"f32[(8,)]\" has rank 1, not 2"),
        ({1: "i"}, "in_axes of argument 0 is {1: 'i'}, but \"f32[(8,)]\" has rank 1"),
    ],
)
def test_rank(rejection, in_axes, message):
    assert rejection(lambda: xmap(lambda x: x, in_axes, ["i", ...])(X)).problem.message == message


def test_missing_unknown_and_indivisible_resources(rejection, scope):
    mapped = xmap(lambda x: x, I, I, axis_resources={"i": "x"})
    missing = rejection(lambda: mapped(X))
    assert missing.problem.message == "axis 'i' is mapped to resource 'x', but no mesh is in scope"
    with scope(y=4):
        unknown = rejection(lambda: mapped(X))
    assert unknown.problem.message == "axis 'i' is mapped to resource 'x', but only 'y' is in scope"
    with scope(x=4):
        indivisible = rejection(lambda: mapped(jnp.ones(6)))
    assert indivisible.problem.message == ("axis 'i' of size 6 is mapped to 'x' (size 4): 6 is not divisible by 4")


def test_structure(rejection):
    too_few = rejection(lambda: xmap(lambda x, y: x, (I,), I)(X, X))
    assert too_few.problem.message == (
        "in_axes does not fit: it has 1 entries, the function is called with 2 arguments"
    )
    other = rejection(lambda: xmap(lambda x: (x, x), I, (I,))(X))
    assert other.problem.message == "out_axes does not fit: it is a tuple of 1, the value is a tuple of 2"


@pytest.mark.parametrize(
    ("in_axes", "out_axes", "options", "message"),
    [
        (["a", "a", ...], ["a", ...], {}, "in_axes: axis name 'a' stands for two positions"),
        (["a", ...], ["b", ...], {}, "axis 'b' is unbound in out_axes: only 'a' is in scope"),
        (
            ["a", ...],
            ["a", ...],
            {"axis_resources": {"b": "x"}},
            "axis 'b' is unbound in axis_resources: only 'a' is in scope",
        ),
        (
            ["a", ...],
            ["a", ...],
            {"axis_resources": {"a": ("x", "x")}},
            "axis 'a' is mapped to resource 'x' twice",
        ),
    ],
)
def test_mappings_are_checked_before_any_call(rejection, in_axes, out_axes, options, message):
    assert rejection(lambda: xmap(lambda x: x, in_axes, out_axes, **options)).problem.message == message


def test_nested_name_that_is_already_in_scope(rejection):
    def outer(x):
        return xmap(lambda y: y, I, I)(x)

    error = rejection(lambda: xmap(outer, I, I)(jnp.ones((8, 3))))
    assert error.problem.message == ("axis 'i' of size 3 is introduced where another axis 'i' of size 8 is in scope")


def test_a_nested_xmap_cannot_have_the_resources_of_an_enclosing_one(rejection, scope):
    def outer(x):
        return xmap(lambda y: y, ["j", ...], ["j", ...], axis_resources={"j": "x"})(x)

    with scope(x=4, y=2):
        error = rejection(lambda: xmap(outer, I, I, axis_resources={"i": "x"})(jnp.ones((8, 2))))
    assert error.problem.code == "unknown-resource"


@pytest.mark.parametrize(
    ("specification", "y_axes", "code", "message"),
    [
        ("{i},->{i}", I, "partial-contraction", None),
        ("{i},{i}->{i}", {}, "missing-named-axis", None),
        ("{i},->{j}", I, "invalid-einsum", "the result mentions axis 'j', which no operand mentions"),
        ("{i}n,->{i}", {}, "invalid-einsum", "'{i}n': named axes stand in one pair of braces after the letters"),
    ],
)
def test_einsum(rejection, place, specification, y_axes, code, message):
    def function(x, y):
        return named_jnp.einsum(specification, x, y)

    y = X if y_axes else jnp.float32(1)
    error = rejection(lambda: xmap(function, (I, y_axes), I)(X, y))
    assert error.problem.code == code
    assert error.place.startswith(place(function, "einsum"))
    if message is not None:
        assert error.problem.message == f"einsum {specification!r}: {message}"


def test_problems_do_not_outlive_their_cause(scope):
    mapped = xmap(lambda x: x + 1, I, I, axis_resources={"i": "x"})
    with pytest.raises(Exception, match="no mesh is in scope"):
        mapped(X)
    with scope(x=4):
        np.testing.assert_array_equal(mapped(X), X + 1)


def test_the_origin_of_an_axis_that_many_arguments_have_is_told_in_short(rejection):
    error = rejection(lambda: xmap(lambda *xs: sum(xs), (I,) * 6, [...])(*[X] * 6))
    assert error.origin == "axis 'i' of argument 0, argument 1, argument 2 and 3 more"
    introduced = rejection(lambda: xmap(lambda: jax.lax.axis_index("j"), (), [...], axis_sizes={"j": 3})())
    assert introduced.origin == "axis 'j' of axis_sizes"
