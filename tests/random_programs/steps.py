"""Programs as sequences of steps. Each step is written, typed and evaluated by position, all three on its own.

A step stands in a *scope*, the values before it, and adds one value to it. A block is the body of a function
inside the program; its scope is that of the step it belongs to, then its parameters, then its own steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any

from random_programs.values import Array, Sizes, Type


@dataclass(frozen=True)
class Typing:
    """The types in scope, and a record of what happens to named axes."""

    types: tuple[Type, ...]
    sizes: Sizes
    record: Record

    def __getitem__(self, index: int) -> Type:
        return self.types[index]


@dataclass
class Record:
    """The values in which named axes meet, and the axes whose instances meet in collectives."""

    met: list[Type] = field(default_factory=list)
    collectives: set[str] = field(default_factory=set)
    perhaps_collectives: set[str] = field(default_factory=set)
    """In derivatives; those of constants lack them."""

    def everything(self) -> frozenset[str]:
        """All axes that are held or mentioned."""
        return self.mentioned().union(*(one.perhaps for one in self.met))

    def mentioned(self) -> frozenset[str]:
        """The axes of collectives."""
        return frozenset(self.collectives | self.perhaps_collectives)


@dataclass(frozen=True)
class Evaluation:
    """The whole arrays in scope."""

    arrays: tuple[Array, ...]
    sizes: Sizes

    def __getitem__(self, index: int) -> Array:
        return self.arrays[index]


@dataclass(frozen=True)
class Step:
    """One value of a program. ``expression`` may call what ``functions`` define."""

    expression: str
    infer: Callable[[Typing], Type]
    evaluate: Callable[[Evaluation], Array]
    functions: tuple[str, ...] = ()
    smooth: bool = True
    """Whether small differences of the operands make small differences of all derivatives."""
    reversible: bool = True
    """Whether it has a derivative in reverse mode."""
    forwardable: bool = True
    """Whether it has a derivative in forward mode."""
    coarse: bool = False
    """Whether it computes in low precision."""


@dataclass(frozen=True)
class Block:
    """The body of a function: it starts at value ``start`` with its parameters, and returns its last value."""

    name: str
    start: int
    num_params: int
    steps: tuple[Step, ...]

    @property
    def source(self) -> str:
        params = [f"v{self.start + index}" for index in range(self.num_params)]
        last = self.start + self.num_params + len(self.steps) - 1
        body = written(self.steps, self.start + self.num_params)
        return f"def {self.name}({', '.join(params)}):\n{indent(body, '    ')}\n    return v{last}"

    def infer(self, outer: Typing, params: Sequence[Type], sizes: Sizes | None = None) -> Type:
        return infer_all(self.steps, replace(self._enter_types(outer, params), sizes=sizes or outer.sizes))[-1]

    def evaluate(self, outer: Evaluation, params: Sequence[Array], sizes: Sizes | None = None) -> Array:
        scope = (*outer.arrays[: self.start], *params)
        return evaluate_all(self.steps, Evaluation(scope, sizes or outer.sizes))[-1]

    def _enter_types(self, outer: Typing, params: Sequence[Type]) -> Typing:
        return replace(outer, types=(*outer.types[: self.start], *params))


def holding(blocks: Iterable[Block], **options: Any) -> dict[str, Any]:
    """The fields of a step that calls blocks."""
    blocks = list(blocks)
    steps = [step for block in blocks for step in block.steps]
    return {
        "functions": tuple(block.source for block in blocks),
        "smooth": all(step.smooth for step in steps),
        "reversible": all(step.reversible for step in steps),
        "forwardable": all(step.forwardable for step in steps),
        "coarse": any(step.coarse for step in steps),
        **options,
    }


def written(steps: Iterable[Step], first: int) -> str:
    """The source of steps that define the values from ``first`` on."""
    lines: list[str] = []
    for index, step in enumerate(steps, first):
        lines += [*step.functions, f"v{index} = {step.expression}"]
    return "\n".join(lines)


def infer_all(steps: Iterable[Step], typing: Typing) -> tuple[Type, ...]:
    """The types of a whole scope; every one made on the way is recorded."""
    for step in steps:
        result = step.infer(typing)
        typing.record.met.append(result)
        typing = replace(typing, types=(*typing.types, result))
    return typing.types


def evaluate_all(steps: Iterable[Step], evaluation: Evaluation) -> tuple[Array, ...]:
    """The arrays of a whole scope."""
    for step in steps:
        evaluation = replace(evaluation, arrays=(*evaluation.arrays, step.evaluate(evaluation)))
    return evaluation.arrays
