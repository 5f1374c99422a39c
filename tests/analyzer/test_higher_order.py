"""Functions of the program given to JAX: its own answers, faults at the line of the body, and JAX's objections."""

from __future__ import annotations

import pytest
from analyzer.expectations import check


def test_jacobians_and_hessians() -> None:
    check(
        """
        x = jnp.ones(3)
        reveal_type(jax.jacfwd(lambda x: x[:2] * 2)(x))  # revealed: f32[(2, 3)]
        reveal_type(jax.jacrev(jnp.outer, argnums=1)(x, jnp.ones(4)))  # revealed: f32[(3, 4, 4)]
        reveal_type(jax.jit(jax.hessian(lambda x: (x * x).sum()))(x))  # revealed: f32[(3, 3)]
        reveal_type(jax.vmap(jax.jacobian(jnp.sin))(jnp.ones((5, 3))))  # revealed: f32[(5, 3, 3)]
        by_tree = jax.jacobian(lambda p: p["a"] * p["b"])({"a": x, "b": jnp.float32(2)})
        reveal_type(by_tree["a"])  # revealed: f32[(3, 3)]
        reveal_type(by_tree["b"])  # revealed: f32[(3,)]
        """
    )


def test_pullbacks_and_pushforwards_are_functions() -> None:
    check(
        """
        def f(w, x):
            return x @ w

        w, x = jnp.ones((3, 4)), jnp.ones((5, 3))
        y, pullback = jax.vjp(f, w, x)
        reveal_type(y)  # revealed: f32[(5, 4)]
        reveal_type(pullback(y))  # revealed: tuple[f32[(3, 4)], f32[(5, 3)]]
        pullback(x)  # error: [invalid-operation]
        y, pushforward = jax.linearize(lambda w: f(w, x), w)
        reveal_type(pushforward(w))  # revealed: f32[(5, 4)]
        pushforward(x)  # error: [invalid-operation]
        reveal_type(jax.linear_transpose(lambda w: f(w, x), w)(y))  # revealed: tuple[f32[(3, 4)]]
        reveal_type(jax.jvp(f, (w, x), (w, x)))  # revealed: tuple[f32[(5, 4)], f32[(5, 4)]]
        jax.jvp(f, (w, x), (x, w))  # error: [invalid-operation]
        """
    )


def test_gradients_that_jax_rejects() -> None:
    check(
        """
        x = jnp.ones(3)
        jax.grad(lambda x: x * 2)(x)  # error: [invalid-operation] "a gradient is that of a scalar"
        jax.grad(jnp.sum)(jnp.ones(3, dtype=jnp.int32))  # error: [invalid-operation]
        jax.grad(jnp.dot, argnums=(0, 2))(x, x)  # error: [invalid-operation]
        reveal_type(jax.grad(jnp.dot, argnums=(0, 1))(x, x))  # revealed: tuple[f32[(3,)], f32[(3,)]]
        """
    )


def test_the_line_of_a_body_that_jax_calls() -> None:
    check(
        """
        def energy(q):
            return (q @ jnp.ones(4)).sum()  # error: [invalid-operation]

        force = jax.jit(jax.vmap(jax.grad(energy)))
        jax.hessian(energy)(jnp.ones(3))
        jax.vjp(energy, jnp.ones(3))
        force(jnp.ones((5, 3)))
        """
    )


def test_scans_that_jax_rejects() -> None:
    check(
        """
        xs = jnp.ones((5, 3))
        lax.scan(lambda c, x: (c + x, c), jnp.zeros(3), xs)
        lax.scan(lambda c, x: (c[:2], c), jnp.zeros(3), xs)  # error: [invalid-operation]
        lax.scan(lambda c, x: c + x, jnp.zeros(3), xs)  # error: [invalid-operation]
        lax.scan(lambda c, x: (c + x.sum(), c), jnp.int32(0), xs)  # error: [invalid-operation]
        lax.scan(lambda c, x: (c + x.sum(), c), 0, xs)
        lax.scan(lambda c, x: (c, x[0]), 0.0, (xs, jnp.ones(4)))  # error: [invalid-operation]
        lax.while_loop(lambda c: c, lambda c: c + 1, jnp.zeros(3))  # error: [invalid-operation]
        lax.fori_loop(0, 3, lambda i, c: (c, c), jnp.zeros(3))  # error: [invalid-operation]
        """
    )


def test_functions_that_reduce_and_scan() -> None:
    check(
        """
        x = jnp.ones((6, 4))

        def combine(left, right):
            return left[0] * right[0], left[0] * right[1] + left[1]

        reveal_type(lax.associative_scan(combine, (x, x)))  # revealed: tuple[f32[(6, 4)], f32[(6, 4)]]
        reveal_type(lax.associative_scan(jnp.add, x, axis=1))  # revealed: f32[(6, 4)]
        lax.associative_scan(lambda a, b: a @ b, x)  # error: [invalid-operation]
        reveal_type(lax.reduce(x, 0.0, lax.add, (1,)))  # revealed: f32[(6,)]
        reveal_type(lax.reduce_window(x, 0.0, lax.add, (2, 2), (2, 2), "VALID"))  # revealed: f32[(3, 2)]
        """
    )


