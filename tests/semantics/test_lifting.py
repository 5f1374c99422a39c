"""Calls of functions whose signature declares arrays: what is bound, what is lifted, what does not fit."""

from __future__ import annotations

from typing import Any

from named_types import ArrayType, f32
from named_types.algebra import parse_dim
from named_types.semantics.abstract_array import UNKNOWN, AbstractArray
from named_types.semantics.forms import MappingForm, SequenceForm, TupleForm, UnionForm, declared_arrays, first_mismatch
from named_types.semantics.lifting import Lifting, Signature, bound_sizes, extra_axes

VECTOR, PAIR = f32[("n",), {"batch": "b"}], f32[(2,)]


def array(array_type: ArrayType) -> AbstractArray:
    return AbstractArray(array_type)


def test_variables_that_stand_alone_are_bound() -> None:
    declared = f32[("n", "2*n", 3), {"batch": "b"}]
    assert bound_sizes([(declared, f32[(4, 8, 3), {"batch": 20}])]) == {"n": 4, "b": 20}
    assert bound_sizes([(declared, f32[(4, 8), {"batch": 20}])]) == {"b": 20}
    assert bound_sizes([(f32[("n", "n")], f32[(4, 5)])]) == {"n": 4}


def test_variables_in_arithmetic_are_bound_by_the_size_that_fits() -> None:
    even, n = f32[("2*n",)], parse_dim("n")
    assert bound_sizes([(even, f32[(6,)])]) == {"n": 3}
    assert bound_sizes([(even, f32[(6,)]), (f32[("n",)], f32[(5,)])]) == {"n": 5}, "what stands alone comes first"
    assert bound_sizes([(f32[("n", "n+m")], f32[(2, 5)])]) == {"n": 2, "m": 3}
    assert bound_sizes([(even, f32[(7,)])]) == {"n": n} == bound_sizes([(f32[("n+1",)], f32[(0,)])])
    assert bound_sizes([(f32[("n*m", "n//2")], f32[(6, 1)])]) == {}


def test_axes_beyond_the_declared_ones_lift_unless_they_are_mentioned() -> None:
    given = f32[(4,), {"batch": 20, "seq": 30}]
    assert extra_axes(VECTOR, given, frozenset()) == {"seq": 30}
    assert extra_axes(VECTOR, given, frozenset({"seq"})) == {}
    assert extra_axes(f32[(4,), {"heads": 8}], given, frozenset()) == {}, "an axis is missing: nothing is lifted"


def test_a_call_holds_arrays_against_what_is_bound_and_lifted() -> None:
    lifting = Lifting({"n": 4, "b": 20}, frozenset({"seq"}))
    assert lifting.mismatch(VECTOR, f32[(4,), {"batch": 20, "seq": 30}]) is None
    assert lifting.mismatch(VECTOR, f32[(5,), {"batch": 20}]) == (f32[(4,), {"batch": 20}], f32[(5,), {"batch": 20}])
    assert lifting.mismatch(f32[(), {"seq": 30}], f32[()]) == (f32[(), {"seq": 30}], f32[()])


def test_the_first_array_that_does_not_fit() -> None:
    def judge(form: Any, value: Any) -> Any:
        return Lifting().mismatch(form, value.type) if isinstance(value, AbstractArray) else None

    right, wrong = array(f32[(2,)]), array(f32[(3,)])
    mismatch = (PAIR, f32[(3,)])
    assert first_mismatch(TupleForm((PAIR, PAIR)), (right, wrong), judge) == mismatch
    assert first_mismatch(TupleForm((PAIR,)), (right, wrong), judge) is None
    assert first_mismatch(SequenceForm(PAIR), [right, wrong], judge) == mismatch
    assert first_mismatch(MappingForm(PAIR), {"a": wrong}, judge) == mismatch
    assert first_mismatch(UnionForm((PAIR, None)), wrong, judge) == mismatch
    assert first_mismatch(UnionForm((PAIR, f32[(3,)])), wrong, judge) is None
    assert first_mismatch(PAIR, UNKNOWN, judge) is None
    assert list(declared_arrays(TupleForm((PAIR, SequenceForm(VECTOR))), (right, [wrong]))) == [
        (PAIR, f32[(2,)]),
        (VECTOR, f32[(3,)]),
    ]


def test_what_a_signature_mentions() -> None:
    signature = Signature({"x": VECTOR, "mode": None}, SequenceForm(f32[("m",), {"heads": 8}]))
    assert signature.mentions_arrays
    assert signature.variables == {"n", "b", "m"}
    assert signature.axes == {"batch", "heads"}
    assert not Signature({"mode": None}, None).mentions_arrays
