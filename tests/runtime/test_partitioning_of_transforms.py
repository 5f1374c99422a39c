"""A value is partitioned if and only if its named shape says so: in gradients, loops, nested maps and between steps.

A named axis of size 22 is spread over 2 devices, and a positional one has size 26. So on a device every value has the
dimension 11 where it has the named axis, never 22; and 26 where it has the positional one, never 13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import jaxprs_in_params

from named_types.runtime import SerialLoop, xmap
from named_types.runtime import lax as named_lax
from named_types.runtime import numpy as named_jnp

SIZE, PART, WHOLE, HALF = 22, 11, 26, 13
X = jax.random.normal(jax.random.key(0), (SIZE, 4, 5))
Y = jax.random.normal(jax.random.key(1), (WHOLE,))

SMOOTH: dict[str, Callable[[Any], Any]] = {
    "elementwise": jnp.sin,
    "matmul": lambda x: x @ x.T,
    "sum": lambda x: x.sum(0),
    "cumsum": lambda x: jnp.cumsum(x, axis=1),
    "sort": lambda x: jnp.sort(x, axis=1),
    "top_k": lambda x: lax.top_k(x, 2)[0],
    "fft": lambda x: jnp.fft.fft(x).real,
    "cholesky": lambda x: jnp.linalg.cholesky(x @ x.T + 9 * jnp.eye(4)),
    "solve": lambda x: jnp.linalg.solve(x @ x.T + 9 * jnp.eye(4), x),
    "gather": lambda x: x[jnp.array([2, 0, 1])],
    "gather at own indices": lambda x: jnp.take_along_axis(x, jnp.argsort(x, axis=0), axis=0),
    "scatter": lambda x: x.at[jnp.array([0, 2])].multiply(2.0),
    "scatter at own indices": lambda x: jnp.zeros(4).at[jnp.argmax(x, axis=1)].add(x[:, 0]),
    "concatenate": lambda x: jnp.concatenate([x, x], axis=1),
    "pad": lambda x: jnp.pad(x, 1),
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(2, 10),
    "convolution": lambda x: jnp.convolve(x[0], jnp.ones(3)),
    "scan": lambda x: lax.scan(lambda carry, row: (carry * row, carry), x[0], x)[1],
    "cond": lambda x: lax.cond(x.sum() > 0, jnp.sin, jnp.cos, x),
    "checkpoint": jax.checkpoint(lambda x: jnp.sin(x) * jnp.cos(x)),
    "logsumexp": lambda x: jax.nn.logsumexp(x, axis=1),
    "own derivative": lambda x: jax.nn.relu(x) + jax.nn.silu(x),
    "gradient": jax.grad(lambda x: jnp.linalg.norm(jnp.tanh(x @ x.T))),
}


def mapped_with(operation: Callable[[Any], Any], **resources: Any) -> Any:
    """The operation, times something that all instances share."""

    def function(x: Any, y: Any) -> Any:
        return operation(x) * (1 + jnp.cos(y).sum())

    return xmap(function, (["i", ...], {}), ["i", ...], axis_resources=resources)


def loss_of(mapped: Any) -> Callable[[Any, Any], Any]:
    return lambda x, y: (mapped(x, y) ** 2).sum()


TRANSFORMS: dict[str, Callable[[Any], Callable[[Any, Any], Any]]] = {
    "gradient": lambda mapped: jax.grad(loss_of(mapped), argnums=(0, 1)),
    "jvp": lambda mapped: lambda x, y: jax.jvp(mapped, (x, y), (x, y)),
    "in a scan": lambda mapped: lambda x, y: lax.scan(lambda c, _: (c, mapped(x, y)), 0.0, None, length=3)[1],
    "gradient of a checkpoint": lambda mapped: jax.grad(loss_of(jax.checkpoint(mapped)), argnums=(0, 1)),
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("operation", SMOOTH)
def test_under_transformations(scope, operation, transform):
    """Nothing is communicated but the gradient of what all instances share."""
    with scope(x=2, y=3):
        inside = shapes_of(TRANSFORMS[transform](mapped_with(SMOOTH[operation], i="x")))
    assert_partitioned(inside)
    communicated = [name for name in inside.primitives if name in COMMUNICATING]
    assert len(communicated) <= ("gradient" in transform)


@pytest.mark.parametrize("operation", SMOOTH)
def test_inside_a_nested_map(scope, operation):
    """The inner axis of size 34 has another mesh axis, the outer one is still spread."""

    def outer(x, y):
        inner = xmap(lambda z: SMOOTH[operation](z * x), ["j"], ["j", ...], axis_resources={"j": "y"})
        return inner(jnp.ones(34)) * (1 + jnp.cos(y).sum())

    with scope(x=2, y=2):
        mapped = xmap(outer, (["i", ...], {}), ["i", ...], axis_resources={"i": "x"})
        inside = shapes_of(mapped)
    assert_partitioned(inside)
    assert any(17 in shape for shape in inside.shapes)
    assert not any(name in COMMUNICATING for name in inside.primitives)


@pytest.mark.parametrize("operation", SMOOTH)
def test_in_steps_on_each_device(scope, operation):
    """Of the 11 instances of a device, each step of the loop has one."""
    with scope(x=2):
        mapped = mapped_with(SMOOTH[operation], i=("x", SerialLoop(11)))
        inside, in_steps = shapes_of(mapped), shapes_of(mapped, "scan")
        backward = shapes_of(jax.grad(loss_of(mapped)), "scan")
    assert_partitioned(inside)
    for held in (in_steps, backward):
        assert held.shapes
        assert not any(size in shape for shape in held.shapes for size in (PART, SIZE))
    assert not any(name in COMMUNICATING for name in inside.primitives)


COLLECTIVES: dict[str, tuple[Callable[[Any], Any], dict[str, int]]] = {
    "psum": (lambda x: x - lax.psum(jnp.sin(x), "i"), {"psum": 1}),
    "mean of gradients": (
        lambda x: named_lax.pmean(jax.grad(lambda w: jnp.tanh(x * w).sum())(0.5), "i") * x,
        {"psum": 1},
    ),
    "pmax": (lambda x: x / lax.pmax(jnp.abs(x), "i"), {"pmax": 1}),
    "softmax": (lambda x: jax.nn.softmax(x, axis=("i",)), {"pmax": 1, "psum": 1}),
    "sum over both kinds of axes": (lambda x: x * named_jnp.sum(x, (0, "i")), {"psum": 1}),
    "contraction": (lambda x: x * named_lax.pdot(x, x, "i", ((0, 1), (0, 1))), {"psum": 1}),
    "in a scan": (lambda x: lax.scan(lambda c, _: (c - lax.pmean(c, "i"), None), x, None, length=2)[0], {"psum": 1}),
}


@pytest.mark.parametrize("operation", COLLECTIVES)
def test_a_value_without_the_axis_is_whole(scope, operation):
    function, expected = COLLECTIVES[operation]
    with scope(x=2, y=3):
        inside = shapes_of(mapped_with(function, i="x"))
    assert_partitioned(inside)
    assert {name: count for name, count in inside.primitives.items() if name in COMMUNICATING} == expected


@pytest.mark.parametrize("operation", ["sort", "cholesky", "scan", "scatter at own indices"])
def test_compiled_gradients_communicate_only_what_is_shared(scope, operation):
    with scope(x=2):
        gradient = jax.jit(jax.grad(loss_of(mapped_with(SMOOTH[operation], i="x")), argnums=(0, 1)))
        text = str(gradient.lower(X, Y).compile().as_text())
        of_x, of_y = gradient(X, Y)
    expected = jax.grad(loss_of(mapped_with(SMOOTH[operation])), argnums=(0, 1))(X, Y)
    assert not any(f" {name}(" in text for name in ("all-gather", "all-to-all", "collective-permute"))
    assert text.count(" all-reduce(") == 1
    assert {shard.data.shape[0] for shard in of_x.addressable_shards} == {PART}
    assert {shard.data.shape for shard in of_y.addressable_shards} == {(WHOLE,)}
    for one, other in zip((of_x, of_y), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3 * float(jnp.abs(other).max()))


COMMUNICATING = {"psum", "psum_invariant", "pmax", "pmin", "all_gather", "all_to_all", "ppermute", "reduce_scatter"}


class Inside:
    """What stands inside equations of one kind: the shapes of all values, and the primitives."""

    def __init__(self, jaxpr: Any, kind: str) -> None:
        self.shapes: set[tuple[int, ...]] = set()
        self.primitives: Counter[str] = Counter()
        for eqn in equations(jaxpr, kind):
            self.primitives[eqn.primitive.name] += 1
            self.shapes |= {variable.aval.shape for variable in [*eqn.invars, *eqn.outvars]}


def shapes_of(function: Callable[..., Any], kind: str = "shard_map") -> Inside:
    return Inside(jax.make_jaxpr(function)(X, Y).jaxpr, kind)


def equations(jaxpr: Any, kind: str, is_inside: bool = False) -> Iterator[Any]:
    """Those inside equations of a kind, at any depth."""
    for eqn in jaxpr.eqns:
        if is_inside:
            yield eqn
        for inner in jaxprs_in_params(eqn.params):
            yield from equations(inner, kind, is_inside or eqn.primitive.name == kind)


def assert_partitioned(inside: Inside) -> None:
    sizes = {size for shape in inside.shapes for size in shape}
    assert PART in sizes
    assert WHOLE in sizes
    assert SIZE not in sizes
    assert HALF not in sizes
