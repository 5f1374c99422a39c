"""Maps inside the mapped function: xmap, vmap and lax.map."""

from __future__ import annotations

from typing import Any

from random_programs.control_flow import forbid_depth
from random_programs.drafts import Draft, Unfit
from random_programs.steps import Evaluation, Record, Step, Typing, holding
from random_programs.values import INNER, Type, enter, leave


def inner_map(draft: Draft) -> Step:
    """A positional axis of a value becomes an axis of a function inside, and comes back somewhere else."""
    forbid_depth(draft)
    operand = draft.real(lambda one: one.rank > 0 and max(one.shape) <= 4)
    of = draft.types[operand]
    unused = [axis for axis in INNER if axis not in draft.sizes]
    if not unused:
        raise Unfit
    axis, position = unused[0], draft.position(of.rank)
    size = of.shape[position]
    row = of.of([*of.shape[:position], *of.shape[position + 1 :]]).along([axis])
    kind = draft.choose(["xmap", "vmap with a name", "vmap", "lax.map"])
    if kind == "lax.map" and position:
        raise Unfit
    named = kind in ("xmap", "vmap with a name")
    sizes = {**draft.sizes, axis: size}
    block = draft.block(
        [row],
        sizes=sizes,
        hidden=frozenset() if named else frozenset({axis}),
        reduced=frozenset({axis}) if kind == "vmap with a name" else frozenset(),
    )
    inner_shape = block.infer(Typing(draft.types, draft.sizes, Record()), [row], sizes).shape
    out = 0 if kind == "lax.map" else draft.position(len(inner_shape) + 1)
    name = draft.spelling[axis]
    text = {
        "xmap": f"xmap({block.name}, {{{position}: {name}}}, {{{out}: {name}}})(v{operand})",
        "vmap with a name": f"jax.vmap({block.name}, {position}, {out}, axis_name={name})(v{operand})",
        "vmap": f"jax.vmap({block.name}, {position}, {out})(v{operand})",
        "lax.map": f"lax.map({block.name}, v{operand})",
    }[kind]

    def infer(typing: Typing) -> Type:
        result = block.infer(typing, [typing[operand].of(row.shape).along([axis])], sizes)
        return result.without([axis]).of([*result.shape[:out], size, *result.shape[out:]])

    def evaluate(arrays: Evaluation) -> Any:
        result = block.evaluate(arrays, [enter(arrays[operand], position, axis)], sizes)
        return leave(result, out, axis, sizes)

    return Step(text, infer, evaluate, **holding([block]))


NESTING = [inner_map]
