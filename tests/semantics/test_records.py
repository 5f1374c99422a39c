"""What the oracle is asked and answers can be written down, and read where JAX is not imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest
from literate.analyzer_judge import judge
from literate.programs import Program, corpus

from named_types import notation
from named_types.algebra import NamedShape
from named_types.semantics import library_signature, memo, oracle
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray, ScalarType
from named_types.semantics.memo import Memo
from named_types.semantics.oracle import evaluate
from named_types.semantics.pytrees import tree_flatten
from named_types.semantics.records import NotRecordedError, from_record, to_record


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    def get(self, question: str) -> str | None:
        return self.answers.get(question)

    def put(self, question: str, answer: str) -> None:
        self.answers[question] = answer


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    found = Shelf()
    memo.keep_in(found)
    yield found
    memo.keep_in(None)


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a process begin anew."""

    def anew() -> None:
        monkeypatch.setattr(oracle, "_MEMO", Memo("call"))
        monkeypatch.setattr(library_signature, "_MEMO", Memo("signature"))
        library_signature.signature_of.cache_clear()

    return anew


N = notation.f32["n", 3]
VALUES: list[Any] = [
    None,
    True,
    1,
    -1.5,
    float("inf"),
    2j,
    "text",
    b"\x00\xff",
    ...,
    UNKNOWN,
    (1, (True, 1.0), [None]),
    {"b": 1, "a": (2,)},
    slice(None, 3, -1),
    range(2, 9, 3),
    frozenset({"a", "b"}),
    np.dtype("float32"),
    np.dtype("bfloat16"),
    float,
    np.int8,
    ScalarType("bfloat16"),
    NamedShape({"batch": 3, ("a", 1): 2}),
    N,
    notation.key[...],
    AbstractArray(notation.f32[(3, "2*n+1"), {"batch": 20}], weak_type=True, library="numpy"),
    tree_flatten({"a": [1, (2, None)], "b": ()})[1],
]


@pytest.mark.parametrize("value", VALUES, ids=lambda one: type(one).__name__)
def test_a_record_gives_the_value_back(value: Any) -> None:
    read = from_record(json.loads(json.dumps(to_record(value))))
    assert read == value
    assert type(read) is type(value)


def test_values_that_differ_have_records_that_differ() -> None:
    records = [json.dumps(to_record(one)) for one in (1, True, 1.0, "1", (1,), [1], (True,), 1 + 0j, {1: 1}, None)]
    assert len(set(records)) == len(records)


def test_equal_values_have_equal_records() -> None:
    one, other = NamedShape({"a": 1, "b": 2}), NamedShape({"b": 2, "a": 1})
    assert to_record(one) == to_record(other)
    assert to_record(frozenset("abcdefgh")) == to_record(frozenset("hgfedcba"))


@pytest.mark.parametrize(
    "value",
    [object(), Shelf, jax.eval_shape(jax.random.key, 0).dtype, {1, 2}, Shelf()],
    ids=lambda one: type(one).__name__,
)
def test_other_values_are_not_recorded(value: Any) -> None:
    with pytest.raises(NotRecordedError):
        to_record(value)


@pytest.mark.parametrize(
    "record",
    [
        [],
        ["os.system", "ls"],
        ["type", "os.system"],
        ["type", "numpy.zeros"],
        ["type", "builtins.eval"],
        ["dtype", "nonsense"],
        ["Shape", 1, 2, 3, 4],
        ["the", "end"],
        ["ElementType", "f33"],
        [["tuple"]],
    ],
    ids=str,
)
def test_what_is_no_record_is_read_as_nothing(record: Any) -> None:
    with pytest.raises(NotRecordedError):
        from_record(record)


CALLS: list[tuple[str, list[Any]]] = [
    ("jax.numpy.sum", [AbstractArray(notation.f32[(5, 7), {"batch": 3}]), "batch"]),
    ("jax.numpy.dot", [AbstractArray(notation.f32[2, 3]), AbstractArray(notation.f32[4, 5])]),
    ("jax.numpy.reshape", [AbstractArray(N), (-1,)]),
    ("named_types.runtime.numpy.einsum", ["i{k},i{k}->i", *[AbstractArray(notation.f32[(4,), {"k": 2}])] * 2]),
    ("jax.numpy.split", [AbstractArray(notation.f32[(6,)]), 2]),
    ("jax.numpy.linalg.eigh", [AbstractArray(notation.f32[3, 3])]),
    ("jax.lax.psum", [AbstractArray(notation.f32[()]), "nowhere"]),
    ("jax.random.key", [0]),
    ("numpy.add", [AbstractArray(notation.f32[(3,)], library="numpy"), 1]),
    ("operator.add", [AbstractArray(notation.f32[(3,)]), 1]),
]


@pytest.mark.parametrize(("path", "args"), CALLS, ids=lambda one: one if isinstance(one, str) else "")
def test_an_answer_is_read_as_it_was_given(path: str, args: list[Any], shelf: Shelf, forget: Any) -> None:
    env = NamedShape({"batch": 3, "k": 2})
    forget()
    memo.keep_in(None)
    expected = evaluate(path, args, {}, env)
    memo.keep_in(shelf)
    forget()
    assert evaluate(path, args, {}, env) == expected
    forget()
    assert evaluate(path, args, {}, env) == expected


def test_an_answer_that_is_kept_is_not_worked_out_again(shelf: Shelf, forget: Any, monkeypatch: Any) -> None:
    forget()
    before = evaluate("jax.numpy.sin", [AbstractArray(N)], {})
    forget()
    monkeypatch.setattr(oracle, "_summarise", lambda call: pytest.fail("asked again"))
    assert evaluate("jax.numpy.sin", [AbstractArray(N)], {}) == before


@pytest.mark.parametrize("spoiled", ["", "{", "[]", '["Summary"]', '["tuple", 1', "[" * 9])
def test_an_answer_that_is_spoiled_is_worked_out_again(spoiled: str, shelf: Shelf, forget: Any) -> None:
    forget()
    before = evaluate("jax.numpy.cos", [AbstractArray(N)], {})
    shelf.answers = dict.fromkeys(shelf.answers, spoiled)
    forget()
    assert evaluate("jax.numpy.cos", [AbstractArray(N)], {}) == before


PROGRAMS = [program for program in corpus() if program.is_for("analyzer")]


@pytest.mark.parametrize("program", PROGRAMS[::12], ids=str)
def test_programs_are_judged_alike_by_answers_that_were_kept(program: Program, shelf: Shelf, forget: Any) -> None:
    forget()
    first = judge(program)
    forget()
    assert judge(program) == first
