"""Serial loops: an axis spread over time. Results stay the same, memory shrinks."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from named_types.runtime import NamedAxisError, SerialLoop, serial_loop, xmap
from named_types.runtime import lax as named_lax
from named_types.runtime import numpy as named_jnp

X = jax.random.normal(jax.random.key(0), (3, 12))
Y = jax.random.normal(jax.random.key(1), (24, 3))


def layers(x, y):
    """Results with the looped axis, without it, and with another one."""
    mixed = jnp.sin(named_jnp.sum(x, "k") * y)
    return {
        "mixed": mixed + lax.axis_index("i"),
        "k": x + 1,
        "total": named_jnp.sum(x, "k"),
        "gathered": jnp.cumsum(mixed),
        "random": jax.random.normal(jax.random.fold_in(jax.random.key(0), lax.axis_index("i"))),
    }


IN_AXES = ({0: "k"}, {0: "i"})
OUT_AXES = {"mixed": {1: "i"}, "k": {0: "k"}, "total": {}, "gathered": {0: "i"}, "random": ["i"]}


@pytest.mark.parametrize(
    ("shape", "resources"),
    [
        ({}, {"i": SerialLoop(1)}),
        ({}, {"i": SerialLoop(4)}),
        ({}, {"i": SerialLoop(24)}),
        ({"x": 4}, {"i": ("x", SerialLoop(3))}),
        ({"x": 4}, {"i": (SerialLoop(6), "x")}),
        ({"x": 2, "y": 3}, {"i": (SerialLoop(2), "x"), "k": "y"}),
    ],
)
def test_results_do_not_change(same_everywhere, shape, resources):
    same_everywhere(layers, IN_AXES, OUT_AXES, (X[:, :3], Y), [(shape, resources)])


@pytest.mark.parametrize("resources", [{"i": SerialLoop(4)}, {"i": SerialLoop(4), "j": SerialLoop(3)}])
def test_gradients_do_not_change(resources):
    def pairwise(x, y):
        return jnp.tanh(x @ y) * lax.axis_index("i")

    def loss(x, y, resources):
        return (xmap(pairwise, ({1: "j"}, {0: "i"}), ["j", "i"], axis_resources=resources)(x, y) ** 2).sum()

    whole = jax.grad(loss, (0, 1))(X, Y, {})
    looped = jax.grad(loss, (0, 1))(X, Y, resources)
    for one, other in zip(looped, whole, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_a_loop_with_a_name(scope):
    """Axes that share it are cut together."""
    mapped = xmap(
        lambda x, y: (2 * x, 3 * y, lax.axis_index("j") + 0 * y),
        (["i"], ["j"]),
        (["i"], ["j"], ["j"]),
        axis_resources={"i": "steps", "j": ("x", "steps")},
    )
    i, j = jnp.arange(6.0), jnp.arange(24.0)
    with scope(x=2), serial_loop("steps", 3):
        results = mapped(i, j)
    for result, expected in zip(results, (2 * i, 3 * j, j), strict=True):
        np.testing.assert_array_equal(result, expected)
    with scope(x=2), serial_loop("steps", 2):
        np.testing.assert_array_equal(mapped(i, j)[0], 2 * i)
    with (
        pytest.raises(NamedAxisError, match="axis 'i' is mapped to resource 'steps', but only 'x' is in scope"),
        scope(x=2),
    ):
        mapped(i, j)
    with pytest.raises(ValueError, match="at least one step"), serial_loop("steps", 0):
        pass


def test_steps_really_save_memory():
    """The intermediates of one step, forward; and backward too, since each step is a checkpoint."""
    weights, x = jnp.linspace(0.1, 1.0, 64), jnp.ones((512, 64))

    def wide(weights, x):
        for _ in range(3):
            x = jnp.sin(jnp.sort(jnp.outer(x, weights).ravel()))[:64]
        return x

    def temporaries(resources):
        mapped = xmap(wide, ({}, ["i", ...]), ["i", ...], axis_resources=resources)
        losses = {"forward": mapped, "backward": jax.jit(jax.grad(lambda *args: mapped(*args).sum()))}
        compiled: dict[str, Any] = {name: loss.lower(weights, x).compile() for name, loss in losses.items()}
        return {name: loss.memory_analysis().temp_size_in_bytes for name, loss in compiled.items()}

    whole, looped = temporaries({}), temporaries({"i": SerialLoop(16)})
    assert looped["forward"] < whole["forward"] / 8
    assert looped["backward"] < whole["backward"] / 8


@pytest.mark.parametrize(
    ("function", "operation"),
    [
        (lambda x: lax.psum(x, "i"), "psum"),
        (lambda x: named_jnp.sum(x, "i"), "psum"),
        (lambda x: named_jnp.max(x, "i"), "pmax"),
        (lambda x: lax.pmean(1.0 + 0 * x, "i"), "psum"),
        (lambda x: lax.all_gather(x, "i"), "all_gather"),
        (lambda x: lax.ppermute(x, "i", [(0, 1)]), "ppermute"),
        (lambda x: named_lax.pdot(x, x, "i"), "pdot"),
        (lambda x: named_jnp.einsum("{i},{i}->", x, x), "einsum"),
        (lambda x: lax.scan(lambda c, _: (lax.psum(c, "i"), None), x, None, length=2)[0], "psum"),
    ],
)
def test_instances_of_a_loop_do_not_meet(rejection, function, operation):
    mapped = xmap(function, ["i"], [...], axis_resources={"i": SerialLoop(4)})
    error = rejection(lambda: mapped(jnp.ones(8)))
    assert error.problem.code == "loop-collective"
    assert error.problem.message == f"{operation} over axis 'i', which is mapped to a serial loop"
    assert __file__ in str(error)


def test_a_loop_with_a_name_is_a_loop_for_collectives_too(rejection):
    mapped = xmap(lambda x: lax.psum(x, "i"), ["i"], [], axis_resources={"i": "steps"})
    with serial_loop("steps", 4):
        assert rejection(lambda: mapped(jnp.ones(8))).problem.code == "loop-collective"


def test_axes_on_one_loop_do_not_meet(rejection):
    mapped = xmap(jnp.multiply, (["i"], ["j"]), ["i", "j"], axis_resources={"i": "steps", "j": "steps"})
    with serial_loop("steps", 4):
        assert rejection(lambda: mapped(jnp.ones(8), jnp.ones(4))).problem.code == "resource-conflict"


def test_sizes_divide_into_steps(rejection):
    mapped = xmap(lambda x: x, ["i"], ["i"], axis_resources={"i": SerialLoop(3)})
    assert rejection(lambda: mapped(jnp.ones(8))).problem.code == "indivisible-axis"


@jax.custom_vjp
def weighted(x):
    return x


weighted.defvjp(lambda x: (x, None), lambda _, cotangent: (cotangent * lax.axis_index("i"),))


def test_a_derivative_rule_knows_its_step():
    mapped = xmap(weighted, ["i"], ["i"], axis_resources={"i": SerialLoop(4)})
    np.testing.assert_array_equal(jax.grad(lambda x: mapped(x).sum())(jnp.ones(8)), jnp.arange(8.0))


def test_in_a_nested_map():
    """A nested map has no resources with names, but may have a loop of its own; outer names are no loops."""

    def outer(x):
        return xmap(lambda y: y - lax.pmean(y, "i"), ["j"], ["j"], axis_resources={"j": SerialLoop(3)})(x)

    result = xmap(outer, ["i", ...], ["i", ...])(Y[:, :3])
    np.testing.assert_allclose(result, Y - Y.mean(0), rtol=1e-4, atol=1e-5)
