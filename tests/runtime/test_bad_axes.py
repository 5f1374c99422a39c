"""Axis arguments that make no sense get one clear error: what is wrong, what would be accepted, and the user's line."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types.runtime import lax, nn, random, scipy, xmap
from named_types.runtime import numpy as named_jnp
from named_types.runtime.nn import initializers

X = jnp.ones((4, 3))
ACCEPTED = "an axis is a position, an axis name, or a tuple of both"
MEANT = "did you mean 'batch'?"


@pytest.mark.parametrize(
    ("function", "message", "advice"),
    [
        (lambda x: named_jnp.sum(x, "bacth"), "axis 'bacth' is unbound in sum: only 'batch' is in scope", MEANT),
        (lambda x: named_jnp.sort(x, "bacth"), "axis 'bacth' is unbound in sort: only 'batch' is in scope", MEANT),
        (
            lambda x: named_jnp.median(x, (0, "bacth")),
            "axis 'bacth' is unbound in median: only 'batch' is in scope",
            MEANT,
        ),
        (
            lambda x: named_jnp.sum(x, 1.0),
            "cannot compute sum(axis=1.0): 1.0 is neither a position nor an axis name",
            ACCEPTED,
        ),
        (
            lambda x: named_jnp.cumsum(x, (0, 0.5)),
            "cannot compute cumsum(axis=(0, 0.5)): 0.5 is neither a position nor an axis name",
            ACCEPTED,
        ),
        (
            lambda x: named_jnp.prod(x, (0, ("batch", 1))),
            "cannot compute prod(axis=(0, ('batch', 1))): ('batch', 1) is neither a position nor an axis name",
            ACCEPTED,
        ),
        (
            lambda x: named_jnp.any(x, ({"batch"},)),
            "cannot compute any(axis=({'batch'},)): {'batch'} is neither a position nor an axis name",
            ACCEPTED,
        ),
        (
            lambda x: named_jnp.var(x, ("batch", "batch")),
            "cannot compute var(axis=('batch', 'batch')): axis 'batch' stands there twice",
            None,
        ),
        (
            lambda x: named_jnp.swapaxes(x, "batch", "batch"),
            "cannot compute swapaxes(f32[(3,)], 'batch', 'batch'): axis 'batch' stands there twice",
            None,
        ),
        (
            lambda x: named_jnp.cumsum(x, ("batch", 0)),
            "cannot compute cumsum(f32[(3,)], ('batch', 0)): it goes along one axis, not along 2",
            None,
        ),
        (
            lambda x: named_jnp.nanargmax(x, ("batch", 0)),
            "cannot compute nanargmax(f32[(3,)], ('batch', 0)): it goes along one axis, not along 2",
            None,
        ),
        (
            lambda x: named_jnp.median(x, ("batch", 1)),
            "cannot compute median(f32[(3,)], ('batch', 1)): there is no axis 1, for there is 1 axis",
            None,
        ),
        (
            lambda x: named_jnp.fft.fft(x, 6, "batch"),
            "cannot compute fft(f32[(3,)], 6, 'batch'): it gives 6 entries for the 4 instances of axis 'batch'",
            None,
        ),
        (
            lambda x: named_jnp.stack([x, x], "batch"),
            "cannot compute stack([f32[(3,)], f32[(3,)]], 'batch'): it gives 2 entries for the 4 instances of axis "
            "'batch'",
            None,
        ),
        (
            lambda x: named_jnp.squeeze(x, "batch"),
            "cannot compute squeeze(f32[(3,)], 'batch'): axis 0 of the shape (4, 3) does not have size 1",
            None,
        ),
        (
            lambda x: named_jnp.trim_zeros(x, "fb", "batch"),
            "cannot compute trim_zeros(f32[(3,)], 'fb', 'batch'): how many entries stay depends on their values",
            None,
        ),
        (
            lambda x: lax.dot_general(x, x, (("batch", "batch"), ((), ()))),
            "cannot compute dot_general(f32[(3,)], f32[(3,)], (('batch', 'batch'), ((), ()))): it contracts positions",
            "lax.pdot contracts names too",
        ),
        (
            lambda x: initializers.orthogonal(column_axis="batch")(jax.random.key(0), (3, 3)),
            "cannot compute orthogonal(column_axis='batch'): the columns of all instances together would have to be "
            "orthogonal",
            None,
        ),
        (
            lambda x: scipy.stats.sem(x, axis=("batch", 0)),
            "cannot compute sem(f32[(3,)], axis=('batch', 0)): it goes along one axis, not along 2",
            None,
        ),
        (lambda x: random.permutation(jax.random.key(0), x, "b"), "axis 'b' is unbound in permutation: only 'batch' is "
         "in scope", None),
        (lambda x: nn.softmax(x, "b"), "axis 'b' is unbound in softmax: only 'batch' is in scope", None),
    ],
)  # fmt: skip
def test_one_clear_message(rejection, function, message, advice):
    error = rejection(lambda: xmap(function, ["batch", ...], [...])(X))
    assert (error.problem.message, error.problem.help) == (message, advice)
    assert error.place.startswith(f"{__file__}:")


def test_outside_of_every_map_no_name_is_in_scope(rejection):
    assert rejection(lambda: named_jnp.sort(X, "batch")).problem.message == (
        "axis 'batch' is unbound in sort: no axis name is in scope"
    )


def test_what_is_wrong_with_positions_is_jaxs_own_error():
    with pytest.raises(ValueError, match="out of bounds"):
        named_jnp.sum(X, (0, 2))
    with pytest.raises(ValueError, match="out of bounds"):
        named_jnp.cumsum(X, 2)
    with pytest.raises(TypeError):
        named_jnp.sort(X, (0, 1))


def test_positions_of_any_integer_type_are_positions():
    np.testing.assert_array_equal(named_jnp.cumsum(X, np.int64(1)), jnp.cumsum(X, 1))
    np.testing.assert_array_equal(named_jnp.sum(X, [0, 1]), 12.0)
