"""Drawing programs with Hypothesis, one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import jax.numpy as jnp
from hypothesis import strategies as st
from random_programs.steps import Block, Record, Step, Typing, infer_all
from random_programs.values import NAMED, Sizes, Type

T = TypeVar("T")


ATTEMPTS = 5


class Unfit(Exception):
    """No value in scope is an operand for this operation."""


@dataclass(frozen=True)
class Draft:
    """A program in the making: what is in scope, and how the axes are spelled in its source."""

    draw: Callable[[st.SearchStrategy[Any]], Any]
    operations: Sequence[Sequence[Operation]]
    """By kind; each kind is as likely as the others."""
    types: tuple[Type, ...]
    sizes: Sizes
    spelling: Mapping[str, str]
    hidden: frozenset[str] = frozenset()
    """Axes of maps inside the program that have no name."""
    reduced: frozenset[str] = frozenset()
    """Axes of ``jax.vmap``, which has no collectives over several axes but reductions."""
    visible: int = 0
    """The first value that can be used."""
    depth: int = 0
    distinct: int = 0
    """The first values, those of the arguments: no two of their entries are equal, if they are not integers."""
    fixed: bool = True
    """Whether each value is met with one type only: not so in the body of a loop."""

    def choose(self, options: Sequence[T]) -> T:
        chosen: T = self.draw(st.sampled_from(options))
        return chosen

    def flip(self) -> bool:
        return bool(self.draw(st.booleans()))

    def operand(self, fits: Callable[[Type], bool] = lambda _: True) -> int:
        """A value in scope; the latest ones come first."""
        fitting = [index for index in range(self.visible, len(self.types)) if fits(self.types[index])]
        if not fitting:
            raise Unfit
        return self.choose(fitting[::-1])

    def real(self, fits: Callable[[Type], bool] = lambda _: True) -> int:
        return self.operand(lambda one: one.dtype == "float32" and fits(one))

    @property
    def names(self) -> list[str]:
        """The axes in scope that have names."""
        return sorted(self.sizes.keys() - self.hidden)

    def axes(self) -> list[str]:
        """One or two axes in scope, in any order."""
        return list(self.draw(st.lists(st.sampled_from(self.names), min_size=1, max_size=2, unique=True)))

    def axes_among_positions(self) -> list[str]:
        """One or two axes whose names are no ints."""
        names = [name for name in self.names if not self.spelling[name].isdigit()]
        if not names:
            raise Unfit
        return list(self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)))

    def is_distinct(self, operand: int) -> bool:
        """Whether it is certain which entry of a value is the largest, whatever is rounded."""
        return operand < self.distinct and self.types[operand].dtype == "float32"

    def exchanged(self) -> list[str]:
        """Axes whose instances exchange what they have."""
        names = [name for name in self.names if name not in self.reduced]
        return list(self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)))

    def spelled(self, axes: Sequence[str]) -> str:
        """One axis, or a tuple."""
        names = [self.spelling[axis] for axis in axes]
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    def position(self, rank: int) -> int:
        """A positional axis of ``rank``."""
        if rank == 0:
            raise Unfit
        return int(self.draw(st.integers(0, rank - 1)))

    def step(self) -> Step:
        """Any step; where operations find no operands, a simple one."""
        for _ in range(ATTEMPTS):
            operation = self.choose(self.choose(self.operations))
            try:
                return operation(self)
            except Unfit:
                continue
        return doubled(self)

    def extended(self, steps: Sequence[Step]) -> Draft:
        typing = Typing(self.types, self.sizes, Record())
        return replace(self, types=infer_all(steps, typing))

    def block(
        self,
        params: Sequence[Type],
        result: Type | None = None,
        *,
        suffix: str = "",
        sizes: Sizes | None = None,
        hidden: frozenset[str] = frozenset(),
        reduced: frozenset[str] = frozenset(),
        closed: bool = False,
        fixed: bool = True,
    ) -> Block:
        """The body of a function of ``params``; it has the shape and dtype of ``result``.

        A closed one does not use what is in scope around it.
        """
        start = len(self.types)
        inside = replace(
            self,
            types=(*self.types, *params),
            sizes=self.sizes if sizes is None else sizes,
            hidden=self.hidden | hidden,
            reduced=self.reduced | reduced,
            visible=start if closed else self.visible,
            depth=self.depth + 1,
            fixed=self.fixed and fixed,
        )
        steps: list[Step] = []
        for _ in range(self.draw(st.integers(1, 2))):
            step = inside.step()
            steps.append(step)
            inside = inside.extended([step])
        if result is not None:
            steps += coerced(inside, result)
        return Block(f"f{start}{suffix}", start, len(params), tuple(steps))


Operation: TypeAlias = Callable[[Draft], Step]


def simple(
    expression: str,
    operands: Sequence[int],
    shape: Sequence[int],
    dtype: str,
    function: Callable[..., Any],
    **options: Any,
) -> Step:
    """A step without named axes in mind: ``function`` computes it on whole arrays."""

    def infer(typing: Typing) -> Type:
        return Type(tuple(shape), dtype).joined(*(typing[operand] for operand in operands))

    return Step(
        expression.format(*(f"v{operand}" for operand in operands)),
        infer,
        lambda arrays: function(*(arrays[operand] for operand in operands)),
        **options,
    )


def doubled(draft: Draft) -> Step:
    operand = draft.operand(lambda one: one.dtype != "key")
    if draft.types[operand].dtype == "bool":
        return simple("~{0}", [operand], draft.types[operand].shape, "bool", lambda x: ~x)
    of = draft.types[operand]
    return simple("{0} + {0}", [operand], of.shape, of.dtype, lambda x: x + x)


def coerced(draft: Draft, result: Type) -> list[Step]:
    """The steps that give the last value another shape and dtype."""
    last, of = len(draft.types) - 1, draft.types[-1]
    steps: list[Step] = []
    if of.dtype == "complex64":
        steps.append(simple("{0}.real", [last], of.shape, "float32", jnp.real))
        last, of = last + 1, of.of(dtype="float32")
    if of.dtype != result.dtype:
        dtype = result.dtype
        steps.append(simple(f"{{0}}.astype('{dtype}')", [last], of.shape, dtype, lambda x: x.astype(dtype)))
        last += 1
    if of.shape != result.shape:
        shape, rank = result.shape, of.rank

        def broadcast(x: Any) -> Any:
            total = x.sum(tuple(range(NAMED, NAMED + rank)), dtype=result.dtype)
            return jnp.broadcast_to(total.reshape((*total.shape, *(1,) * len(shape))), (*total.shape, *shape))

        text = f"jnp.broadcast_to(jnp.sum({{0}}, dtype='{result.dtype}'), {shape})"
        steps.append(simple(text, [last], shape, result.dtype, broadcast))
    return steps
