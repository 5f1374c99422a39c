"""Parameters that are lists, tuples or mappings of any length: what their annotations say of the items."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

TYPING = "from collections.abc import Iterable, Mapping, Sequence\nfrom dataclasses import dataclass\n"


@pytest.mark.parametrize(
    "container", ["list", "Sequence", "Iterable", "tuple[{}, ...]"], ids=["list", "sequence", "iterable", "tuple"]
)
def test_the_items_have_the_declared_type(container: str) -> None:
    annotation = container.format("f32[(2, 3)]") if "{}" in container else f"{container}[f32[(2, 3)]]"
    check(f"""{TYPING}
def f(xs: {annotation}, w: f32[(2,)]):
    reveal_type(xs[0])  # revealed: f32[(2, 3)]
    reveal_type(xs[1:][0])  # revealed: f32[(2, 3)]
    for x in xs:
        x @ w  # error: [invalid-operation]
    for i, (x, y) in enumerate(zip(xs, reversed(xs))):
        reveal_type(x + y)  # revealed: f32[(2, 3)]
    return [x @ w for x in xs]  # error: [invalid-operation]
""")


def test_the_values_of_a_mapping_have_the_declared_type() -> None:
    check(f"""{TYPING}
def f(p: dict[str, f32[(2, 3)]], q: Mapping[str, tuple[f32[(2, 3)], f32[(3,)]]]):
    for k, v in p.items():
        reveal_type(v)  # revealed: f32[(2, 3)]
    for v in p.values():
        reveal_type(v)  # revealed: f32[(2, 3)]
    w, b = q["a"]
    reveal_type(w @ b)  # revealed: f32[(2,)]
    p["w"] @ p["w"]  # error: [invalid-operation]
    reveal_type(p.get("w"))  # revealed: unknown
    reveal_type(p.copy()["w"])  # revealed: f32[(2, 3)]
""")


def test_further_arguments() -> None:
    check("""
def f(*xs: f32[(2, 3)], **ws: f32[(3,)]) -> f32[(3,)]:
    return xs[0] @ ws["a"]  # error: [incompatible-return]
""")


def test_one_variable_has_one_size() -> None:
    check("""
def f(xs: list[f32[('n',)]], y: f32[('n',)]) -> f32[('n',)]:
    total = y
    for x in xs:
        total = total + x
    return total

def g(xs: list[f32[('k',)]], y: f32[('k',)], z: f32[('j',)]) -> f32[('k',)]:
    reveal_type(f(xs, y))  # revealed: f32[('k',)]
    return f(xs, z)  # error: [incompatible-argument]
""")


def test_a_container_is_held_against_another_annotation() -> None:
    check("""
def f(xs: list[f32[(3,)]], p: dict[str, f32[(3,)]]) -> f32[()]: ...
def g(xs: list[f32[(4,)]], p: dict[str, f32[(4,)]]) -> list[f32[(5,)]]:
    f(xs, {})  # error: [incompatible-argument]
    f([], p)  # error: [incompatible-argument]
    return xs  # error: [incompatible-return]
""")


def test_what_is_done_to_a_container_of_unknown_length_is_no_fault() -> None:
    check("""
def f(xs: list[f32[(2, 3)]], p: dict[str, f32[(2, 3)]], y: f32[(4,)], flag: bool):
    first, *rest = xs
    one, two = xs
    reveal_type(jnp.stack(xs))  # revealed: unknown
    reveal_type(sum(xs))  # revealed: unknown
    if xs and p:
        xs.append(y)
        p["other"] = y
    if xs is None or not p:
        return y
    xs = xs + [y] if flag else list(xs)
    jax.tree.map(lambda x: x * 2, (xs, p))
    jax.vmap(lambda x: x)(xs)
    jax.vmap(lambda x, p: x + p["w"][0, 0], in_axes=(0, None))(y, p)
    jax.grad(lambda p: sum(jnp.sum(x) for x in p.values()))(p)
    jax.jit(lambda xs, p: (xs[0], p))(xs, p)
    lax.scan(lambda c, x: (c, x), 0.0, xs)
    lax.fori_loop(0, 3, lambda i, p: p, p)
    xmap(lambda xs, x: xs[0] + x, in_axes=({0: "b"}, {0: "b"}), out_axes={0: "b"})(xs, y)
    xmap(lambda p, x: p["w"][0, 0] + x, in_axes=({}, {0: "b"}), out_axes={0: "b"})(p, y)
    {**p, "other": y}, p | {"other": y}, xs * 2, len(xs) + 1, xs == p, max(xs, key=lambda x: x.size)
""")


def test_instances_in_a_container_are_not_one() -> None:
    check(f"""{TYPING}
@dataclass
class Layer:
    w: f32[(3,)]

def f(layers: list[Layer], states: list[dict[str, f32[(3,)]]]):
    layers[0].w = jnp.ones(3)
    reveal_type(layers[1].w)  # revealed: unknown
    for layer in layers:
        layer.b = jnp.ones(3)
    reveal_type(layers[0].b)  # revealed: unknown
    states[0]["w"] = jnp.ones(4)
    reveal_type(states[0]["w"])  # revealed: f32[(3,)]
""")
