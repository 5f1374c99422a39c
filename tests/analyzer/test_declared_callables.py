"""Parameters that are functions: what their annotations say of calls of them."""

from __future__ import annotations

from analyzer.expectations import check

TYPING = "from collections.abc import Callable\nfrom dataclasses import dataclass\n"


def test_a_call_gives_what_is_declared() -> None:
    check(f"""{TYPING}
def f(g: Callable[[f32[(3,)]], f32[(2, 2)]], x: f32[(3,)]) -> f32[(3,)]:
    reveal_type(g(x))  # revealed: f32[(2, 2)]
    return g(x)  # error: [incompatible-return]
""")


def test_an_argument_is_held_against_the_annotation() -> None:
    check(f"""{TYPING}
def f(g: Callable[[f32[('n',)], i32[()]], f32[()]], x: f32[('n',)], y: f32[('m',)]):
    g(x, jnp.int32(1))
    g(y, jnp.int32(1))  # error: [incompatible-argument] argument 1 of "g"
    g(x, x)  # error: [incompatible-argument] argument 2 of "g"
""")


def test_a_size_that_is_told_nowhere_else_is_not_known() -> None:
    check(f"""{TYPING}
def f(g: Callable[[f32[('n',)]], f32[('n', 1)]], x: f32[(3,)]):
    reveal_type(g(x))  # revealed: f32[('_', 1)]

def make() -> Callable[[f32[('n',)]], f32[('n', 1)]]: ...
reveal_type(make()(jnp.ones(3)))  # revealed: f32[('_', 1)]
""")


def test_an_argument_with_further_axes_lifts_the_function() -> None:
    check(f"""{TYPING}
def f(g: Callable[[f32[(3,)]], f32[()]], x: f32[(3,), {{"b": 2}}]):
    y = g(x)
    z: f32[(), {{"b": 2}}] = y
    w: f32[(1,), {{"b": 2}}] = y  # error: [incompatible-assignment]
""")


def test_a_function_that_a_program_gives_is_better_known_than_its_annotation() -> None:
    check(f"""{TYPING}
def f(g: Callable[[f32[('n',)]], f32[('m',)]], x: f32[('n',)]) -> f32[('m',)]:
    return g(x)

reveal_type(f(lambda x: x[1:], jnp.ones(3)))  # revealed: f32[(2,)]
""")


def test_jax_transforms_it() -> None:
    check(f"""{TYPING}
def f(g: Callable[[f32[(3,)]], f32[()]], x: f32[(3,)], xs: f32[(5, 3)]):
    reveal_type(jax.jit(g)(x))  # revealed: f32[()]
    reveal_type(jax.vmap(g)(xs))  # revealed: f32[(5,), ...]
    reveal_type(jax.grad(g)(x))  # revealed: f32[(3,)]
    reveal_type(lax.map(g, xs))  # revealed: f32[(5,), ...]
    jax.vmap(g)(x)  # error: [incompatible-argument] argument 1 of "jax.vmap(g)"
""")


def test_what_is_not_said_is_not_known() -> None:
    check(f"""{TYPING}
from typing import Any, ParamSpec

P = ParamSpec("P")

def f(
    a: Callable[..., f32[()]], b: Callable[[int], int], c: Callable[P, f32[()]], d: Callable[[f32[(3,)]], Any],
    x: f32[(4,)], *args: P.args, **kwargs: P.kwargs
):
    reveal_type(a(x))  # revealed: unknown
    reveal_type(b(x))  # revealed: unknown
    reveal_type(c(*args, **kwargs))  # revealed: unknown
    reveal_type(d(x[:3]))  # revealed: unknown
    d(x[:3], x), d(x=x)
""")


def test_an_instance_that_is_handed_over_may_change() -> None:
    check(f"""{TYPING}
@dataclass
class State:
    x: f32

def f(g: Callable[[State, f32[(3,)]], f32[()]]):
    state = State(jnp.ones(3))
    g(state, state.x)
    reveal_type(state.x)  # revealed: f32[..., ...]
""")
