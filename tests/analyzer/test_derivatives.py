"""Named axes of what JAX makes of functions: what the analyzer says is what the runtime has."""

from __future__ import annotations

from collections import Counter
from typing import Any

import jax
import pytest
from analyzer.expectations import IMPORTS, check
from hypothesis import example, given, settings
from hypothesis import strategies as st

from named_types.algebra import ArrayType
from named_types.analyzer import calls, check_source
from named_types.runtime import named_shape
from named_types.semantics.avals import array_of_aval

STEPS = (
    "jnp.sin({0})",
    "{0} * {1}",
    "{0} + {1}",
    "{0} @ jnp.ones((3, 3))",
    "{0} * jnp.sum({1})",
    "jnp.where({0} > 0, {0}, {1})",
    "jnp.where(x > 0, {0}, {1})",
    "jnp.sum({0}, axis=('i',)) + {1}",
    "lax.pmean({0}, 'j') + {1}",
    "lax.psum({0}, ('i', 'j'))",
    "lax.stop_gradient({0}) * {1}",
    "jax.checkpoint(lambda a: jnp.exp(a))({0})",
    "jax.vmap(lambda a: a * {1}[0])({0})",
    "lax.scan(lambda c, a: (c * a + {1}, a), {0}, {1})[0]",
    "lax.cond({1}[0] > 0, lambda a: 2 * a, lambda a: a * y, {0})",
    "lax.associative_scan(lambda a, b: a * b, {0})",
    "lax.fori_loop(0, 3, lambda i, a: a * {1}, {0})",
    "jax.vmap(jnp.cumsum)({0}[None])[0] + {1}",
    "jax.nn.relu({0})",
    "jnp.linalg.norm({0}) * {1}",
    "1 / {0}",
    "custom({0}, {1})",
    "jax.jit(lambda a: a * {1})({0})",
    "jnp.vectorize(lambda a, b: a * b)({0}, {1})",
    "sum(jax.tree.leaves(jax.tree.map(lambda a: 2 * a, [{0}, {1}])))",
)
WHOLES = (
    "jax.grad(lambda x: jnp.sum(f(x, y)))(x)",
    "jax.grad(lambda y: jnp.sum(f(x, y)))(y)",
    "jax.value_and_grad(lambda x, y: jnp.sum(f(x, y)), (0, 1))(x, y)[1][1]",
    "jax.value_and_grad(lambda x: jnp.sum(f(x, y)))(x)[0]",
    "jax.jacfwd(f)(x, y)",
    "jax.jacrev(f, 1)(x, y)",
    "jax.hessian(lambda x: jnp.sum(f(x, y)))(x)",
    "jax.jvp(lambda x: f(x, y), (x,), (x,))[1]",
    "jax.jvp(f, (x, y), (x, y))[1]",
    "jax.vjp(f, x, y)[1](x)[0]",
    "jax.vjp(f, x, y)[1](y)[1]",
    "jax.vmap(jax.grad(lambda a, b: jnp.sum(f(a, b))), (0, None))(jnp.stack([x, 2 * x]), y)",
    "lax.scan(lambda c, b: (f(c, b), jnp.sum(b)), x, jnp.stack([y, y]))[0]",
    "lax.scan(lambda c, b: (f(c, b), jnp.sum(b)), x, jnp.stack([y, y]))[1]",
    "lax.while_loop(lambda c: c[0] < 3, lambda c: f(c, y), x)",
    "lax.map(lambda b: f(x, b), jnp.stack([y, y]))",
    "jax.grad(lambda x: jnp.sum(jax.grad(lambda z: jnp.sum(f(z, y)))(x) ** 2))(x)",
    "jax.jit(jax.checkpoint(f))(x, y)",
)
CUSTOM = """
@jax.custom_vjp
def custom(a, b):
    return a * b

custom.defvjp(lambda a, b: (a * b, b), lambda kept, ct: (ct * kept, jnp.ones(3)))
"""


@st.composite
def bodies(draw: st.DrawFn) -> list[str]:
    """Right sides of assignments to v0, v1, ..., each of the arguments x, y and of values before it."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        names = st.sampled_from(["x", "y", *(f"v{index}" for index in range(len(lines)))])
        lines.append(draw(st.sampled_from(STEPS)).format(draw(names), draw(names)))
    return lines


@settings(max_examples=40, deadline=None)
@given(bodies(), st.sampled_from(WHOLES))
@example(["custom(x, x)"], "jax.jacfwd(f)(x, y)")
def test_of_every_function_that_jax_takes(lines: list[str], whole: str) -> None:
    source = _program(lines, whole)
    traced = _trace(source)
    found = [one for one in check_source("a.py", source) if one.severity != "warning" and one.code != "removed-api"]
    if isinstance(traced, Exception):
        assert [one for one in found if one.code == "revealed-type" and "unknown" not in one.message] == []
        return
    assert [one.message.split('"')[1] for one in found] == [str(traced)], (source, found)


def _program(lines: list[str], whole: str) -> str:
    body = [f"    v{index} = {line}" for index, line in enumerate(lines)]
    function = ["def f(x, y):", *body, f"    return v{len(lines) - 1}"]
    mapped = ["def g(x, y):", f"    reveal_type({whole})", "    return 0.0"]
    call = "xmap(g, in_axes=(['i', ...], ['j', ...]), out_axes=[...])(jnp.ones((2, 3)), jnp.ones((4, 3)))"
    return "\n".join([IMPORTS, CUSTOM, *function, *mapped, call, ""])


def _trace(source: str) -> ArrayType | Exception:
    """The type that the value has while the runtime traces the function, or what it raises."""
    traced: list[ArrayType] = []

    def reveal(value: Any) -> Any:
        traced.append(array_of_aval(jax.typeof(value)).type.with_named_shape(named_shape(value)))
        return value

    try:
        exec(source, {"reveal_type": reveal})
    except Exception as error:
        return error
    return traced[0]


def test_functions_in_functions_are_not_interpreted_twice_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for the recording of each function around, and once to be checked: no more than the square of the depth."""
    interpreted: Counter[str] = Counter()
    original = calls._interpret

    def counting(interp: Any, function: Any, *given: Any) -> Any:
        interpreted[function.name] += 1
        return original(interp, function, *given)

    monkeypatch.setattr(calls, "_interpret", counting)
    check(
        """
        def energy(x):
            return jnp.sum(x ** 2)

        def f(x):
            a = lambda x: jnp.sum(jax.grad(energy)(x))
            b = lambda x: jnp.sum(jax.grad(a)(x))
            c = lambda x: jnp.sum(jax.grad(b)(x))
            return jax.grad(c)(x)

        xmap(f, ["i", ...], ["i", ...])(jnp.ones((2, 3)))
        """
    )
    assert 1 < interpreted["energy"] <= 10
