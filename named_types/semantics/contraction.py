"""Named contraction: `pdot` and the einsum with named axes in braces.

``'n{b,k},{k,m}->n{b,m}'`` reads as NumPy's einsum, each letter a positional axis; the names in braces,
in any order, are named axes. A name that some operand mentions and the result does not is contracted. A
name that is mentioned nowhere broadcasts.

Rules: the xmap tutorial, section "einsum".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters

from named_types.algebra import ArrayType, AxisName
from named_types.problems import InvalidEinsum, MissingNamedAxis, PartialContraction, Problem


@dataclass(frozen=True, slots=True)
class Term:
    """One operand or the result: a letter for each positional axis, and the named axes mentioned."""

    letters: str
    names: frozenset[AxisName]


@dataclass(frozen=True, slots=True)
class Contraction:
    """What is contracted with what; the parameter of the primitive.

    ``specification`` is the einsum as written, None for pdot, which asks nothing of its operands' names.
    """

    operands: tuple[Term, ...]
    result: Term
    contracted: frozenset[AxisName]
    specification: str | None = None


def read_einsum(specification: str, ranks: Sequence[int]) -> Contraction | InvalidEinsum:
    """Read a specification for operands of these positional ranks; ``...`` stands for leading axes."""
    inputs, arrow, output = specification.partition("->")
    terms = _split_operands(inputs)
    if not arrow:
        return InvalidEinsum(specification, "with named axes the result must be given, after `->`")
    if len(terms) != len(ranks):
        return InvalidEinsum(specification, f"describes {len(terms)} operands, called with {len(ranks)}")
    read = [_read_term(term) for term in [*terms, output]]
    for term, parsed in zip([*terms, output], read, strict=True):
        if isinstance(parsed, str):
            return InvalidEinsum(specification, f"{term!r}: {parsed}")
    parsed_terms = [term for term in read if isinstance(term, Term)]
    expanded = _expand_ellipsis(parsed_terms, ranks)
    if isinstance(expanded, str):
        return InvalidEinsum(specification, expanded)
    *operands, result = expanded
    return _contraction(specification, operands, result)


def check_names(contraction: Contraction, operands: Sequence[ArrayType]) -> list[Problem]:
    """The two rules on mentioning names, for operands of these types; unknown named shapes are not checked.

    A name mentioned for one operand may not be skipped for another that has it, nor be mentioned for an
    operand that lacks it.
    """
    if contraction.specification is None:
        return []
    problems: list[Problem] = []
    for index, (term, operand) in enumerate(zip(contraction.operands, operands, strict=True)):
        if operand.named_shape is None:
            continue
        where = f"operand {index} of {contraction.specification!r}"
        problems += [
            MissingNamedAxis(axis, operand, where)
            for axis in sorted(term.names, key=repr)
            if axis not in operand.named_shape
        ]
        for axis in sorted(operand.named_shape, key=repr):
            mentioned = next((k for k, other in enumerate(contraction.operands) if axis in other.names), None)
            if mentioned is not None and axis not in term.names:
                problems.append(PartialContraction(axis, contraction.specification, mentioned, index))
    return problems


def pdot_contraction(
    axis_names: frozenset[AxisName],
    ranks: tuple[int, int],
    pos_contract: tuple[Sequence[int], Sequence[int]] = ((), ()),
    pos_batch: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> Contraction:
    """`pdot` as a contraction: result axes are the batch axes, the rest of the left, the rest of the right.

    Raises ValueError where the positional axes do not pair up.
    """
    for side, rank in enumerate(ranks):
        _check_positions((*pos_batch[side], *pos_contract[side]), rank)
    letters = iter(ascii_letters)
    left: dict[int, str] = {}
    right: dict[int, str] = {}
    for pairs in (pos_batch, pos_contract):
        if len(pairs[0]) != len(pairs[1]):
            raise ValueError(f"the positional axes {tuple(pairs[0])} and {tuple(pairs[1])} do not pair up")
        for one, other in zip(*pairs, strict=True):
            left[one % ranks[0]] = right[other % ranks[1]] = next(letters)
    batch = "".join(left[axis % ranks[0]] for axis in pos_batch[0])
    summed = {left[axis % ranks[0]] for axis in pos_contract[0]}
    terms = [
        "".join(side.setdefault(axis, next(letters)) if axis not in side else side[axis] for axis in range(rank))
        for side, rank in zip((left, right), ranks, strict=True)
    ]
    rest = "".join(letter for term in terms for letter in term if letter not in summed and letter not in batch)
    operands = tuple(Term(term, axis_names) for term in terms)
    return Contraction(operands, Term(batch + rest, frozenset()), axis_names)


def _check_positions(axes: Sequence[int], rank: int) -> None:
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"positional axis {axis} is out of range for an operand of rank {rank}")
    if len({axis % rank for axis in axes}) < len(axes):
        raise ValueError(f"a positional axis is mentioned twice in {tuple(axes)}")


def _contraction(specification: str, operands: list[Term], result: Term) -> Contraction | InvalidEinsum:
    letters = set().union(*(term.letters for term in operands))
    names = frozenset().union(*(term.names for term in operands))
    for letter in result.letters:
        if letter not in letters:
            return InvalidEinsum(specification, f"the result mentions {letter!r}, which no operand has")
        if result.letters.count(letter) > 1:
            return InvalidEinsum(specification, f"the result mentions {letter!r} twice")
    for axis in sorted(result.names - names, key=repr):
        return InvalidEinsum(specification, f"the result mentions axis {axis!r}, which no operand mentions")
    return Contraction(tuple(operands), result, names - result.names, specification)


def _split_operands(inputs: str) -> list[str]:
    """Split at the commas outside braces."""
    return re.split(r",(?![^{]*\})", inputs)


def _read_term(text: str) -> Term | str:
    match = re.fullmatch(r"(?P<letters>[^{}]*)(\{(?P<names>[^{}]*)\}\s*)?", text)
    if match is None:
        return "named axes stand in one pair of braces after the letters"
    letters = match["letters"].replace(" ", "")
    names = [name.strip() for name in match["names"].split(",")] if (match["names"] or "").strip() else []
    if re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", letters) is None:
        return "a positional axis is one letter"
    if "" in names:
        return "an axis name is missing between commas"
    repeated = next((name for name in names if names.count(name) > 1), None)
    return Term(letters, frozenset(names)) if repeated is None else f"axis {repeated!r} is mentioned twice"


def _expand_ellipsis(terms: list[Term], ranks: Sequence[int]) -> list[Term] | str:
    """Give each axis under ``...`` a letter of its own, aligned from the right as NumPy broadcasts."""
    used = set("".join(term.letters for term in terms))
    free = [letter for letter in ascii_letters if letter not in used]
    widths = []
    for index, (term, rank) in enumerate(zip(terms, ranks, strict=False)):
        width = rank - len(term.letters.replace("...", ""))
        if width < 0 or (width > 0 and "..." not in term.letters):
            return f"operand {index} has {rank} positional axes, {term.letters!r} describes {rank - width}"
        widths.append(width)
    widest = max(widths, default=0)
    if widest > len(free):
        return "more axes than letters"
    covered = "".join(free[:widest])
    return [
        Term(term.letters.replace("...", covered[widest - width :]), term.names)
        for term, width in zip(terms, [*widths, widest], strict=True)
    ]
