"""Programs with one mistake each, and the code of the problem that it is.

A mistake is made in a program in which nothing is wrong: one more line in its body, another mapping, other arguments,
or resources that cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import jax.numpy as jnp
from hypothesis import assume
from hypothesis import strategies as st
from random_programs.programs import Program
from random_programs.resources import Assignment
from random_programs.steps import Step, Typing, infer_all


@dataclass(frozen=True)
class Mistake:
    """A program that cannot be, with its arguments and resources."""

    program: Program
    code: str
    inputs: tuple[Any, ...]
    assignment: Assignment | None = None
    resources: str = ""

    def __repr__(self) -> str:
        return f"{self.program.function}\n{self.program.call(self.resources)}  # {self.code}\n"


Make: TypeAlias = Callable[[Any, Program], Mistake]

UNBOUND = [
    "lax.psum(v{0}, {1})",
    "lax.pmean(v{0}, ({2}, {1}))",
    "lax.pmax(v{0}, {1})",
    "lax.all_gather(v{0}, {1})",
    "lax.ppermute(v{0}, {1}, [(0, 0)])",
    "lax.axis_index({1})",
    "lax.psum(1, {1})",
    "lax.pdot(v{0}, v{0}, ({1}, {2}))",
    "numpy.sum(v{0}, axis={1})",
    "numpy.max(v{0}, axis=({2}, {1}))",
    "nn.logsumexp(v{0}, axis=({1},))",
    "nn.one_hot(1, 2, axis={1})",
    "jax.lax.psum(v{0}, {1})",
    "jax.lax.scan(lambda c, _: (c, lax.psum(c, {1})), v{0}, None, length=2)",
    "jax.lax.cond(True, lambda: lax.pmax(v{0}, {1}), lambda: v{0})",
    "jax.grad(lambda t: lax.psum(t, {1}).sum())(v{0})",
    "jax.vmap(lambda t: lax.psum(t, {1}))(jax.numpy.stack([v{0}, v{0}]))",
    "jax.checkpoint(lambda t: lax.psum(t, {1}))(v{0})",
    "xmap(lambda t: lax.psum(t, {1}), {{}}, {{}})(v{0})",
]


def unbound(draw: Any, program: Program) -> Mistake:
    axis = program.spelling[_axis(draw, program)]
    name = draw(st.sampled_from(["'nowhere'", "17", "('nowhere', 1)"]))
    text = draw(st.sampled_from(UNBOUND))
    assume(name == "'nowhere'" or text.startswith("lax."))
    value = _value(draw, program, lambda one: one.dtype == "float32")
    return _with_line(program, text.format(value, name, axis), "unbound-axis-name")


def unbound_in_mappings(draw: Any, program: Program) -> Mistake:
    if draw(st.booleans()):
        return _of(replace(program, out_axes="['nowhere', ...]"), "unbound-axis-name")
    return _of(program, "unbound-axis-name", resources="{'nowhere': SerialLoop(1)}")


def shadowed(draw: Any, program: Program) -> Mistake:
    name = program.spelling[_axis(draw, program)]
    inner = draw(st.sampled_from(["xmap(lambda t: t, {{0: {0}}}, {{0: {0}}})(jnp.ones(3))", "{1}"]))
    through = "jax.lax.map(lambda t: xmap(lambda s: s, {{0: {0}}}, {{}})(t), jnp.ones((2, 3)))"
    return _with_line(program, inner.format(name, through.format(name)), "shadowed-axis-name")


def leaked(draw: Any, program: Program) -> Mistake:
    types = _types(program)
    index = draw(_among([i for i, one in enumerate(types) if one.names and one.dtype != "key"]))
    of = types[index]
    kept = sorted(of.perhaps)
    kept.remove(draw(st.sampled_from(sorted(of.names))))
    mapping = "{" + ", ".join(f"{position}: {program.spelling[axis]}" for position, axis in enumerate(kept)) + "}"
    return _of(replace(program, returned=f"v{index}", out_axes=mapping), "leaked-named-axis")


def of_another_size(draw: Any, program: Program) -> Mistake:
    """One argument is longer along an axis that another has too."""
    layouts = program.layouts
    shared = [axis for axis in program.sizes if sum(axis in layout for layout in layouts) > 1]
    axis = draw(_among(shared))
    argument = draw(st.sampled_from([i for i, layout in enumerate(layouts) if axis in layout]))
    inputs = list(program.arguments())
    position = layouts[argument].index(axis)
    longer = jnp.concatenate([inputs[argument], inputs[argument]], axis=position)
    inputs[argument] = longer
    return _of(program, "axis-size-conflict", inputs)


def of_another_rank(draw: Any, program: Program) -> Mistake:
    argument = draw(_among([i for i, layout in enumerate(program.layouts) if any(layout)]))
    inputs = list(program.arguments())
    inputs[argument] = inputs[argument].ravel()[0]
    return _of(program, "rank-mismatch", inputs)


def of_another_structure(draw: Any, program: Program) -> Mistake:
    signature = program.signature
    assume(signature.in_axes.startswith("(") and "..." not in signature.in_axes[-5:])
    pack = signature.pack
    more = replace(signature, pack=lambda inputs: [*pack(inputs), 1.0], params=[*signature.params, "more"])
    return _of(replace(program, signature=more), "axis-mapping-structure")


def no_array(draw: Any, program: Program) -> Mistake:
    mapping = draw(st.sampled_from(["[...]", "{}"]))
    result = draw(st.sampled_from(["'text'", "[jnp.zeros(2), object()]", "{'a': {3}}"]))
    return _of(replace(program, returned=result, out_axes=mapping), "axis-mapping-structure")


def name_twice(draw: Any, program: Program) -> Mistake:
    name = program.spelling[_axis(draw, program)]
    mapping = draw(st.sampled_from([f"[{name}, {name}, ...]", f"{{0: {name}, 2: {name}}}", f"[{name}, None, {name}]"]))
    return _of(replace(program, out_axes=mapping), "invalid-axis-mapping")


def mentioned_in_part(draw: Any, program: Program) -> Mistake:
    """A contraction that mentions an axis for one operand, and skips it for another that has it."""
    types = _types(program)
    having = [i for i, one in enumerate(types) if one.dtype == "float32" and _quoted(program, one.names)]
    index = draw(_among(having))
    axis = draw(st.sampled_from(_quoted(program, types[index].names)))
    name = program.spelling[axis].strip("'")
    text = f"numpy.einsum('...{{{name}}},...->...', v{index}, v{index})"
    return _with_line(program, text, "partial-contraction")


def mentioned_for_nothing(draw: Any, program: Program) -> Mistake:
    axis = draw(_among(_quoted(program, program.sizes)))
    name = program.spelling[axis].strip("'")
    return _with_line(program, f"lax.xeinsum('n{{{name}}}->n', jnp.ones(3))", "missing-named-axis")


def resource_twice(draw: Any, program: Program) -> Mistake:
    return _spread(program, "repeated-resource", {"x": 1}, {_axis(draw, program): ("x", "x")})


def unknown_resource(draw: Any, program: Program) -> Mistake:
    mesh = draw(st.sampled_from([{}, {"x": 1}, {"y": 2}]))
    return _spread(program, "unknown-resource", mesh, {_axis(draw, program): ("w",)})


def indivisible(draw: Any, program: Program) -> Mistake:
    axis = _axis(draw, program)
    resource = draw(_among([size for size in (2, 3, 4, 5, 8) if program.sizes[axis] % size]))
    if draw(st.booleans()):
        return _spread(program, "indivisible-axis", {}, {axis: (f"SerialLoop({resource})",)})
    return _spread(program, "indivisible-axis", {"x": resource}, {axis: ("x",)})


def conflict(draw: Any, program: Program) -> Mistake:
    """A mesh axis of one device is a resource as any other."""
    record, results = program.record()
    meeting = [one.names for one in [*record.met, *results] if len(one.names) > 1]
    one, other = draw(st.permutations(sorted(draw(_among(meeting)))))[:2]
    assume({one, other} <= {*program.sizes})
    return _spread(program, "resource-conflict", {"x": 1}, {one: ("x",), other: ("x",)})


def collective_on_a_loop(draw: Any, program: Program) -> Mistake:
    record, _ = program.record()
    axis = draw(_among(sorted(record.collectives & {*program.sizes})))
    return _spread(program, "loop-collective", {}, {axis: ("SerialLoop(1)",)})


MISTAKES: list[Make] = [
    unbound,
    unbound_in_mappings,
    shadowed,
    leaked,
    of_another_size,
    of_another_rank,
    of_another_structure,
    no_array,
    name_twice,
    mentioned_in_part,
    mentioned_for_nothing,
    resource_twice,
    unknown_resource,
    indivisible,
    conflict,
    collective_on_a_loop,
]


def _axis(draw: Any, program: Program) -> str:
    axis: str = draw(st.sampled_from(sorted(program.sizes)))
    return axis


def _among(options: Sequence[Any]) -> st.SearchStrategy[Any]:
    assume(options)
    return st.sampled_from(options)


def _types(program: Program) -> tuple[Any, ...]:
    record, _ = program.record()
    return infer_all(program.steps, Typing(program.inputs, program.sizes, record))


def _value(draw: Any, program: Program, fits: Callable[[Any], bool]) -> int:
    index: int = draw(_among([i for i, one in enumerate(_types(program)) if fits(one)]))
    return index


def _quoted(program: Program, axes: Any) -> list[str]:
    """Those of the axes whose names are strings: no others can stand in a specification."""
    return [axis for axis in sorted(axes) if program.spelling.get(axis, "").startswith("'") and axis in program.sizes]


def _with_line(program: Program, text: str, code: str) -> Mistake:
    """With one more line at the end of the function."""
    more = Step(text, lambda typing: typing[0], lambda arrays: arrays[0])
    return _of(replace(program, steps=(*program.steps, more)), code)


def _of(program: Program, code: str, inputs: Sequence[Any] | None = None, resources: str = "") -> Mistake:
    return Mistake(program, code, tuple(program.arguments() if inputs is None else inputs), None, resources)


def _spread(program: Program, code: str, mesh: dict[str, int], resources: dict[str, tuple[str, ...]]) -> Mistake:
    assignment = Assignment(tuple(mesh.items()), False, tuple(resources.items()))
    return Mistake(program, code, tuple(program.arguments()), assignment, assignment.written(program.spelling))
