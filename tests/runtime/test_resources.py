"""A value is partitioned over a mesh axis if and only if its named shape has an axis mapped to it."""

from __future__ import annotations

import re
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from named_types.runtime import Mesh, xmap
from named_types.runtime import numpy as named_jnp

RESOURCES = {"a": "x", "b": "y"}


@pytest.mark.parametrize(
    ("shape", "axes", "device_shape", "copies"),
    [
        ((5, 5), {}, (5, 5), 6),
        ((6, 8), {1: "a"}, (6, 4), 3),
        ((8, 7), {0: "a", 1: "c"}, (4, 7), 3),
        ((8, 12), {0: "a", 1: "b"}, (4, 4), 1),
    ],
)
def test_partitioned_over_a_mesh_axis_iff_named(scope, shape, axes, device_shape, copies):
    """The tutorial's four examples on a mesh of 2 x 3: f32[(5, 5)], f32[(6,), {'a': 8}] and so on."""
    x = jnp.arange(float(np.prod(shape))).reshape(shape)
    sizes = {"a": 8, "b": 12, "c": 7}
    with scope(x=2, y=3):
        y = xmap(lambda x: 2 * x, axes, axes, axis_sizes=sizes, axis_resources=RESOURCES)(x)
    np.testing.assert_array_equal(y, 2 * x)
    shards = [(shard.data.shape, str(shard.index)) for shard in y.addressable_shards]
    assert {held for held, _ in shards} == {device_shape}
    assert len(shards) == 6
    assert len(shards) // len({index for _, index in shards}) == copies


def compiled_text(lowered: jax.stages.Lowered) -> str:
    text = lowered.compile().as_text()
    assert text is not None
    return text


def test_intermediates_are_partitioned_too(scope):
    """What each device computes has the sizes that the named shapes promise, and nothing is gathered."""

    def function(x, y):
        outer_product = jnp.sin(x) * jnp.cos(y)
        return jnp.fft.fft(outer_product).real

    with scope(x=2, y=4):
        mapped = xmap(function, (["a", ...], ["b", ...]), ["a", "b", ...], axis_resources=RESOURCES)
        lowered = mapped.lower(jnp.ones((8, 6)), jnp.ones((16, 6)))
    sines = set(re.findall(r"stablehlo.sine %\S+ : tensor<([\dx]+)xf32>", lowered.as_text()))
    products = set(re.findall(r"stablehlo.multiply .* : tensor<([\dx]+)xf32>", lowered.as_text()))
    assert sines == {"4x6"}
    assert products == {"4x4x6"}
    assert not re.search(r"all-(gather|reduce|to-all)|collective-permute", compiled_text(lowered))


def test_inputs_stay_where_the_mapping_wants_them(scope):
    mapped = xmap(lambda x: x + 1, {1: "a"}, {1: "a"}, axis_resources={"a": "x"})
    with scope(x=4, y=2):
        first = mapped(jnp.ones((3, 8)))
        second = mapped(first)
    assert isinstance(first.sharding, NamedSharding)
    assert first.sharding.spec == PartitionSpec(None, "x")
    assert second.sharding.is_equivalent_to(first.sharding, 2)


def test_a_result_that_lacks_an_axis_is_broadcast(scope):
    with scope(x=4):
        mapped = xmap(lambda x: x, {}, ["a", ...], axis_sizes={"a": 8}, axis_resources={"a": "x"})
        result = mapped(jnp.arange(3.0))
    np.testing.assert_array_equal(result, jnp.broadcast_to(jnp.arange(3.0), (8, 3)))
    assert isinstance(result.sharding, NamedSharding)
    assert result.sharding.spec == PartitionSpec("x")


def test_only_needed_collectives_are_made(scope):
    """One all-reduce forward; backward none for the sum, one for what all devices share."""

    def loss(w, x):
        return named_jnp.mean(jnp.tanh(named_jnp.sum(w * x, "k")), "batch")

    with scope(x=4, y=2):
        mapped = xmap(loss, (["k"], ["batch", "k"]), {}, axis_resources={"batch": "x", "k": "y"})
        arguments = (jnp.ones(8), jnp.ones((16, 8)))
        forward = compiled_text(mapped.lower(*arguments))
        backward = compiled_text(jax.jit(jax.grad(mapped)).lower(*arguments))
    assert len(re.findall(r" all-reduce\(", forward)) == 2
    assert len(re.findall(r" all-reduce\(", backward)) == 2


def test_nothing_is_made_of_a_mesh_that_is_not_used(scope):
    mapped = xmap(lambda x: 2 * x, ["a"], ["a"])
    with scope(x=8):
        jaxpr = jax.make_jaxpr(mapped)(jnp.ones(8))
    assert "shard_map" not in str(jaxpr)


def test_each_way_of_bringing_a_mesh_into_scope():
    mapped = xmap(lambda x: x - named_jnp.mean(x, "a"), ["a"], ["a"], axis_resources={"a": "x"})
    x = jnp.arange(8.0)
    devices = np.array(jax.devices())
    scopes = [
        jax.set_mesh(jax.make_mesh((8,), ("x",), axis_types=(AxisType.Auto,))),
    ]
    for entered in scopes:
        with entered:
            np.testing.assert_allclose(mapped(x), x - 3.5)
    with jax.set_mesh(jax.make_mesh((8,), ("x",), axis_types=(AxisType.Explicit,))):
        np.testing.assert_allclose(mapped(x), x - 3.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with Mesh(devices[:4], ("x",)):
            result = mapped(x)
    np.testing.assert_allclose(result, x - 3.5)
    assert len(result.sharding.device_set) == 4


def test_another_mesh_is_another_trace(scope):
    mapped = xmap(lambda x: 2 * x, ["a"], ["a"], axis_resources={"a": "x"})
    for size in (2, 8, 2):
        with scope(x=size):
            assert len(mapped(jnp.ones(8)).sharding.device_set) == size