def test_functions_made_for_arrays() -> None:
    check(
        """
        x, y = jnp.ones((5, 4, 3)), jnp.ones((4, 3))
        inner = jnp.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")
        reveal_type(inner(x, y))  # revealed: f32[(5, 4)]
        inner(x, jnp.ones(2))  # error: [invalid-operation]
        reveal_type(jnp.apply_along_axis(lambda v: v[:2], 1, x))  # revealed: f32[(5, 2, 3)]
        reveal_type(jnp.piecewise(y, [y < 0, y >= 0], [lambda v: -v, lambda v: v]))  # revealed: f32[(4, 3)]
        """
    )


def test_a_flattened_pytree_and_its_way_back() -> None:
    check(
        """
        from jax.flatten_util import ravel_pytree

        flat, unravel = ravel_pytree({"w": jnp.ones((2, 3)), "b": jnp.ones(3)})
        reveal_type(flat)  # revealed: f32[(9,)]
        reveal_type(unravel(flat)["w"])  # revealed: f32[(2, 3)]
        unravel(flat[1:])  # error: [invalid-operation]
        """
    )


def test_derivatives_of_its_own() -> None:
    check(
        """
        @jax.custom_vjp
        def clipped(x):
            return x

        def forward(x):
            return clipped(x), x.shape

        def backward(residuals, cotangent):
            return (jnp.clip(cotangent, -1, 1),)

        clipped.defvjp(forward, backward)
        x = jnp.ones(3)
        reveal_type(clipped(x))  # revealed: f32[(3,)]
        reveal_type(jax.vjp(clipped, x)[1](x))  # revealed: tuple[f32[(3,)]]

        @partial(jax.custom_jvp, nondiff_argnums=(1,))
        def power(x, n):
            return (x ** n).sum()

        @power.defjvp
        def power_jvp(n, primals, tangents):
            (x,), (t,) = primals, tangents
            return power(x, n), (n * x ** (n - 1) * t).sum()

        reveal_type(jax.grad(power)(x, 3))  # revealed: f32[(3,)]
        """
    )


def test_rules_of_a_derivative_that_jax_rejects() -> None:
    check(
        """
        @jax.custom_vjp
        def scaled(x, y):
            return x * y

        scaled.defvjp(lambda x, y: (x * y, (x, y)), lambda residuals, ct: (ct * residuals[1][:1],))
        x = jnp.ones(3)
        scaled(x, x)
        jax.vjp(scaled, x, x)[1](x)  # error: [invalid-operation]
        """
    )


@pytest.mark.parametrize("decorator", ["jax.jit", "jax.checkpoint", "partial(jax.jit, static_argnums=1)",
    "partial(jax.checkpoint, policy=jax.checkpoint_policies.dots_saveable)", "jax.jit(donate_argnums=0)",
    "lru_cache(maxsize=None)", "lru_cache(8)", "cache", "wraps(jnp.sum)", "jax.named_call"])  # fmt: skip
def test_decorators_that_leave_a_function_as_it_is(decorator: str) -> None:
    check(
        f"""
        from functools import cache, lru_cache, wraps

        @{decorator}
        def double(x, n=2):
            return x * n

        reveal_type(double(jnp.ones(3)))  # revealed: f32[(3,)]
        """
    )


def test_a_decorator_of_the_program() -> None:
    check(
        """
        from functools import wraps

        def logged(function):
            @wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper

        @logged
        def head(x, *, k):
            return x[:k] @ jnp.ones(4)  # error: [invalid-operation]

        head(jnp.ones(5), k=3)
        reveal_type(head(jnp.ones(5), k=4))  # revealed: f32[()]
        """
    )


def test_types_that_are_declared_to_jax_or_asked_of_it() -> None:
    check(
        """
        def split(x, n):
            return {"head": x[:2] * n, "size": n}

        struct = jax.ShapeDtypeStruct((5, 3), jnp.float32)
        shapes = jax.eval_shape(split, struct, 2)
        reveal_type(shapes["head"])  # revealed: f32[(2, 3)]
        reveal_type(shapes["size"])  # revealed: i32[()]
        reveal_type(jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)["head"])  # revealed: f32[(2, 3)]
        jax.eval_shape(lambda x: x @ x, struct)  # error: [invalid-operation]
        found = jax.pure_callback(mystery, {"y": struct}, jnp.ones(2))
        found["y"] @ jnp.ones(5)  # error: [invalid-operation]
        found["y"] @ jnp.ones(3)
        """
    )


def test_a_body_that_is_not_known_makes_a_silent_call() -> None:
    check(
        """
        import sys

        def body(carry, x):
            return (carry, x) if sys.argv else mystery(carry)

        carry, ys = lax.scan(body, jnp.zeros(3), jnp.ones(5))
        reveal_type(ys)  # revealed: unknown
        reveal_type(jax.hessian(mystery)(jnp.ones(3)))  # revealed: unknown
        jax.grad(lambda x: mystery(x))(jnp.ones(3))
        """
    )
