"""The annotations of a mapped function are held against what it gets and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, wraps
from typing import Annotated, Any, NamedTuple, Optional

import jax
import jax.numpy as jnp
import pytest

from named_types import f32, floating, i32
from named_types.runtime import numpy as named_jnp
from named_types.runtime import xmap

BATCH = ["batch", ...]


def ones(*shape: int) -> Any:
    """An array that mypy knows nothing of: here the runtime is to find what is wrong."""
    return jnp.ones(shape)


X = ones(20, 5)


class Moments(NamedTuple):
    mean: f32[()]
    rest: f32[(5,), {"batch": 20}]


@jax.tree_util.register_dataclass
@dataclass
class Layer:
    weights: f32[("n", 3)]
    bias: f32[(3,)]
    below: Optional[Layer] = None  # noqa: UP045


def total(x: f32[(5,), {"batch": 20}]) -> f32[(), {"batch": 20}]:
    return jnp.sum(x)


def test_an_argument_that_does_not_fit_names_the_parameter_and_the_call(rejection, place):
    def call():
        return xmap(total, BATCH, ["batch"])(ones(20, 6))  # named-types: ignore[incompatible-argument]

    assert xmap(total, BATCH, ["batch"])(X).shape == (20,)
    error = rejection(call)
    assert str(error) == (
        '[incompatible-argument] argument "x" of "total" has type "f32[(6,), {\'batch\': 20}]", '
        "expected \"f32[(5,), {'batch': 20}]\"\n"
        f"  at: {error.place}"
    )
    assert error.place.startswith(place(call, "return xmap"))


def test_a_result_that_does_not_fit_names_the_line_that_returns_it(rejection, place):
    def mean(x: f32[(5,), {"batch": 20}]) -> f32[()]:
        smaller = x / 2
        return jnp.mean(smaller)  # type: ignore[return-value]  # named-types: ignore[incompatible-return]

    error = rejection(lambda: xmap(mean, BATCH, [...])(X))
    assert str(error) == (
        '[incompatible-return] "mean" returns "f32[(), {\'batch\': 20}]", but is declared to return "f32[()]"\n'
        f"  at: {error.place}"
    )
    assert error.place.startswith(place(mean, "return jnp.mean"))


def test_with_several_returns_the_place_is_that_of_the_function(rejection, place):
    def pick(x: f32[(5,), {"batch": 20}]) -> f32[(), {"batch": 20}]:
        if x.dtype == jnp.int32:
            return jnp.sum(x)
        return x  # type: ignore[return-value]  # named-types: ignore[incompatible-return]

    error = rejection(lambda: xmap(pick, BATCH, BATCH)(X))
    assert error.place.startswith(place(pick, "def pick"))


def double(x: f32[("n",), {"batch": "b"}], y: f32[("2*n", "b")]) -> f32[("3*n",), {"batch": "b"}]:
    return jnp.concatenate([x, y[:, 0]])


def test_dimension_variables_are_bound_by_the_arguments(rejection):
    mapped = xmap(double, (BATCH, {}), BATCH)
    assert mapped(X, ones(10, 20)).shape == (20, 15)
    wrong = rejection(lambda: mapped(X, ones(9, 20)))
    assert wrong.problem.message == 'argument "y" of "double" has type "f32[(9, 20)]", expected "f32[(10, 20)]"'


def test_variables_that_nothing_binds_fit_every_size(rejection):
    def first(x: f32[("n+1",)]) -> f32[()]:
        return x[0]

    mapped: Any = xmap(first, {}, {})
    assert mapped(ones(5)).shape == ()

    def square(x: f32[("n", "n")]) -> f32[("n",)]:
        return x[0]

    error = rejection(lambda: xmap(square, {}, {})(ones(3, 4)))
    assert error.problem.message == 'argument "x" of "square" has type "f32[(3, 4)]", expected "f32[(3, 3)]"'


def test_each_instance_of_a_class_has_sizes_of_its_own():
    def both(first: Layer, second: Layer, x: f32[("n",)]) -> f32[(3,)]:
        return first.bias + second.bias

    mapped = xmap(both, {}, {})
    assert mapped(Layer(ones(5, 3), ones(3)), Layer(ones(6, 3), ones(3)), ones(7)).shape == (3,)


def of_tuple(pair: tuple[f32[(5,)], f32[(4,)]]) -> f32[...]:
    return pair[0]


def of_list(xs: list[f32[(5,), {"batch": 20}]]) -> Any:
    return xs


def of_dict(xs: dict[str, f32[(5,), {"batch": 20}]]) -> Any:
    return xs


def of_optional(x: Optional[f32[(4,)]]) -> Any:  # noqa: UP045
    return x


def of_union(x: f32[(4,)] | None) -> Any:
    return x


def of_annotated(x: Annotated[f32[(4,)], "weights"]) -> Any:
    return x


def of_many(*xs: f32[(4,), ...]) -> Any:
    return xs


def of_quoted(x: list["f32[(4,)]"]) -> Any:
    return x


def of_bare(x: i32) -> Any:
    return x


def of_layer(layer: Layer) -> Any:
    return layer.weights


@pytest.mark.parametrize(
    ("function", "argument", "expected"),
    [
        (of_tuple, (X[0], X[0]), "f32[(4,)]"),
        (of_list, [X[0]], "f32[(5,), {'batch': 20}]"),
        (of_dict, {"a": X[0]}, "f32[(5,), {'batch': 20}]"),
        (of_optional, X[0], "f32[(4,)]"),
        (of_union, X[0], "f32[(4,)]"),
        (of_annotated, X[0], "f32[(4,)]"),
        (of_many, X[0], "f32[(4,), ...]"),
        (of_quoted, [X[0]], "f32[(4,)]"),
        (of_bare, X[0], "i32[..., ...]"),
        (of_layer, Layer(ones(5, 3), ones(4)), "f32[(3,)]"),  # type: ignore[arg-type]  # named-types: ignore
        (of_layer, Layer(ones(5), ones(3)), "f32[('_', 3)]"),  # type: ignore[arg-type]  # named-types: ignore
    ],
)
def test_arrays_inside_other_types(rejection, function, argument, expected):
    error = rejection(lambda: xmap(function, {}, {})(argument))
    assert error.problem.code == "incompatible-argument"
    assert str(error.problem.expected) == expected


def test_results_inside_other_types(rejection):
    def moments(x: f32[(5,), {"batch": 20}]) -> tuple[Moments, floating[()]]:
        return Moments(named_jnp.mean(x, (0, "batch")), x), x[0]  # type: ignore[return-value]  # named-types: ignore[incompatible-return]

    error = rejection(lambda: xmap(moments, BATCH, (BATCH, ["batch"]))(X))
    assert error.problem.message == (
        '"moments" returns "f32[(), {\'batch\': 20}]", but is declared to return "floating[()]"'
    )


def untold(x: NotDefined[1 / 0]) -> "not an annotation":  # type: ignore[name-defined, valid-type]
    return x


def of_either(x: f32[4,] | f32[5,] | str, y: Callable) -> Any:  # type: ignore[name-defined]
    return x


def without_parameters() -> f32[(4,)]:
    return ones(4)


def test_what_cannot_be_evaluated_or_is_not_about_arrays_says_nothing():
    assert xmap(untold, {}, {})(X) is not None
    assert xmap(of_either, {}, {})(X, X) is not None
    assert xmap(without_parameters, (), {})().shape == (4,)


def test_what_a_decorator_made_of_a_function_has_a_signature_of_its_own():
    @wraps(total)
    def of_rows(x):
        return jnp.sum(x, axis=-1)

    assert xmap(of_rows, BATCH, BATCH)(ones(20, 4, 5)).shape == (20, 4)
    assert xmap(jax.vmap(total), BATCH, BATCH)(ones(20, 4, 5)).shape == (20, 4)


def test_arguments_that_partial_binds_are_held_too(rejection):
    mapped = xmap(partial(double, y=ones(3, 20)), BATCH, BATCH)  # type: ignore[arg-type]
    error = rejection(lambda: mapped(X))
    assert error.problem.message == 'argument "y" of "double" has type "f32[(3, 20)]", expected "f32[(10, 20)]"'


def test_a_method_is_held_against_its_own_annotations(rejection):
    class Model:
        def __call__(self, x: f32[(5,), {"batch": 20}]) -> f32[()]:
            return jnp.sum(x)  # type: ignore[return-value]  # named-types: ignore[incompatible-return]

        def apply(self, x: f32[(6,), {"batch": 20}]) -> f32[()]:
            return named_jnp.sum(x, (0, "batch"))

    assert rejection(lambda: xmap(Model(), BATCH, [...])(X)).problem.function == "__call__"
    assert rejection(lambda: xmap(Model().apply, BATCH, [...])(X)).problem.parameter == "x"


def test_the_axes_of_an_enclosing_xmap_are_left_out(rejection):
    def inner(x: f32[(5,), {"batch": 20, "seed": 3}]) -> f32[(), {"batch": 20, "seed": 3}]:
        return jnp.sum(x)

    def outer(x):
        return xmap(inner, BATCH, ["batch"])(x)

    assert xmap(outer, ["seed", ...], ["seed", ...])(ones(3, 20, 5)).shape == (3, 20)
    error = rejection(lambda: xmap(outer, ["seed", ...], ["seed", ...])(ones(3, 20, 6)))
    assert error.problem.code == "incompatible-argument"
