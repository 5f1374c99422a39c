"""What the compiler made of a program: the memory it needs, and what its devices send to each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import jax
from jax import Array

from benchmarks.measure import Target

KINDS = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute", "collective-broadcast")

_COLLECTIVE = re.compile(rf"= (\(.*?\)|\S+) ({'|'.join(KINDS)})(?:-start)?\(")
_TYPE = re.compile(r"([a-z]+(\d+)[a-z0-9]*|pred)\[([\d,]*)\]")


@dataclass(frozen=True)
class Collective:
    """A collective in a compiled program: its kind, the type of its result, and the bytes of that."""

    kind: str
    type: str
    size: int

    def __str__(self) -> str:
        return f"{self.kind} {self.type}"


@dataclass(frozen=True)
class Compiled:
    """A compiled program, for one device."""

    memory: int
    """Bytes of temporaries and of results."""
    collectives: tuple[Collective, ...]


@dataclass(frozen=True)
class CompiledComparison:
    """Our compiled program against one written by hand."""

    what: str
    against: str
    ours: Compiled
    reference: Compiled
    target: Target

    @property
    def ratio(self) -> float:
        return self.ours.memory / self.reference.memory

    @property
    def has_equal_collectives(self) -> bool:
        """Of the same number, kinds and sizes."""
        return _sizes(self.ours.collectives) == _sizes(self.reference.collectives)

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.target.median and self.has_equal_collectives


def compiled(function: jax.stages.Wrapped, arguments: Sequence[Array]) -> Compiled:
    """What the compiler makes of ``function`` for these arguments."""
    executable = function.lower(*arguments).compile()
    analysis = executable.memory_analysis()
    assert analysis is not None
    memory = analysis.temp_size_in_bytes + analysis.output_size_in_bytes
    return Compiled(memory, collectives(executable.as_text() or ""))


def collectives(hlo: str) -> tuple[Collective, ...]:
    """The collectives of a program that is printed as HLO."""
    found = [Collective(kind, *_type_and_size(result)) for result, kind in _COLLECTIVE.findall(hlo)]
    return tuple(sorted(found, key=str))


def _type_and_size(result: str) -> tuple[str, int]:
    parts = [(match[1], match[2], match[3]) for match in _TYPE.finditer(result)]
    size = sum(
        prod(map(int, shape.split(","))) * int(bits or 8) // 8 if shape else int(bits or 8) // 8
        for _, bits, shape in parts
    )
    return " + ".join(f"{dtype}[{shape}]" for dtype, _, shape in parts), size


def _sizes(collectives: Sequence[Collective]) -> Counter[tuple[str, int]]:
    return Counter((collective.kind, collective.size) for collective in collectives)
