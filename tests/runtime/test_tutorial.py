"""The programs of the tutorial "Named axes and easy-to-revise parallelism", executed."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as np_like
import numpy as np
import pytest
from jax.scipy.linalg import expm_frechet

from named_types.runtime import lax, named_shape, nn, xmap
from named_types.runtime import numpy as jnp


def predict(w1, w2, images):
    hiddens = jax.nn.relu(np_like.dot(images, w1))
    logits = np_like.dot(hiddens, w2)
    return logits - jax.scipy.special.logsumexp(logits, axis=1, keepdims=True)


def loss(w1, w2, images, labels):
    predictions = predict(w1, w2, images)
    targets = jax.nn.one_hot(labels, predictions.shape[-1])
    return -np_like.mean(np_like.sum(targets * predictions, axis=1), axis=0)


def named_predict(w1, w2, image):
    hidden = nn.relu(lax.pdot(image, w1, "inputs"))
    logits = lax.pdot(hidden, w2, "hidden")
    return logits - nn.logsumexp(logits, "classes")


def named_loss(w1, w2, images, labels):
    predictions = named_predict(w1, w2, images)
    num_classes = lax.psum(1, "classes")
    targets = nn.one_hot(labels, num_classes, axis="classes")
    losses = lax.psum(targets * predictions, "classes")
    return -lax.pmean(losses, "batch")


LOSS_AXES = [["inputs", "hidden", ...], ["hidden", "classes", ...], ["batch", "inputs", ...], ["batch", ...]]


@pytest.fixture(scope="module")
def network():
    keys = jax.random.split(jax.random.key(0), 4)
    w1 = 0.05 * jax.random.normal(keys[0], (784, 512))
    w2 = 0.1 * jax.random.normal(keys[1], (512, 10))
    images = jax.random.normal(keys[2], (128, 784))
    labels = jax.random.randint(keys[3], (128,), 0, 10)
    return w1, w2, images, labels


@pytest.mark.parametrize(
    ("shape", "resources"),
    [
        ({}, {}),
        ({"x": 8}, {"batch": "x"}),
        ({"x": 8}, {"hidden": "x"}),
        ({"x": 4, "y": 2}, {"batch": "x", "hidden": "y"}),
        ({"x": 2, "y": 2, "z": 2}, {"batch": ("x", "z"), "inputs": "y"}),
        ({"x": 4, "y": 2}, {"hidden": "x", "classes": "y"}),
    ],
)
def test_named_network_has_the_loss_and_gradients_of_the_positional_one(network, scope, shape, resources):
    mapped = xmap(named_loss, in_axes=LOSS_AXES, out_axes=[...], axis_resources=resources)
    with scope(**shape):
        value, gradients = jax.value_and_grad(mapped, (0, 1))(*network)
    expected, expected_gradients = jax.value_and_grad(loss, (0, 1))(*network)
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-3, atol=1e-6)


def test_my_func_moves_the_batch_axis():
    def my_func(x):
        assert x.shape == (5,)
        assert named_shape(x) == {"batch": 20}
        return x

    x = np_like.arange(100.0).reshape((20, 5))
    y = xmap(my_func, in_axes={0: "batch"}, out_axes={1: "batch"})(x)
    np.testing.assert_array_equal(y, x.T)


def test_expm_frechet_each_with_each_and_all_pairs():
    f = partial(expm_frechet, compute_expm=False)
    batch_a = 0.3 * jax.random.normal(jax.random.key(1), (7, 3, 3))
    batch_e = 0.3 * jax.random.normal(jax.random.key(2), (5, 3, 3))

    each = xmap(f, in_axes=(["b", ...], ["b", ...]), out_axes=["b", ...])(batch_a[:5], batch_e)
    pairs = xmap(f, in_axes=(["ba", ...], ["be", ...]), out_axes=["ba", "be", ...])(batch_a, batch_e)

    single = jax.jit(f)
    assert pairs.shape == (7, 5, 3, 3)
    for i in range(5):
        np.testing.assert_allclose(each[i], single(batch_a[i], batch_e[i]), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(pairs[6, i], single(batch_a[6], batch_e[i]), rtol=1e-4, atol=1e-5)


def test_named_broadcasting():
    def named_broadcasting(x, y, z):
        i = x + y
        j = y + z
        k = i + j
        assert named_shape(i) == {"a": 2, "b": 3}
        assert named_shape(j) == {"b": 3, "c": 5}
        assert k.shape == (2, 3, 5)
        assert named_shape(k) == {"a": 2, "b": 3, "c": 5}
        return k

    x = np_like.arange(4.0).reshape((2, 2, 1, 1))
    y = np_like.arange(9.0).reshape((3, 1, 3, 1))
    z = np_like.arange(25.0).reshape((5, 1, 1, 5))
    in_axes = (["a", ...], ["b", ...], ["c", ...])
    k = xmap(named_broadcasting, in_axes=in_axes, out_axes=["a", "b", "c", ...])(x, y, z)
    a, b, c = x[:, None, None], y[None, :, None], z[None, None]
    np.testing.assert_allclose(k, (a + b) + (b + c))


def test_broadcast_and_reduce_at_once_and_in_steps(same_everywhere):
    def at_once(x, y):
        return jnp.sum(x + y, axis=(0, "x", "y"))

    def in_steps(x, y):
        w0 = jnp.sum(x + y, 0)
        w0x = jnp.sum(w0, "x")
        assert w0.shape == ()
        assert named_shape(w0) == {"x": 2, "y": 4}
        assert named_shape(w0x) == {"y": 4}
        return jnp.sum(w0x, "y")

    arguments = (np_like.arange(2.0), np_like.arange(20.0).reshape((5, 4)))
    mappings = [({"p": 2}, {"x": "p"}), ({"p": 2, "q": 4}, {"x": "p", "y": "q"})]
    for function in (at_once, in_steps):
        total = same_everywhere(function, ({0: "x"}, {1: "y"}), {}, arguments, mappings)
        np.testing.assert_allclose(total, 400.0)


def named_batch_matrix_single_matrix(x, y):
    return jnp.einsum("n{b,k},{k,m}->n{b,m}", x, y)


EINSUM_AXES = [{0: "b", 2: "k"}, ["k", "m", ...]]


def test_einsum_with_named_axes(same_everywhere):
    x = jax.random.normal(jax.random.key(3), (20, 5, 8))
    y = jax.random.normal(jax.random.key(4), (8, 12))
    mappings = [
        ({"x": 8}, {"k": "x"}),
        ({"x": 4, "y": 2}, {"b": "x", "k": "y"}),
        ({"x": 4, "y": 2}, {"b": "x", "m": "y"}),
        ({"x": 4, "y": 2}, {"k": ("x", "y")}),
    ]
    z = same_everywhere(named_batch_matrix_single_matrix, EINSUM_AXES, {0: "b", 2: "m"}, (x, y), mappings)
    np.testing.assert_allclose(z, np_like.einsum("bnk,km->bnm", x, y), rtol=1e-4, atol=1e-5)


def test_the_tutorials_own_out_axes_name_an_axis_that_does_not_exist(rejection):
    error = rejection(lambda: xmap(named_batch_matrix_single_matrix, EINSUM_AXES, ["b", "n", "m", ...]))
    assert error.problem.code == "unbound-axis-name"
    assert error.problem.message == "axis 'n' is unbound in out_axes: only 'b', 'k' and 'm' are in scope"


def test_pshuffle(same_everywhere):
    def reverse(x):
        return lax.pshuffle(x, "i", list(reversed(range(8))))

    mappings = [({"x": 8}, {"i": "x"}), ({"x": 2}, {"i": "x"}), ({"x": 4, "y": 2}, {"i": ("y", "x")})]
    reversed_ = same_everywhere(reverse, ["i", ...], ["i", ...], (np_like.arange(8),), mappings)
    np.testing.assert_array_equal(reversed_, np.arange(8)[::-1])


def test_matrix_product_from_vdot(scope):
    x = jax.random.normal(jax.random.key(5), (2048, 2048))
    axes: dict[str, Any] = {"in_axes": ({0: "left"}, {1: "right"}), "out_axes": ["left", "right", ...]}
    local_matmul = xmap(jnp.vdot, **axes)
    distr_matmul = xmap(jnp.vdot, **axes, axis_resources={"left": "x", "right": "y"})

    local = local_matmul(x, x)
    with scope(x=2, y=4):
        distributed = distr_matmul(x, x)

    np.testing.assert_allclose(local, x @ x, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(local, distributed, rtol=1e-3, atol=1e-2)
    assert {shard.data.shape for shard in distributed.addressable_shards} == {(1024, 512)}


def test_sum_two_args_may_map_both_axes_to_one_resource(scope):
    def sum_two_args(x, y):
        return jnp.sum(x, axis="a") + jnp.sum(y, axis="b")

    with scope(x=4):
        mapped = xmap(sum_two_args, (["a", ...], ["b", ...]), [...], axis_resources={"a": "x", "b": "x"})
        assert mapped(np_like.ones(4), np_like.arange(12.0)) == 4 + 66
