"""Whatever way a program takes, the types that the analyzer claims at its end are those that the values have.

The programs are random: branches, loops, breaks, handlers, functions and lists that are changed on the way. What
decides the way is unknown to the analyzer; when the program runs, chance decides.
"""

from __future__ import annotations

import random
from textwrap import indent
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from named_types.analyzer import check_source

NAMES = ("a", "b", "c")
START = """\
import numpy as np
from somewhere import flag, many, risk
a, b, c = np.ones(1), np.ones((2, 2)), np.ones(3)
items = [a, b]
alias = items
def change():
    global a
    if flag():
        a = np.ones(9)
    items.append(a)
    return a
"""

names = st.sampled_from(NAMES)
simple = st.one_of(
    st.builds("{} = {}".format, names, names),
    st.builds("{} = np.ones({})".format, names, st.integers(1, 4)),
    st.builds("{} = {}[None]".format, names, names),
    st.builds("{}, {} = {}, {}".format, names, names, names, names),
    st.builds("items.append({})".format, names),
    st.builds("items[0] = {}".format, names),
    st.builds("items += [{}]".format, names),
    st.builds("items = [{}, *alias]".format, names),
    st.builds("{} = items[0]".format, names),
    st.builds("{} = alias[-1]".format, names),
    st.builds("{} = change()".format, names),
    st.builds("{} = (lambda x: x[None])({})".format, names, names),
    st.sampled_from(["risk()", "items.reverse()", "alias = list(items)", "items.sort(key=id)", "del items[0]"]),
)
exits = st.sampled_from(["break", "continue", "if flag():\n    break", "if flag():\n    continue", "risk()"])


def _blocks(statements: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.lists(statements, min_size=1, max_size=4).map("\n".join)


def _compound(statements: SearchStrategy[str]) -> SearchStrategy[str]:
    body = _blocks(statements).map(lambda text: indent(text, "    "))
    rounds = _blocks(statements | exits).map(lambda text: indent(text, "    "))
    return st.one_of(
        st.builds("if flag():\n{}\nelse:\n{}".format, body, body),
        st.builds("if flag():\n{}".format, body),
        st.builds("if 1 < 2:\n{}\nelse:\n{}".format, body, body),
        st.builds("for i in range(3):\n{}".format, rounds),
        st.builds("for i in many():\n{}\nelse:\n{}".format, rounds, body),
        st.builds("while flag():\n{}".format, rounds),
        st.builds("while True:\n{}\n    if flag():\n        break".format, body),
        st.builds("try:\n{}\nexcept ValueError:\n{}".format, body, body),
        st.builds("try:\n{}\nexcept ValueError:\n{}\nelse:\n{}".format, body, body, body),
        st.builds("try:\n{}\nfinally:\n{}".format, body, body),
    )


programs = _blocks(st.recursive(simple, _compound, max_leaves=12))


@settings(max_examples=50)
@given(programs)
def test_in_every_run(program: str) -> None:
    asked = "".join(f"\nreveal_type({name})" for name in NAMES)
    found = check_source("a.py", START + program + asked)
    claims = [one.message.split('"')[1] for one in found]
    if len(claims) < len(NAMES):
        return
    for seed in range(12):
        values = _run(START + program, random.Random(seed))
        if values is not None:
            for name, claim in zip(NAMES, claims, strict=True):
                assert claim in ("unknown", _type_of(values[name])), (program, name)


class _StopError(Exception):
    """The run takes too long."""


def _run(program: str, chance: random.Random) -> dict[str, Any] | None:
    """What the variables are at the end of a run; None if it has none."""
    left = 60

    def flag() -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise _StopError
        return chance.random() < 0.5

    def risk() -> None:
        if flag():
            raise ValueError

    scope: dict[str, Any] = {"flag": flag, "risk": risk, "many": lambda: range(chance.randrange(4))}
    try:
        exec(program.replace("from somewhere import flag, many, risk\n", ""), scope)
    except (_StopError, ValueError, IndexError):
        return None
    return scope


def _type_of(value: np.ndarray[Any, Any]) -> str:
    dims = ", ".join(map(str, value.shape)) + ("," if value.ndim == 1 else "")
    return f"f64[({dims})]"
