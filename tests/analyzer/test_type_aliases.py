"""Aliases of array types, of types that hold such, and of other aliases."""

from __future__ import annotations

import pytest
from analyzer.expectations import check

ALIASES = """
from collections.abc import Callable
from typing import NamedTuple, Optional, TypeAlias, TypeVar, Union

T = TypeVar("T")
Batch: TypeAlias = f32[('n', 'm')]
Pair = tuple[Batch, Batch]
Maybe = Optional[Batch]
Either: TypeAlias = Batch | None
Batches = list[Batch]
Named = dict[str, Batch]
Fun = Callable[[Batch], Batch]
Beside: TypeAlias = tuple[T, f32[('n',)]]
Both = tuple[Beside[T], T]
Quoted: TypeAlias = "tuple[Batch, Batch]"
Again = Pair
type Typed = tuple[Batch, f32[('m',)]]
type Later = tuple[Rows, Rows]
type Of[A, B] = tuple[B, A]
type Tree = f32[('n',)] | list[Tree]
type Forth = tuple[Back, f32[('n',)]]
type Back = tuple[Forth, f32[('n',)]]
Rows = f32[('n', 4)]

class Held(NamedTuple):
    Item = f32[(3, 4)]
    Items = tuple[Item, Item]
    items: Items

    def put(self, items: Items) -> Item:
        return items[0]

a, b, c = jnp.ones((3, 4)), jnp.ones((5, 4)), jnp.ones(4)
"""


@pytest.mark.parametrize(
    ("alias", "shown"),
    [
        ("Pair", "tuple[f32[('n', 'm')], f32[('n', 'm')]]"),
        ("Again", "tuple[f32[('n', 'm')], f32[('n', 'm')]]"),
        ("Quoted", "tuple[f32[('n', 'm')], f32[('n', 'm')]]"),
        ("'Pair'", "tuple[f32[('n', 'm')], f32[('n', 'm')]]"),
        ("tuple[Pair, Batch]", "tuple[tuple[f32[('n', 'm')], f32[('n', 'm')]], f32[('n', 'm')]]"),
        ("Typed", "tuple[f32[('n', 'm')], f32[('m',)]]"),
        ("Later", "tuple[f32[('n', 4)], f32[('n', 4)]]"),
        ("Beside", "tuple[unknown, f32[('n',)]]"),
        ("Beside[int]", "tuple[unknown, f32[('n',)]]"),
        ("Beside[Batch]", "tuple[f32[('n', 'm')], f32[('n',)]]"),
        ("Beside['Batch']", "tuple[f32[('n', 'm')], f32[('n',)]]"),
        ("Both[Rows]", "tuple[tuple[f32[('n', 4)], f32[('n',)]], f32[('n', 4)]]"),
        ("Of[Batch, Pair]", "tuple[tuple[f32[('n', 'm')], f32[('n', 'm')]], f32[('n', 'm')]]"),
        ("Of", "tuple[unknown, unknown]"),
        ("Of[Batch]", "tuple[unknown, f32[('n', 'm')]]"),
        ("Back", "tuple[tuple[unknown, f32[('n',)]], f32[('n',)]]"),
        ("Tree", "unknown"),
        ("Batches", "unknown"),
    ],
)
def test_a_parameter_is_what_its_alias_says(alias: str, shown: str) -> None:
    check(f"{ALIASES}\ndef f(x: {alias}):\n    reveal_type(x)  # revealed: {shown}")


@pytest.mark.parametrize(
    ("alias", "right", "wrong"),
    [
        ("Pair", "(a, a)", "(a, b)"),
        ("Maybe", "None", "c"),
        ("Either", "a", "c"),
        ("Batches", "[a, a]", "[a, b]"),
        ("Named", "{'a': a}", "{'a': c}"),
        ("Fun", "lambda x: x * 2", "lambda x: x[0]"),
        ("Typed", "(a, c)", "(a, a[:, 0])"),
        ("Beside[int]", "(1, c)", "(1, a)"),
        ("Both[f32[(4,)]]", "((c, a[0]), c)", "((c, a[0]), a)"),
        ("Of[f32[(4,)], int]", "(1, c)", "(1, a)"),
    ],
)
def test_an_argument_is_held_against_the_alias(alias: str, right: str, wrong: str) -> None:
    check(f"{ALIASES}\ndef f(x: {alias}): ...\nf({right})\nf({wrong})  # error: [incompatible-argument]")


def test_an_alias_in_a_class_sees_the_names_of_the_class() -> None:
    check(f"""{ALIASES}
def f(x: Held):
    reveal_type(x.items)  # revealed: tuple[f32[(3, 4)], f32[(3, 4)]]
    reveal_type(x.put(x.items))  # revealed: f32[(3, 4)]
    x.put((a, b))  # error: [incompatible-argument]
""")


def test_a_name_in_an_alias_is_that_of_the_module_that_defines_it() -> None:
    check(f"""{ALIASES}
def f():
    Batch = f32[(9, 9)]
    def g(x: Pair):
        reveal_type(x)  # revealed: tuple[f32[('n', 'm')], f32[('n', 'm')]]
""")


@pytest.mark.parametrize(
    "alias",
    ["X = tuple[f32[(3, -3)], int]", "X: TypeAlias = 'f32[(3, -3)] | None'", "type X = list[f32[(3, -3)]]"],
)
def test_what_is_wrong_with_an_alias_is_told_once(alias: str) -> None:
    check(f"{ALIASES}\n{alias}  # error: [invalid-annotation]\ndef f(x: X, y: X) -> X: ...")


def test_classes_and_members_are_no_aliases() -> None:
    check("""
from enum import Flag, auto

class Side(Flag):
    LEFT = auto()
    RIGHT = auto()

both = Side.LEFT | Side.RIGHT
size = (2 | 1) + list[int]([1])[0]
x: f32[(3,)] = jnp.ones(3 if both else 3)
""")
