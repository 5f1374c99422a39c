"""Whole programs: a function, the axes of its arguments and results, and what it must compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from textwrap import indent
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st
from random_programs import vocabulary
from random_programs.collectives import COLLECTIVES
from random_programs.containers import draw_results, draw_signature
from random_programs.contractions import CONTRACTIONS
from random_programs.control_flow import CONTROL_FLOW
from random_programs.derivatives import DERIVATIVES
from random_programs.drafts import Draft
from random_programs.elementwise import ELEMENTWISE
from random_programs.library import LIBRARY
from random_programs.mappings import Layout, draw_layout, inside, outside
from random_programs.nesting import NESTING
from random_programs.randomness import RANDOMNESS
from random_programs.reductions import REDUCTIONS
from random_programs.steps import Evaluation, Record, Step, Typing, evaluate_all, infer_all, written
from random_programs.values import OUTER, Sizes, Type

OPERATIONS = (
    ELEMENTWISE,
    REDUCTIONS,
    COLLECTIVES,
    CONTRACTIONS,
    LIBRARY,
    CONTROL_FLOW,
    DERIVATIVES,
    NESTING,
    RANDOMNESS,
)

SPELLINGS = (
    {axis: repr(axis) for axis in "abckl"},
    {"a": "'batch'", "b": "'heads'", "c": "'model'", "k": "'inner'", "l": "'innermost'"},
    {"a": "Axis.ROWS", "b": "0", "c": "Axis.COLUMNS", "k": "'inner'", "l": "'innermost'"},
    {"a": "7", "b": "('layer', 2)", "c": "'model'", "k": "'inner'", "l": "('innermost',)"},
)


@dataclass(frozen=True)
class Program:
    """``f``, from its arguments (values 0, 1, ... in its source) to some of its values."""

    inputs: tuple[Type, ...]
    layouts: tuple[Layout, ...]
    steps: tuple[Step, ...]
    results: tuple[int, ...]
    result_layouts: tuple[Layout, ...]
    sizes: Sizes
    spelling: Mapping[str, str]
    signature: Signature
    returned: str
    out_axes: str
    seed: int

    @property
    def function(self) -> str:
        body = [*self.signature.unpacking, written(self.steps, len(self.inputs)), f"return {self.returned}"]
        return f"def f({', '.join(self.signature.params)}):\n{indent(chr(10).join(body), '    ')}"

    def call(self, resources: str = "") -> str:
        """The source of the mapped function."""
        axes = {axis for layout in self.layouts for axis in layout}
        unseen = {axis: size for axis, size in self.sizes.items() if axis not in axes}
        sizes = ", ".join(f"{self.spelling[axis]}: {size}" for axis, size in unseen.items())
        options = f", axis_sizes={{{sizes}}}" if unseen else ""
        options += f", axis_resources={resources}" if resources else ""
        return f"xmap(f, {self.signature.in_axes}, {self.out_axes}{options})"

    def __repr__(self) -> str:
        return f"\n{self.function}\n{self.call()}\n"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For Hypothesis."""
        printer.text(repr(self))

    def mapped(self, resources: str = "") -> Any:
        """The mapped function, as a function of its inputs one by one, with a list of results."""
        namespace = {**vars(vocabulary)}
        exec(compile(self.function, "<random program>", "exec"), namespace)
        function = eval(self.call(resources), namespace)
        return lambda *inputs: jax.tree_util.tree_leaves(function(*self.signature.pack(inputs)))

    def arguments(self) -> list[Any]:
        """The inputs as the caller has them."""
        numbers = np.random.default_rng(self.seed)
        return [
            _draw(numbers, one.dtype, outer_shape(one, layout, self.sizes))
            for one, layout in zip(self.inputs, self.layouts, strict=True)
        ]

    def by_position(self, *inputs: Any) -> list[Any]:
        """The results, by the reference."""
        arrays = [inside(array, layout) for array, layout in zip(inputs, self.layouts, strict=True)]
        scope = evaluate_all(self.steps, Evaluation(tuple(arrays), self.sizes))
        return [
            outside(scope[index], layout, self.sizes)
            for index, layout in zip(self.results, self.result_layouts, strict=True)
        ]

    def record(self) -> tuple[Record, tuple[Type, ...]]:
        """What happens to the named axes, and the types of the results at out_axes."""
        record = Record(met=list(self.inputs))
        types = infer_all(self.steps, Typing(self.inputs, self.sizes, record))
        results = tuple(
            types[index].along([axis for axis in layout if axis is not None])
            for index, layout in zip(self.results, self.result_layouts, strict=True)
        )
        return record, results


