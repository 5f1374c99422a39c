"""Sums over instances move through what is linear: gradients of examples are added up before they are made."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from named_types.runtime import lax, xmap

BATCH, INPUTS, OUTPUTS = 64, 40, 24


def keyed(seed, *shape):
    return jax.random.normal(jax.random.key(seed), shape)


def dense(weights, x, y):
    return jnp.sum((jnp.tanh(x @ weights) - y) ** 2)


def used_twice(weights, x, y):
    return jnp.sum(jnp.tanh((jnp.tanh(x @ weights) - y) @ weights.T))


def scaled(weights, x, y):
    return jnp.sum(jnp.tanh((x @ (2.0 * weights.reshape(OUTPUTS, INPUTS).T)) / 3.0 - y))


def elementwise(weights, x, y):
    return jnp.sum(jnp.sin(x[:, None] * y[None, :] * weights))


def layers(weights, x, y):
    """One scan over layers; their weights are slices of one array."""
    stacked = jnp.stack([weights, 0.5 * weights])
    final, _ = jax.lax.scan(lambda h, w: (jnp.tanh(h @ w) @ w.T, None), x, stacked)
    return jnp.sum(final[:OUTPUTS] * y)


LOSSES = [dense, used_twice, scaled, elementwise, layers]


def batched_gradient(loss):
    return jax.grad(lambda weights, x, y: jax.vmap(loss, (None, 0, 0))(weights, x, y).mean())


def mapped_gradient(loss, **resources):
    def mean_gradient(weights, x, y):
        return lax.pmean(jax.grad(loss)(weights, x, y), "batch")

    return xmap(mean_gradient, ({}, {0: "batch"}, {0: "batch"}), {}, axis_resources=resources)


@pytest.fixture
def arguments():
    return keyed(0, INPUTS, OUTPUTS) / 7, keyed(1, BATCH, INPUTS), keyed(2, BATCH, OUTPUTS)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("resources", [{}, {"batch": "x"}])
def test_the_mean_of_gradients_is_the_gradient_of_the_mean(scope, arguments, loss, resources):
    with scope(x=4):
        mean = mapped_gradient(loss, **resources)(*arguments)
    np.testing.assert_allclose(mean, batched_gradient(loss)(*arguments), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", [dense, used_twice, scaled, layers])
def test_gradients_of_examples_are_never_made(arguments, loss):
    def temporaries(gradient):
        return gradient.lower(*arguments).compile().memory_analysis().temp_size_in_bytes

    by_hand = temporaries(jax.jit(batched_gradient(loss)))
    assert by_hand < BATCH * arguments[0].nbytes / 2
    assert temporaries(mapped_gradient(loss)) <= 1.02 * by_hand


def test_gradients_that_are_used_for_more_are_made(arguments):
    """Each example's gradient is clipped before the mean, which is no sum of the parts."""

    def clipped(gradient):
        return gradient / jnp.maximum(1.0, jnp.linalg.norm(gradient))

    def mean_clipped(weights, x, y):
        return lax.pmean(clipped(jax.grad(dense)(weights, x, y)), "batch")

    def expected(weights, x, y):
        return jax.vmap(lambda x, y: clipped(jax.grad(dense)(weights, x, y)))(x, y).mean(0)

    mean = xmap(mean_clipped, ({}, {0: "batch"}, {0: "batch"}), {})(*arguments)
    np.testing.assert_allclose(mean, expected(*arguments), rtol=1e-4, atol=1e-6)


def test_a_sum_and_the_parts_together(arguments):
    def both(weights, x, y):
        gradient = jax.grad(dense)(weights, x, y)
        return lax.psum(gradient, "batch"), gradient

    total, parts = xmap(both, ({}, {0: "batch"}, {0: "batch"}), ({}, {0: "batch"}))(*arguments)
    np.testing.assert_allclose(total, parts.sum(0), rtol=1e-4, atol=1e-4)


def test_a_name_that_one_operand_lacks_counts_its_instances():
    """The transposed sum is over 'i' of a value that has it and of one that has it not."""

    def function(x, y):
        alone = lax.psum(jnp.transpose(y), "i")  # named-types: ignore[absent-axis]
        return lax.psum(jnp.transpose(x * 2.0 + y), "i"), alone

    x, y = keyed(3, 5, 2, 3), keyed(4, 2, 3)
    mixed, alone = xmap(function, ({0: "i"}, {}), ({}, {}))(x, y)
    np.testing.assert_allclose(mixed, (2 * x.sum(0) + 5 * y).T, rtol=1e-5)
    np.testing.assert_allclose(alone, 5 * y.T, rtol=1e-5)


def test_sums_over_several_names_one_after_the_other():
    def function(x, y):
        product = jnp.transpose(x[:, None] * y[None, :])
        return lax.psum(lax.psum(product, "i"), "j")

    x, y = keyed(5, 4, 6, 2), keyed(6, 4, 3, 7)
    mapped = xmap(function, (["i", "j", ...], {0: "i", 2: "j"}), {}, axis_resources={})
    total = mapped(x, jnp.tile(keyed(7, 4, 3, 1), (1, 1, 6)))
    expected = np.einsum("ijx,ijy->yx", x, jnp.tile(keyed(7, 4, 3, 1), (1, 1, 6)).transpose(0, 2, 1))
    np.testing.assert_allclose(total, expected, rtol=1e-4)
    assert y.shape == (4, 3, 7)


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_of_the_mean_gradient(arguments, order):
    """The early sums can be differentiated again."""

    def differentiated(gradient):
        function = lambda weights, x, y: jnp.sum(gradient(weights, x, y) ** 2)  # noqa: E731
        for _ in range(order):
            function = partial(lambda inner, weights, x, y: jnp.sum(jax.grad(inner)(weights, x, y) ** 2), function)
        return function

    ours = differentiated(mapped_gradient(dense))(*arguments)
    np.testing.assert_allclose(ours, differentiated(batched_gradient(dense))(*arguments), rtol=1e-3)
