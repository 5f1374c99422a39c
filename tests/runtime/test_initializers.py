"""Initializers whose fans are along names."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types.runtime import lax, xmap
from named_types.runtime.nn import initializers

KEY = jax.random.key(3)
OF_JAX = jax.nn.initializers


def weights(initializer, shape, out_axes, sizes, **options):
    """Weights for all instances of the axes ``sizes``, drawn with one key."""
    return xmap(lambda key: initializer(key, shape), {}, out_axes, axis_sizes=sizes, **options)(KEY)


@pytest.mark.parametrize("distribution", ["normal", "truncated_normal", "uniform"])
@pytest.mark.parametrize(
    ("mode", "fan"), [("fan_in", 12), ("fan_out", 5), ("fan_avg", 8.5), ("fan_geo_avg", (12 * 5) ** 0.5)]
)
def test_the_fans_count_named_axes(distribution, mode, fan):
    """Each instance draws what JAX draws with its key, at the scale of the fans of the whole."""
    named = initializers.variance_scaling(2.0, mode, distribution, in_axis=("heads", 0), out_axis=1)
    drawn = weights(named, (3, 5), {0: "heads"}, {"heads": 4})
    for index in range(4):
        alone = OF_JAX.variance_scaling(2.0 / fan, "fan_in", distribution, in_axis=0, out_axis=1, batch_axis=(2, 3))
        expected = alone(jax.random.fold_in(KEY, index), (1, 1, 3, 5))[0, 0]
        np.testing.assert_allclose(drawn[index], expected, rtol=1e-5)


def test_the_variance_is_that_of_the_positional_initializer():
    named = initializers.he_normal(in_axis="inputs", out_axis=0)
    drawn = weights(named, (512,), {0: "inputs"}, {"inputs": 256})
    assert float(jnp.std(drawn)) == pytest.approx(float(jnp.std(OF_JAX.he_normal()(KEY, (256, 512)))), rel=0.02)


@pytest.mark.parametrize("name", ["glorot_normal", "he_uniform", "lecun_normal", "xavier_uniform", "kaiming_normal"])
def test_initializers_by_name(name, same_everywhere):
    initializer = getattr(initializers, name)(in_axis=("a", 0), out_axis="b")

    def function(key):
        return initializer(key, (3,), jnp.float32)

    sizes = {"axis_sizes": {"a": 4, "b": 2}}
    resources = [({"x": 2, "y": 2}, {"a": "x", "b": "y"}), ({"x": 4}, {"a": "x"})]
    drawn = same_everywhere(function, {}, {0: "a", 1: "b"}, (KEY,), resources, **sizes)
    assert drawn.shape == (4, 2, 3)
    assert len(np.unique(np.asarray(drawn))) == drawn.size


def test_without_names_they_are_jaxs():
    for name in ("glorot_normal", "he_uniform", "lecun_normal"):
        ours, jaxs = getattr(initializers, name)()(KEY, (4, 5)), getattr(OF_JAX, name)()(KEY, (4, 5))
        np.testing.assert_array_equal(ours, jaxs)
    assert initializers.zeros is OF_JAX.zeros


def test_keys_of_their_own_are_drawn_with():
    def function(key):
        return initializers.lecun_normal(in_axis="a", out_axis=0)(key, (3,)), lax.axis_size("a")

    keys = jax.random.split(KEY, 4)
    drawn, _ = xmap(lambda key: (function(key)[0], jnp.ones(())), {0: "a"}, ({0: "a"}, {}))(keys)
    assert len(np.unique(np.asarray(drawn))) == 12


def test_a_mode_that_there_is_not(rejection):
    def function(key):
        return initializers.variance_scaling(1.0, "fan", "normal", in_axis="a", out_axis=0)(key, (3,))

    error = rejection(lambda: weights(lambda key, shape: function(key), (3,), {0: "a"}, {"a": 4}))
    assert error.problem.message.endswith("there is no mode 'fan'")
    assert error.problem.help == "the modes are fan_in, fan_out, fan_avg, fan_geo_avg"
