"""Named contraction: how specifications are read, the rules on mentioning names, and NumPy's einsum as the judge."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_types import f32
from named_types.algebra import AxisName
from named_types.problems import InvalidEinsum
from named_types.semantics.contraction import Contraction, Term, check_names, pdot_contraction, read_einsum
from named_types.semantics.contraction_primitive import contraction_p
from named_types.semantics.propagation import propagate
from named_types.semantics.transfers import Names, axes, axis_names

SIZES = dict(zip("ijkl", (2, 3, 4, 5), strict=True))
NAMED_SIZES = dict(zip("abcd", (2, 3, 4, 5), strict=True))


def read(specification: str, *ranks: int) -> Contraction:
    contraction = read_einsum(specification, ranks)
    assert isinstance(contraction, Contraction), contraction
    return contraction


def result_of(
    contraction: Contraction, shapes: Sequence[tuple[int, ...]], names: Sequence[frozenset[AxisName]]
) -> tuple[tuple[int, ...], frozenset[AxisName]]:
    """The positional shape of the result and its names, by the primitive and propagation."""
    structs = [jax.ShapeDtypeStruct(shape, np.dtype("float32")) for shape in shapes]
    traced = jax.make_jaxpr(lambda *arrays: contraction_p.bind(*arrays, contraction=contraction))(*structs)
    (found,) = propagate(traced.jaxpr, [axes(own) for own in names])
    return traced.out_avals[0].shape, axis_names(found)


@pytest.mark.parametrize(
    ("specification", "ranks", "operands", "result", "contracted"),
    [
        ("ij,jk->ik", (2, 2), [("ij", ""), ("jk", "")], ("ik", ""), ""),
        ("n{b,k},{k,m}->n{b,m}", (1, 0), [("n", "bk"), ("", "km")], ("n", "bm"), "k"),
        ("{a},{a}->", (0, 0), [("", "a"), ("", "a")], ("", ""), "a"),
        ("{a},{a}->{a}", (0, 0), [("", "a"), ("", "a")], ("", "a"), ""),
        (" i { a , b } -> i ", (1,), [("i", "ab")], ("i", ""), "ab"),
        ("i{}->i", (1,), [("i", "")], ("i", ""), ""),
        ("ii->i", (2,), [("ii", "")], ("i", ""), ""),
        ("->", (0,), [("", "")], ("", ""), ""),
        ("{a},{b},{c},{a,b,c}->{c}", (0,) * 4, [("", "a"), ("", "b"), ("", "c"), ("", "abc")], ("", "c"), "ab"),
        ("...i{k},...i->...", (3, 2), [("abi", "k"), ("bi", "")], ("ab", ""), "k"),
        ("i...,...->...i", (2, 3), [("ic", ""), ("abc", "")], ("abci", ""), ""),
    ],
)
def test_specifications_are_read(
    specification: str,
    ranks: tuple[int, ...],
    operands: list[tuple[str, str]],
    result: tuple[str, str],
    contracted: str,
) -> None:
    contraction = read(specification, *ranks)
    assert contraction.operands == tuple(Term(letters, frozenset(names)) for letters, names in operands)
    assert contraction.result == Term(result[0], frozenset(result[1]))
    assert contraction.contracted == frozenset(contracted)


def test_names_are_words_and_may_hold_blanks() -> None:
    contraction = read("i{batch, head dim}->i{batch}", 1)
    assert contraction.operands == (Term("i", frozenset({"batch", "head dim"})),)
    assert contraction.contracted == {"head dim"}


@pytest.mark.parametrize(
    ("specification", "ranks", "reason"),
    [
        ("ij,jk", (2, 2), "with named axes the result must be given, after `->`"),
        ("", (0,), "with named axes the result must be given, after `->`"),
        ("ij->k", (2,), "the result mentions 'k', which no operand has"),
        ("...i->...j", (2,), "the result mentions 'j', which no operand has"),
        ("ij->ii", (2,), "the result mentions 'i' twice"),
        ("i{a}->i{c}", (1,), "the result mentions axis 'c', which no operand mentions"),
        ("i{a,a}->i", (1,), "'i{a,a}': axis 'a' is mentioned twice"),
        ("i{a}->i{a,a}", (1,), "'i{a,a}': axis 'a' is mentioned twice"),
        ("i{a,}->i", (1,), "'i{a,}': an axis name is missing between commas"),
        ("i{a}j->i", (2,), "'i{a}j': named axes stand in one pair of braces after the letters"),
        ("{a->", (0,), "'{a': named axes stand in one pair of braces after the letters"),
        ("i{a}{b}->i", (1,), "'i{a}{b}': named axes stand in one pair of braces after the letters"),
        ("i1->i", (2,), "'i1': a positional axis is one letter"),
        ("i...i...->i", (3,), "'i...i...': a positional axis is one letter"),
        ("i->i->i", (1,), "'i->i': a positional axis is one letter"),
        ("ij,jk->ik", (2,), "describes 2 operands, called with 1"),
        ("ij->ij", (2, 2), "describes 1 operands, called with 2"),
        ("ij->i", (3,), "operand 0 has 3 positional axes, 'ij' describes 2"),
        ("i,...ij->i", (1, 1), "operand 1 has 1 positional axes, '...ij' describes 2"),
        ("i...->...", (60,), "more axes than letters"),
    ],
)
def test_specifications_that_are_wrong(specification: str, ranks: tuple[int, ...], reason: str) -> None:
    problem = read_einsum(specification, ranks)
    assert isinstance(problem, InvalidEinsum)
    assert problem.message == f"einsum {specification!r}: {reason}"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("bk", "km"), []),
        (("bkz", "kmz"), []),
        (("bk", None), []),
        ((None, None), []),
        (
            ("b", "km"),
            [
                "operand 0 of 'n{b,k},{k,m}->n{b,m}' has type \"f32[(2,), {'b': 3}]\", which lacks axis 'k'",
            ],
        ),
        (
            ("bk", ""),
            [
                f"operand 1 of 'n{{b,k}},{{k,m}}->n{{b,m}}' has type \"f32[()]\", which lacks axis {name!r}"
                for name in "km"
            ],
        ),
        (
            ("bk", "bkm"),
            ["'n{b,k},{k,m}->n{b,m}' mentions axis 'b' for operand 0 and skips it for operand 1, which has it"],
        ),
        (
            ("bkm", "km"),
            ["'n{b,k},{k,m}->n{b,m}' mentions axis 'm' for operand 1 and skips it for operand 0, which has it"],
        ),
    ],
)
def test_a_name_is_mentioned_for_every_operand_that_has_it_and_no_other(
    names: tuple[str | None, str | None], expected: list[str]
) -> None:
    contraction = read("n{b,k},{k,m}->n{b,m}", 1, 0)
    operands = [
        f32[shape, ... if own is None else dict.fromkeys(own, 3)] for shape, own in zip([(2,), ()], names, strict=True)
    ]
    assert [problem.message for problem in check_names(contraction, operands)] == expected


@st.composite
def einsums(draw: st.DrawFn) -> tuple[str, list[str], list[frozenset[str]]]:
    """A specification, the letters of its operands, and names they have; some broadcast without a mention."""
    letters = draw(st.lists(st.text("ijkl", max_size=3), min_size=1, max_size=4))
    names = [draw(st.frozensets(st.sampled_from("abcd"))) for _ in letters]
    mentioned = draw(st.frozensets(st.sampled_from("abcd")))
    used = sorted(set().union(*letters))
    kept = draw(st.lists(st.sampled_from(used), unique=True)) if used else []
    result = sorted(draw(st.frozensets(st.sampled_from("abcd"))) & mentioned & frozenset().union(*names))
    terms = [f"{own}{{{','.join(sorted(named & mentioned))}}}" for own, named in zip(letters, names, strict=True)]
    return f"{','.join(terms)}->{''.join(kept)}{{{','.join(result)}}}", letters, names


@given(einsums())
def test_named_axes_act_as_positional_ones_in_front(einsum: tuple[str, list[str], list[frozenset[str]]]) -> None:
    """NumPy is given an axis for every name: mentioned or not, one letter in each operand that has it."""
    specification, letters, names = einsum
    contraction = read(specification, *map(len, letters))
    shapes = [tuple(SIZES[letter] for letter in own) for own in letters]
    shape, found = result_of(contraction, shapes, list(names))
    remaining = sorted(frozenset().union(*names) - contraction.contracted)
    inputs = ",".join("".join(sorted(named)) + own for own, named in zip(letters, names, strict=True))
    arrays = [
        np.ones((*(NAMED_SIZES[name] for name in sorted(named)), *own), np.float32)
        for named, own in zip(names, shapes, strict=True)
    ]
    expected = np.einsum(f"{inputs}->{''.join(remaining)}{contraction.result.letters}", *arrays)
    assert found == set(remaining)
    assert (*(NAMED_SIZES[name] for name in remaining), *shape) == expected.shape
    operands = [f32[shape, dict.fromkeys(named, 3)] for shape, named in zip(shapes, names, strict=True)]
    assert check_names(contraction, operands) == []


@given(st.integers(0, 3), st.integers(0, 3), st.data())
def test_pdot_has_the_result_axes_of_dot_general(left: int, right: int, data: st.DataObject) -> None:
    pairs = data.draw(st.integers(0, min(left, right)))
    left_axes = data.draw(st.permutations(range(left)))[:pairs]
    right_axes = data.draw(st.permutations(range(right)))[:pairs]
    batches = data.draw(st.integers(0, pairs))
    contract = (tuple(left_axes[batches:]), tuple(right_axes[batches:]))
    batch = (tuple(left_axes[:batches]), tuple(right_axes[:batches]))
    sizes = iter((2, 3, 5, 7, 11, 13))
    one = [next(sizes) for _ in range(left)]
    other = [next(sizes) for _ in range(right)]
    for position, opposite in zip(left_axes, right_axes, strict=True):
        other[opposite] = one[position]
    contraction = pdot_contraction(frozenset("a"), (left, right), contract, batch)
    shape, found = result_of(contraction, [tuple(one), tuple(other)], [frozenset("ab"), frozenset("ac")])
    expected = jax.eval_shape(
        lambda x, y: jax.lax.dot_general(x, y, (contract, batch)),
        jax.ShapeDtypeStruct(tuple(one), np.dtype("float32")),
        jax.ShapeDtypeStruct(tuple(other), np.dtype("float32")),
    )
    assert shape == expected.shape
    assert found == {"b", "c"}


def test_pdot_asks_nothing_of_its_operands_names() -> None:
    contraction = pdot_contraction(frozenset("a"), (0, 0))
    assert check_names(contraction, [f32[(), {"a": 3}], f32[()]]) == []


@pytest.mark.parametrize(
    ("contract", "batch", "message"),
    [
        (((0,), ()), ((), ()), "the positional axes (0,) and () do not pair up"),
        (((3,), (0,)), ((), ()), "positional axis 3 is out of range for an operand of rank 2"),
        (((0,), (-3,)), ((), ()), "positional axis -3 is out of range for an operand of rank 2"),
        (((0,), (0,)), ((0,), (1,)), "a positional axis is mentioned twice in (0, 0)"),
        (((0, -2), (0, 1)), ((), ()), "a positional axis is mentioned twice in (0, -2)"),
    ],
)
def test_positional_axes_that_pdot_rejects(
    contract: tuple[tuple[int, ...], tuple[int, ...]], batch: tuple[tuple[int, ...], tuple[int, ...]], message: str
) -> None:
    with pytest.raises(ValueError, match="positional") as raised:
        pdot_contraction(frozenset(), (2, 2), contract, batch)
    assert str(raised.value) == message


def test_sizes_of_one_letter_agree() -> None:
    with pytest.raises(TypeError, match="axes 'j' of a contraction have sizes 3 and 4"):
        result_of(read("ij,jk->ik", 2, 2), [(2, 3), (4, 5)], [frozenset(), frozenset()])


def test_a_contraction_has_no_intermediate_with_the_axes_of_all_operands() -> None:
    traced = jax.make_jaxpr(lambda x, y: contraction_p.bind(x, y, contraction=read("{a},{a}->", 0, 0)))(1.0, 2.0)
    made: list[Names] = []
    propagate(traced.jaxpr, [axes("ab"), axes("ac")], visit=lambda eqn, operands, results: made.extend(results))
    assert [axis_names(names) for names in made] == [{"b", "c"}]
