"""Composites: every combinator of JAX around every one of a few bodies.

A body maps two vectors to a vector, and some bodies mention the axes ``'a'`` and ``'b'``; a combinator makes of a
body a function of two vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.custom_batching
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import pallas

Body: TypeAlias = Callable[[jax.Array, jax.Array], Any]

BODIES: dict[str, Body] = {
    "sum of both": lambda x, y: x + y,
    "first alone": lambda x, y: jnp.sin(x),
    "second alone": lambda x, y: y * 2.0,
    "neither": lambda x, y: jnp.ones_like(x),
    "psum of first": lambda x, y: lax.psum(x, "a") * y,
    "pmean of both": lambda x, y: lax.pmean(x + y, ("a", "b")),
    "index": lambda x, y: x + lax.axis_index("b"),
    "select": lambda x, y: jnp.where(x > 0, y, 0.0),
    "psum of a part": lambda x, y: x + lax.psum(jnp.dot(x, y), "b"),
}


def _scan(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.scan(lambda carry, row: (body(carry, row), row.sum()), x, jnp.stack([y, y]))


def _scan_two_carries(body: Body, x: jax.Array, y: jax.Array) -> Any:
    """The carries swap: names reach the second one only in a second round."""
    step = lambda carry, _: ((carry[1], body(carry[0], carry[1]), x), carry[2])  # noqa: E731
    return lax.scan(step, (jnp.zeros(3), jnp.zeros(3), y), None, length=3, reverse=True)


def _while_on_carry(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.while_loop(lambda carry: carry[0].sum() < 9, lambda carry: (body(*carry), carry[1]), (x, y))


def _while_on_closure(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.while_loop(lambda z: z.sum() < y.sum(), lambda z: body(z, z), x)


def _fori(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.fori_loop(0, 3, lambda step, z: body(z, y) + step, x)


def _fori_to_a_value(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.fori_loop(0, y.sum().astype(int), lambda step, z: body(z, z), x)


def _cond(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.cond(x.sum() > 0, lambda: (body(x, x), y), lambda: (x, y))


def _cond_on_second(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.cond(y[0] > 0, body, lambda x, y: jnp.zeros(3), x, x)


def _switch(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.switch(0, [body, lambda x, y: x, lambda x, y: y], x, y), lax.switch(
        jnp.argmax(y), [lambda: body(x, x), lambda: jnp.zeros(3)]
    )


def _grad(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.grad(lambda x, y: body(x, y).sum(), argnums=(0, 1))(x, y)


def _value_and_grad(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.value_and_grad(lambda x: jnp.tanh(body(x, y)).sum())(x)


def _jvp(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.jvp(lambda x: jnp.exp(body(x, x)), (x,), (y,))


def _vjp(body: Body, x: jax.Array, y: jax.Array) -> Any:
    value, pull_back = jax.vjp(lambda y: jnp.exp(body(x, y)), y)
    return value, pull_back(x)


def _linearize(body: Body, x: jax.Array, y: jax.Array) -> Any:
    value, push_forward = jax.linearize(lambda x: jnp.cos(body(x, x)), x)
    return value, push_forward(y)


def _jacobians(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.jacfwd(body)(x, y), jax.jacrev(body, argnums=1)(x, y)


def _hessian(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.hessian(lambda x: (body(x, y) ** 3).sum())(x)


def _checkpoint(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.checkpoint(body)(x, y)


def _grad_of_checkpoint(body: Body, x: jax.Array, y: jax.Array) -> Any:
    kept = jax.checkpoint(lambda x: jnp.sin(body(x, y)))
    return jax.grad(lambda x: kept(x).sum())(x)


def _grad_of_scan(body: Body, x: jax.Array, y: jax.Array) -> Any:
    def loss(x: jax.Array, y: jax.Array) -> jax.Array:
        last, _ = lax.scan(lambda carry, _: (jnp.tanh(body(carry, y)), None), x, None, length=2)
        return last.sum()

    return jax.grad(loss, argnums=(0, 1))(x, y)


def _grad_of_cond(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.grad(lambda x: lax.cond(y[0] > 0, lambda: body(x, y), lambda: x).sum())(x)


def _custom_vjp(body: Body, x: jax.Array, y: jax.Array) -> Any:
    """The rule scales by the second argument, whatever the body does."""
    custom = jax.custom_vjp(body)
    custom.defvjp(lambda x, y: (body(x, y), y), lambda y, cotangent: (cotangent * y, y))
    return custom(x, y), jax.grad(lambda x: custom(x, y).sum())(x)


def _custom_jvp(body: Body, x: jax.Array, y: jax.Array) -> Any:
    custom = jax.custom_jvp(body)
    custom.defjvp(lambda primals, tangents: (body(*primals), tangents[0] * primals[1]))
    return custom(x, y), jax.grad(lambda x: custom(x, y).sum())(x)


def _linear_solve(body: Body, x: jax.Array, y: jax.Array) -> Any:
    solve = lambda matvec, b: b / 2.0  # noqa: E731
    return lax.custom_linear_solve(lambda v: v * 2.0, body(x, y), solve, solve), lax.custom_linear_solve(
        lambda v: v * x, y, solve, solve
    )


def _linear_solve_of_pairs(body: Body, x: jax.Array, y: jax.Array) -> Any:
    """Two systems in one: the first part of the solution knows nothing of the second."""
    solve = lambda matvec, b: (b[0] / 2.0, b[1] / y)  # noqa: E731
    return lax.custom_linear_solve(lambda v: (v[0] * 2.0, v[1] * y), (body(x, x), jnp.ones(3)), solve, solve)


def _symmetric_solve(body: Body, x: jax.Array, y: jax.Array) -> Any:
    solve = lambda matvec, b: matvec(b)  # noqa: E731
    return lax.custom_linear_solve(lambda v: (v[1], v[0] + x), (body(x, y), y), solve, symmetric=True)


def _associative_scan(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.associative_scan(jnp.add, jnp.stack([body(x, y), x, x]))


def _associative_scan_of_pairs(body: Body, x: jax.Array, y: jax.Array) -> Any:
    combine = lambda left, right: (left[0] * right[0], left[1] * right[0] + right[1])  # noqa: E731
    return lax.associative_scan(combine, (jnp.stack([x, x]), jnp.stack([body(x, y), y])))


def _map(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.map(lambda row: body(row, y), jnp.stack([x, x]))


def _vmap(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.vmap(lambda row: body(row, y) + lax.psum(row, "c"), axis_name="c")(jnp.stack([x, y]))


def _vmap_of_vmap(body: Body, x: jax.Array, y: jax.Array) -> Any:
    inner = jax.vmap(body, in_axes=(0, None))
    return jax.vmap(inner, in_axes=(None, 0))(jnp.stack([x, x]), jnp.stack([y, y]))


def _jit(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.jit(lambda x, y: (body(x, y), x))(x, y)


def _jit_with_closure(body: Body, x: jax.Array, y: jax.Array) -> Any:
    table = jnp.arange(3.0)
    return jax.jit(lambda x: jax.jit(lambda z: body(z, table))(x) + y)(x), jax.jit(lambda: table)()


def _jit_with_unused_results(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.jit(lambda x, y: (body(x, y), y, jnp.zeros(3)))(x, y)[1:]


def _reduce(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.reduce(body(x, y), 0.0, lambda left, right: left * right + left, (0,)), lax.reduce_window(
        x, 0.0, lax.add, (2,), (1,), "SAME"
    )


def _root(body: Body, x: jax.Array, y: jax.Array) -> Any:
    solve = lambda function, guess: guess - function(guess)  # noqa: E731
    return lax.custom_root(lambda z: z - body(x, y), x, solve, lambda function, value: value / function(jnp.ones(3)))


def _scan_of_cond(body: Body, x: jax.Array, y: jax.Array) -> Any:
    step = lambda carry, row: (lax.cond(row > 0, lambda: body(carry, x), lambda: carry), row)  # noqa: E731
    return lax.scan(step, jnp.zeros(3), y)


def _callback(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.pure_callback(lambda x: x, jax.ShapeDtypeStruct((3,), x.dtype), body(x, y), vmap_method="sequential")


def _while_on_psum(body: Body, x: jax.Array, y: jax.Array) -> Any:
    """All instances along ``'a'`` stop together."""
    return lax.while_loop(lambda z: lax.psum(z.sum(), "a") < 9, lambda z: body(z, y), x)


def _shard_map(body: Body, x: jax.Array, y: jax.Array) -> Any:
    """The mesh axis is a name inside alone."""
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:1]), ("data",))
    spread = jax.sharding.PartitionSpec("data")
    per_device = lambda x: (lax.psum(x, "data"), x + lax.axis_index("data"))  # noqa: E731
    whole = jax.sharding.PartitionSpec()
    mapped: Callable[..., Any] = jax.shard_map(per_device, mesh=mesh, in_specs=spread, out_specs=(whole, spread))
    return mapped(body(x, y)), y


def _debug_print(body: Body, x: jax.Array, y: jax.Array) -> Any:
    jax.debug.print("{}", x)
    return body(y, y)


def _platform_dependent(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.platform_dependent(x, y, cpu=body, default=lambda x, y: x)


def _linear_transpose(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return jax.linear_transpose(lambda v: (v * 2.0, v * y), x)((body(x, y), x))


def _custom_vjp_with_setting(body: Body, x: jax.Array, y: jax.Array) -> Any:
    custom = partial(jax.custom_vjp, nondiff_argnums=(0,))(lambda power, x, y: body(x, y) ** power)
    custom.defvjp(lambda power, x, y: (body(x, y), x), lambda power, kept, cotangent: (cotangent, kept * power))
    return jax.grad(lambda x, y: custom(3, x, y).sum(), argnums=(0, 1))(x, y)


def _optimization_barrier(body: Body, x: jax.Array, y: jax.Array) -> Any:
    return lax.optimization_barrier((body(x, x), y))


def _random(body: Body, x: jax.Array, y: jax.Array) -> Any:
    key = jax.random.fold_in(jax.random.key(0), y.sum().astype(int))
    return jax.random.normal(key, (3,)), body(x, jax.random.uniform(jax.random.key(1), (3,)))


def _custom_vmap(body: Body, x: jax.Array, y: jax.Array) -> Any:
    custom = jax.custom_batching.custom_vmap(lambda x: jnp.sin(x))
    custom.def_vmap(lambda size, batched, x: (jnp.sin(x), batched[0]))
    return custom(x), custom(y)


def _reference(body: Body, x: jax.Array, y: jax.Array) -> Any:
    total = jax.new_ref(jnp.zeros(3))
    total[...] += body(x, y)
    return total[...]


def _kernel(body: Body, x: jax.Array, y: jax.Array) -> Any:
    def kernel(first: Any, second: Any, result: Any) -> None:
        result[...] = first[...]

    return pallas.pallas_call(kernel, out_shape=jax.ShapeDtypeStruct((3,), x.dtype), interpret=True)(body(x, x), y)


COMBINATORS: dict[str, Callable[[Body, jax.Array, jax.Array], Any]] = {
    name.removeprefix("_").replace("_", " "): function
    for name, function in list(globals().items())
    if name.startswith("_") and getattr(function, "__module__", None) == __name__
}


def composites(combinator: str) -> dict[str, Body]:
    """One combinator around each body, by the name of the body."""
    return {name: partial(COMBINATORS[combinator], body) for name, body in BODIES.items()}