@dataclass(frozen=True)
class Signature:
    """The parameters of a function: some inputs by themselves, some inside containers."""

    params: Sequence[str]
    unpacking: Sequence[str]
    in_axes: str
    pack: Any = field(repr=False)


def outer_shape(one: Type, layout: Layout, sizes: Sizes) -> tuple[int, ...]:
    rest = iter(one.shape)
    return tuple(next(rest) if axis is None else sizes[axis] for axis in layout)


@st.composite
def programs(draw: Any, operations: Sequence[Sequence[Any]] = OPERATIONS) -> Program:
    """Any program over these operations."""
    spelling = draw(st.sampled_from(SPELLINGS))
    axes = OUTER[: draw(st.integers(1, 3))]
    sizes = {axis: draw(st.sampled_from([4, 8, 2, 6, 3, 1])) for axis in axes}
    while prod(sizes.values()) > 96:
        sizes[max(sizes, key=lambda axis: sizes[axis])] //= 2
    draft = Draft(draw, operations, (), sizes, spelling)
    inputs = tuple(_draw_input(draft, first=index == 0) for index in range(draw(st.integers(1, 4))))
    layouts = tuple(draw_layout(draft, sorted(one.names), one.rank) for one in inputs)
    draft = Draft(draw, operations, inputs, sizes, spelling, distinct=len(inputs))
    steps: list[Step] = []
    for _ in range(draw(st.sampled_from([4, 3, 5, 6, 2, 1, 7]))):
        steps.append(draft.step())
        draft = draft.extended(steps[-1:])
    last = len(draft.types) - 1
    results = [last, *draw(st.lists(st.integers(0, last), max_size=2))]
    results = [index for index in results if draft.types[index].dtype != "key"]
    layouts_of_results = []
    for index in results:
        extra = [axis for axis in axes if axis not in draft.types[index].perhaps and draft.flip()]
        held = [*sorted(draft.types[index].perhaps), *extra]
        layouts_of_results.append(draw_layout(draft, held, draft.types[index].rank))
    signature = draw_signature(draft, layouts, spelling)
    returned, out_axes = draw_results(draft, results, layouts_of_results, spelling)
    return Program(
        inputs=inputs,
        layouts=layouts,
        steps=tuple(steps),
        results=tuple(results),
        result_layouts=tuple(layouts_of_results),
        sizes=sizes,
        spelling=spelling,
        signature=Signature(*signature),
        returned=returned,
        out_axes=out_axes,
        seed=draw(st.integers(0, 99)),
    )


def _draw_input(draft: Draft, first: bool) -> Type:
    some = st.lists(st.sampled_from(sorted(draft.sizes)), unique=True, min_size=int(first))
    axes = draft.draw(some)
    dtypes = ["float32", "int32", "float32", "bool", "key", "complex64", "bfloat16"]
    dtype = "float32" if first else draft.choose(dtypes)
    shapes: list[tuple[int, ...]] = [(), (3,), (2, 3), (4,), (3, 3), (2, 2, 3)]
    return Type(() if dtype == "key" else draft.choose(shapes), dtype).along(axes)


def _draw(numbers: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> Any:
    if dtype == "key":
        return jax.random.split(jax.random.key(int(numbers.integers(99))), shape)
    if dtype == "bool":
        return jnp.asarray(numbers.integers(0, 2, shape), bool)
    if dtype == "int32":
        return jnp.asarray(numbers.integers(0, 9, shape), jnp.int32)
    values = numbers.normal(size=shape)
    if dtype == "complex64":
        return jnp.asarray(values + 1j * numbers.normal(size=shape), dtype)
    return jnp.asarray(values, dtype)
