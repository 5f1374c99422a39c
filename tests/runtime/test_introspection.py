"""named_shape tells the named axes of a traced value, or that it does not know."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from named_types.runtime import named_shape, xmap
from named_types.runtime import numpy as named_jnp

X = jnp.ones((4, 3))


def shapes_inside(function, x=X, in_axes=("i", "j")):
    """What ``function`` returns while it is traced with f32[(), {'i': 4, 'j': 3}]."""
    seen = []

    def mapped(value):
        seen.append(function(value))
        return 0.0

    xmap(mapped, list(in_axes), {})(x)
    return seen[0]


def test_arguments_and_what_is_computed_from_them():
    def function(x):
        y = jnp.sin(x) + 1
        return [named_shape(v) for v in (x, y, lax.psum(y, "i"), named_jnp.sum(y, ("i", "j")), lax.axis_index("j"))]

    assert shapes_inside(function) == [{"i": 4, "j": 3}, {"i": 4, "j": 3}, {"j": 3}, {}, {"j": 3}]


def test_through_library_functions_and_control_flow():
    def function(x):
        scanned, _ = lax.scan(lambda carry, _: (carry * x, None), jnp.float32(1), None, length=3)
        return [
            named_shape(jax.nn.softmax(jnp.stack([x, x]))),
            named_shape(jax.scipy.special.logsumexp(x, "i")),
            named_shape(scanned),
        ]

    assert shapes_inside(function) == [{"i": 4, "j": 3}, {"j": 3}, {"i": 4, "j": 3}]


def test_constants_have_no_names():
    assert shapes_inside(lambda _: [named_shape(2.0), named_shape(np.ones(3)), named_shape(X)]) == [{}, {}, {}]
    assert named_shape(X) == {}


def test_inside_grad_and_vmap():
    def function(x):
        seen = []

        def loss(y):
            seen.append(named_shape(jnp.sin(y)))
            return y

        jax.grad(loss)(x)
        jax.vmap(loss)(jnp.stack([x, x]))
        return seen

    assert shapes_inside(function) == [{"i": 4, "j": 3}, {"i": 4, "j": 3}]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: jax.jit(named_shape_of)(x),
        lambda x: lax.scan(lambda carry, _: (named_shape_of(carry), None), x, None, length=2)[0],
        lambda x: xmap(named_shape_of, {}, {})(x),
    ],
)
def test_where_it_is_not_known_it_says_so(function):
    with pytest.raises(RuntimeError, match="the named shape of this value is not known here"):
        xmap(function, ["i", "j"], ["i", "j"])(X)


def named_shape_of(x):
    named_shape(x)
    return x


def test_an_outer_value_seen_from_a_nested_function():
    def outer(x):
        seen = []

        def inner(y):
            seen.append(named_shape(x))
            return y

        xmap(inner, ["k"], ["k"])(jnp.ones(5))
        return seen

    assert shapes_inside(outer) == [{"i": 4, "j": 3}]
