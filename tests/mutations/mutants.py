"""The mutants of a program: the program with one place changed by one operator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from mutations.operators import OPERATORS
from mutations.sites import sites_of


@dataclass(frozen=True)
class Mutant:
    """One change of one program."""

    program: str
    operator: str
    line: int
    """The first line of the statement that is changed."""
    change: str
    """The lines that differ, as they now are."""
    source: str


def mutants_of(program: str, source: str) -> Iterator[Mutant]:
    """Every mutant that differs from the program and from those before it."""
    module = cst.parse_module(source)
    seen = {source}
    for site in sites_of(module):
        for name, operator in OPERATORS.items():
            for node in operator(site):
                changed = module.deep_replace(site.node, node)
                assert isinstance(changed, cst.Module)
                if changed.code not in seen and _is_python(changed.code):
                    seen.add(changed.code)
                    yield Mutant(program, name, site.line, _difference(source, changed.code), changed.code)


def _difference(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    start = next((at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), len(new))
    tails = zip(reversed(old[start:]), reversed(new[start:]), strict=False)
    end = len(new) - next((at for at, pair in enumerate(tails) if pair[0] != pair[1]), 0)
    return " ".join(line.strip() for line in new[start : max(end, start + 1)])


def _is_python(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True
