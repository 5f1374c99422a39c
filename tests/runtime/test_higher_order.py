"""Control flow, jit, remat and custom derivatives around collectives."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from named_types.runtime import lax as named_lax
from named_types.runtime import xmap

SPREAD: list[tuple[dict[str, int], dict[str, Any]]] = [
    ({"x": 8}, {"i": "x"}),
    ({"x": 4}, {"i": "x"}),
    ({"x": 2, "y": 4}, {"i": ("y", "x")}),
]
X = 0.5 + jnp.arange(8.0) ** 1.1


def scan(x):
    return lax.scan(lambda carry, t: (carry + lax.psum(x * t, "i"), carry * x), 0.0, jnp.arange(3.0))[1]


def cond_with_a_predicate_that_differs(x):
    return lax.cond(x > 5, lambda y: lax.psum(y, "i"), lambda y: 2 * y, x)


def switch_on_what_all_share(x):
    return lax.switch(jnp.int32(lax.pmax(x, "i") > 5), [lambda y: y, lambda y: y - lax.pmean(y, "i")], x)


def while_loop_of_different_lengths(x):
    def body(state):
        count, total = state
        return count + 1, total + lax.psum(count, "i")

    return lax.while_loop(lambda state: state[0] < x, body, (0.0, 0.0))[1]


def fori_loop(x):
    return lax.fori_loop(0, 3, lambda _, y: y + lax.pmean(y, "i"), x)


def jitted(x):
    return jax.jit(lambda y: y - lax.pmean(y, "i"))(x)


def rematerialised(x):
    return jax.checkpoint(lambda y: jnp.sin(y - lax.pmean(y, "i")))(x)


@pytest.mark.parametrize(
    "function",
    [
        scan,
        cond_with_a_predicate_that_differs,
        switch_on_what_all_share,
        while_loop_of_different_lengths,
        fori_loop,
        jitted,
        rematerialised,
    ],
)
def test_control_flow(same_everywhere, function):
    result = same_everywhere(function, ["i", ...], ["i", ...], (X,), SPREAD)
    np.testing.assert_allclose(result, jax.vmap(function, axis_name="i")(X), rtol=1e-5)


@pytest.mark.parametrize("function", [scan, switch_on_what_all_share, fori_loop, jitted, rematerialised])
def test_gradients_of_control_flow(scope, function):
    def total(mapped, x):
        return (mapped(x) * jnp.sin(jnp.arange(8.0)).reshape((8,) + (1,) * (mapped(x).ndim - 1))).sum()

    expected = jax.grad(lambda x: total(jax.vmap(function, axis_name="i"), x))(X)
    for shape, resources in [({}, {}), *SPREAD]:
        with scope(**shape):
            mapped = xmap(function, ["i", ...], ["i", ...], axis_resources=resources)
            np.testing.assert_allclose(jax.grad(lambda x: total(mapped, x))(X), expected, rtol=1e-4)  # noqa: B023


def test_every_instance_of_a_collective_in_a_branch_gets_its_gradient(scope):
    taken = X > 5
    expected = jnp.where(taken, 0.0, 2.0) + taken.sum()
    for shape, resources in [({}, {}), *SPREAD]:
        with scope(**shape):
            mapped = xmap(cond_with_a_predicate_that_differs, ["i", ...], ["i", ...], axis_resources=resources)
            np.testing.assert_allclose(jax.grad(lambda x: mapped(x).sum())(X), expected)  # noqa: B023


@jax.custom_jvp
def centred(x):
    return x - lax.pmean(x, "i")


@centred.defjvp
def centred_jvp(primals, tangents):
    (x,), (tangent,) = primals, tangents
    return centred(x), 3 * (tangent - lax.pmean(tangent, "i"))


@jax.custom_vjp
def summed(x):
    return lax.psum(jnp.sin(x), "i")


summed.defvjp(lambda x: (summed(x), x), lambda x, cotangent: (5 * cotangent * jnp.cos(x) + 0 * lax.axis_index("i"),))


@jax.custom_vjp
def summed_backward(x):
    return 2 * x


summed_backward.defvjp(lambda x: (2 * x, None), lambda _, cotangent: (2 * lax.psum(cotangent, "i"),))


@pytest.mark.parametrize("function", [centred, summed, summed_backward])
def test_custom_derivatives(scope, function):
    weights = jnp.cos(jnp.arange(8.0))
    expected = {
        centred: 3 * (weights - weights.mean()),
        summed: 5 * weights.sum() * jnp.cos(X),
        summed_backward: jnp.full(8, 2 * weights.sum()),
    }[function]
    for shape, resources in [({}, {}), *SPREAD]:
        with scope(**shape):
            mapped = xmap(function, ["i", ...], ["i", ...], axis_resources=resources)
            gradient = jax.grad(lambda x: (mapped(x) * weights).sum())(X)  # noqa: B023
        np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)


def test_custom_rule_with_a_collective_inside_a_scan(scope):
    def function(x):
        return lax.scan(lambda carry, _: (summed_backward(carry), None), x, None, length=2)[0]

    for shape, resources in [({}, {}), *SPREAD]:
        with scope(**shape):
            mapped = xmap(function, ["i", ...], ["i", ...], axis_resources=resources)
            gradient = jax.grad(lambda x: mapped(x).sum())(X)  # noqa: B023
        np.testing.assert_allclose(gradient, jnp.full(8, 2 * 8 * 2 * 8.0))


def test_linear_solve_with_a_named_contraction(same_everywhere):
    matrix = jnp.eye(8) * 9 + jax.random.normal(jax.random.key(0), (8, 8))
    matrix = matrix @ matrix.T

    def solve(row, b):
        def matvec(v):
            return named_lax.all_gather(jnp.dot(row, v), "i")

        return jax.scipy.sparse.linalg.cg(matvec, b)[0]

    b = jnp.arange(8.0)
    solution = same_everywhere(solve, ({0: "i"}, {}), {}, (matrix, b), SPREAD)
    np.testing.assert_allclose(solution, jnp.linalg.solve(matrix, b), rtol=1e-2, atol=1e-3)


def test_a_derivative_rule_may_use_arrays_from_outside():
    table = jnp.arange(3.0)

    @jax.custom_vjp
    def scaled(x):
        return x * table

    scaled.defvjp(lambda x: (x * table, x), lambda x, cotangent: (5 * table * cotangent,))
    mapped = xmap(lambda x: scaled(x), ["i", ...], ["i", ...])
    gradient = jax.grad(lambda x: mapped(x).sum())(jnp.ones((4, 3)))
    np.testing.assert_array_equal(gradient, np.tile([0.0, 5.0, 10.0], (4, 1)))
