"""What `xmap` takes and what it gives back, word by word."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.ad_checkpoint import checkpoint_name
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from named_types.runtime import Mesh, lax, mesh, xmap

I: Any = ["i", ...]  # noqa: E741
X = jnp.linspace(0.5, 2.0, 8)
SPREAD: dict[str, Any] = {"axis_resources": {"i": "x"}}
DEVICES = np.array(jax.devices())


def test_the_signature_is_that_of_the_xmap_that_was():
    parameters = inspect.signature(xmap).parameters
    positional = [name for name, one in parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert positional == ["fun", "in_axes", "out_axes"]
    keywords = {name: one.default for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert keywords == {"axis_sizes": None, "axis_resources": None, "donate_argnums": ()}


def test_as_a_decorator():
    @partial(xmap, in_axes=I, out_axes=I)
    def centred(x):
        """Without its mean."""
        return x - lax.pmean(x, "i")

    mapped: Any = centred
    np.testing.assert_allclose(mapped(X), X - X.mean(), atol=1e-6)
    assert (mapped.__name__, mapped.__doc__) == ("centred", "Without its mean.")


def doubled(x):
    return 2 * x


class Scale:
    def __init__(self, by: float) -> None:
        self.by = by

    def __call__(self, x):
        return self.by * x

    def method(self, x):
        return self.by * x

    @classmethod
    def of_class(cls, x):
        return 2 * x


@pytest.mark.parametrize(
    "function",
    [
        doubled,
        lambda x: 2 * x,
        partial(jnp.multiply, 2),
        Scale(2),
        Scale(2).method,
        Scale.of_class,
        jax.jit(doubled),
        jax.vmap(doubled),
        jax.checkpoint(doubled),
        xmap(doubled, ["j", ...], ["j", ...]),
    ],
)
def test_whatever_can_be_called_is_mapped(function):
    rows = jnp.ones((8, 3))
    np.testing.assert_allclose(xmap(function, I, I)(rows), 2 * rows)


def test_a_second_call_traces_nothing():
    """Nor does the same xmap once more, a call under jit, or arguments of the same types."""
    traces = []

    def function(x):
        traces.append(x.shape)
        return x + lax.axis_index("i")

    with mesh(DEVICES[:4], "x"):
        for make in range(2):
            mapped = xmap(function, I, I, **SPREAD)
            mapped(X + make)
            mapped(np.asarray(X))
            mapped.lower(X).compile()
        jax.jit(mapped)(X)
        assert traces == [()]
        mapped(jnp.arange(8))
        assert len(traces) == 2
    with mesh(DEVICES[:2], "x"):
        mapped(X)
    assert len(traces) == 3


def test_what_is_compiled_is_used_again():
    mapped: Any = xmap(lambda x: 2 * x, I, I)
    mapped(X)
    mapped(X + 1)
    assert mapped._cache_size() == 1
    mapped.clear_cache()
    assert mapped._cache_size() == 0


def test_every_stage_of_a_jitted_function():
    with mesh(DEVICES[:4], "x"):
        mapped = xmap(lambda x: jnp.sin(x) - lax.pmean(x, "i"), I, I, **SPREAD)
        traced = mapped.trace(X)
        lowered = traced.lower()
        compiled: Any = mapped.lower(X).compile()
        assert jax.eval_shape(mapped, X).shape == (8,)
    assert "psum" in str(traced.jaxpr)
    assert "all_reduce" in lowered.as_text()
    assert lowered.compiler_ir() is not None
    assert "all-reduce" in str(compiled.as_text())
    assert compiled.cost_analysis()["flops"] > 0
    memory = compiled.memory_analysis()
    assert (memory.argument_size_in_bytes, memory.output_size_in_bytes) == (X.nbytes // 4, X.nbytes // 4)
    assert compiled.in_tree == jax.tree_util.tree_structure(((X,), {}))
    np.testing.assert_allclose(compiled(X), jnp.sin(X) - X.mean(), rtol=1e-5)


def test_a_stage_outlives_the_scope_of_its_mesh():
    with mesh(DEVICES[:4], "x"):
        compiled = xmap(doubled, I, I, **SPREAD).lower(X).compile()
    np.testing.assert_allclose(compiled(X), 2 * X)


@pytest.mark.filterwarnings("ignore:.*context manager has been deprecated:DeprecationWarning")
@pytest.mark.parametrize("enter", ["mesh", "set_mesh", "Mesh"])
@pytest.mark.parametrize("count", [1, 2, 8])
def test_each_kind_of_mesh_of_one_and_several_devices(enter, count):
    made = Mesh(DEVICES[:count], ("x",))
    auto = jax.make_mesh((count,), ("x",), axis_types=(AxisType.Auto,), devices=list(DEVICES[:count]))
    entered = {"mesh": lambda: mesh(DEVICES[:count], "x"), "set_mesh": lambda: jax.set_mesh(auto), "Mesh": lambda: made}
    with entered[enter]():
        result = xmap(lambda x: x / lax.psum(x, "i") + lax.axis_index("i"), I, I, **SPREAD)(X)
    np.testing.assert_allclose(result, X / X.sum() + np.arange(8), rtol=1e-6)
    assert len(result.sharding.device_set) == count
    assert result.sharding.is_equivalent_to(NamedSharding(made, PartitionSpec("x")), 1)


def test_inputs_that_lie_where_the_mapping_wants_them_are_not_moved():
    """The compiled program takes them in that sharding, and copies nothing between devices."""
    with mesh(DEVICES.reshape(4, 2), ("x", "y")) as devices:
        mapped = xmap(lambda a, b: a * b, ({1: "i"}, ["j"]), {0: "j", 2: "i"}, axis_resources={"i": "x", "j": "y"})
        placed = [
            jax.device_put(jnp.ones((3, 8)), NamedSharding(devices, PartitionSpec(None, "x"))),
            jax.device_put(jnp.ones(4), NamedSharding(devices, PartitionSpec("y"))),
        ]
        compiled = mapped.lower(*placed).compile()
        with jax.transfer_guard("disallow"):
            result = compiled(*placed)
    arguments, _ = compiled.input_shardings
    for wanted, given in zip(arguments, placed, strict=True):
        assert wanted.is_equivalent_to(given.sharding, given.ndim)
    text = str(compiled.as_text())
    assert not any(word in text for word in ("all-gather", "all-to-all", "collective-permute", "copy-start"))
    assert result.sharding.is_equivalent_to(NamedSharding(devices, PartitionSpec("y", None, "x")), 3)


@pytest.mark.parametrize("policy", ["everything_saveable", "nothing_saveable", "dots_saveable", "names"])
@pytest.mark.parametrize("is_outside", [False, True])
def test_checkpoints_with_policies(policy, is_outside):
    policies = jax.checkpoint_policies
    chosen = policies.save_only_these_names("kept") if policy == "names" else getattr(policies, policy)

    def normalised(x):
        total = checkpoint_name(lax.psum(jnp.sin(x), "i"), "kept")
        return jnp.tanh(x / total)

    function = normalised if is_outside else jax.checkpoint(normalised, policy=chosen)
    with mesh(DEVICES[:4], "x"):
        mapped = xmap(function, I, I, **SPREAD)
        outside = jax.checkpoint(mapped, policy=chosen) if is_outside else mapped
        gradient = jax.grad(lambda x: (outside(x) ** 2).sum())(X)
    expected = jax.grad(lambda x: (jnp.tanh(x / jnp.sin(x).sum()) ** 2).sum())(X)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_under_a_custom_vjp_and_in_its_rules():
    with mesh(DEVICES[:4], "x"):
        total = xmap(lambda x: lax.psum(x, "i"), I, {}, **SPREAD)
        scaled = xmap(lambda x, t: x * t, (I, {}), I, **SPREAD)

        @jax.custom_vjp
        def function(x):
            return total(x)

        function.defvjp(lambda x: (total(x), x), lambda x, cotangent: (scaled(x, 3 * cotangent),))
        value, gradient = jax.value_and_grad(function)(X)
    np.testing.assert_allclose(value, X.sum(), rtol=1e-6)
    np.testing.assert_allclose(gradient, 3 * X, rtol=1e-6)
