"""Messages state the facts with both sides; advice goes in the help line. Compared whole."""

from __future__ import annotations

import pickle

import pytest

from named_types import f32, problems
from named_types.algebra import UNKNOWN_DIM, SerialLoop, parse_dim
from named_types.algebra.axis_resources import LoopOf
from named_types.problems import CATALOGUE, NamedAxisError, Problem
from named_types.problems.problem import listed

EXAMPLES: list[tuple[Problem, str, str | None]] = [
    (
        problems.AbsentAxis("jax.lax.pmean", (f32[(3,), {"a": 2}],), ("batch",)),
        "jax.lax.pmean(f32[(3,), {'a': 2}]) goes along axis 'batch', which it does not have",
        "its instances are equal: a sum multiplies by their number, and a mean or a maximum does nothing",
    ),
    (
        problems.AxisMappingStructure("in_axes", "it has 1 entries, the function is called with 2 arguments"),
        "in_axes does not fit: it has 1 entries, the function is called with 2 arguments",
        None,
    ),
    (
        problems.AxisSizeConflict("i", (("argument 0", 5), ("argument 1", 7))),
        "axis 'i' has size 5 in argument 0 and size 7 in argument 1",
        "one axis name has one size in the whole mapped function",
    ),
    (
        problems.AxisSizeConflict("i", (("axis_sizes", 5), ("argument 0", 7), ("argument 1", parse_dim("2*n") or 0))),
        "axis 'i' has size 5 in axis_sizes, size 7 in argument 0 and size 2*n in argument 1",
        "one axis name has one size in the whole mapped function",
    ),
    (
        problems.DuplicateAxisName("a", "the named shape"),
        "axis 'a' appears twice in the named shape",
        None,
    ),
    (
        problems.EmptyReduction("jax.numpy.mean", f32[(), {"batch": 20}]),
        "jax.numpy.mean(f32[(), {'batch': 20}]) reduces nothing: there is no positional axis",
        "reduce by name with the functions of named_types.runtime, as in axis='batch', or leave the call out",
    ),
    (
        problems.IncompatibleArgument(f32[(3,)], f32[(4,), {"batch": 20}], "x", "norm"),
        'argument "x" of "norm" has type "f32[(4,), {\'batch\': 20}]", expected "f32[(3,)]"',
        None,
    ),
    (
        problems.IncompatibleAssignment(f32[(5, 2)], f32[(2, 5)], "z"),
        'expression has type "f32[(2, 5)]", variable "z" has type "f32[(5, 2)]"',
        None,
    ),
    (
        problems.IncompatibleReturn(f32[()], f32[(), {"batch": 20}], "loss"),
        '"loss" returns "f32[(), {\'batch\': 20}]", but is declared to return "f32[()]"',
        None,
    ),
    (
        problems.IndivisibleAxis("i", 10, (("x", 4),)),
        "axis 'i' of size 10 is mapped to 'x' (size 4): 10 is not divisible by 4",
        None,
    ),
    (
        problems.IndivisibleAxis("i", 12, (("x", 4), (LoopOf("i", SerialLoop(2)), 2))),
        "axis 'i' of size 12 is mapped to 'x' (size 4) and SerialLoop(2) (size 2): 12 is not divisible by 8",
        None,
    ),
    (
        problems.InvalidAnnotation("f32[(2, -1)]", "a size cannot be negative: -1"),
        "invalid array type `f32[(2, -1)]`: a size cannot be negative: -1",
        None,
    ),
    (
        problems.InvalidAxisMapping("in_axes[0]", "a position must be an int, not 'batch'"),
        "in_axes[0]: a position must be an int, not 'batch'",
        None,
    ),
    (
        problems.InvalidEinsum("nm{k},{k}->n", "operand 0 has 1 positional axes, 'nm{k}' has 2"),
        "einsum 'nm{k},{k}->n': operand 0 has 1 positional axes, 'nm{k}' has 2",
        None,
    ),
    (
        problems.InvalidOperation(
            "jax.numpy.dot", ("f32[(2, 3)]", "f32[(4, 5)]"), "3 and 4 differ", "must be the same", "transpose one"
        ),
        "cannot compute jax.numpy.dot(f32[(2, 3)], f32[(4, 5)]): 3 and 4 differ",
        "transpose one",
    ),
    (
        problems.LeakedNamedAxis(("a",), f32[(), {"a": 4}], "result"),
        "result has type \"f32[(), {'a': 4}]\", but its out_axes does not mention axis 'a'",
        "mention the axis in out_axes, or reduce over it before returning",
    ),
    (
        problems.LeakedNamedAxis(("a", "b"), f32[(), {"a": 4, "b": 2}], "result[1]"),
        "result[1] has type \"f32[(), {'a': 4, 'b': 2}]\", but its out_axes does not mention axes 'a' and 'b'",
        "mention the axes in out_axes, or reduce over them before returning",
    ),
    (
        problems.LetterwiseAxis("seq", "jnp.sum"),
        "jnp.sum reads axis='seq' as the axes 's', 'e' and 'q'",
        "write axis=('seq',), or import the function from named_types.runtime",
    ),
    (
        problems.LoopCollective("psum", "i"),
        "psum over axis 'i', which is mapped to a serial loop",
        "the steps of a loop do not see one another: map 'i' to a mesh axis, or to nothing",
    ),
    (
        problems.MissingNamedAxis("k", f32[(4,)], "operand 1"),
        "operand 1 has type \"f32[(4,)]\", which lacks axis 'k'",
        None,
    ),
    (
        problems.PartialContraction("k", "n{k},n->", 0, 1),
        "'n{k},n->' mentions axis 'k' for operand 0 and skips it for operand 1, which has it",
        "mention 'k' for every operand that has it, or for none",
    ),
    (
        problems.RankMismatch("in_axes of argument 0", "{2: 'i'}", f32[(3, 4)], "has rank 2"),
        "in_axes of argument 0 is {2: 'i'}, but \"f32[(3, 4)]\" has rank 2",
        None,
    ),
    (
        problems.RemovedApi("jax.experimental.maps.xmap", "named_types.runtime.xmap"),
        "jax.experimental.maps.xmap was removed from JAX",
        "use named_types.runtime.xmap",
    ),
    (
        problems.RepeatedResource("x", "i"),
        "axis 'i' is mapped to resource 'x' twice",
        None,
    ),
    (
        problems.ResourceConflict(("a", "b"), "x", f32[(), {"a": 4, "b": 12}]),
        "axes 'a' and 'b' are both mapped to resource 'x' but meet in one value of type \"f32[(), {'a': 4, 'b': 12}]\"",
        "reduce over 'a' or 'b' first, or map one of them to another resource",
    ),
    (
        problems.ResourceConflict(("a", "b", "c"), "x", f32[(), {"a": 4, "b": 2, "c": 2}], "logsumexp"),
        "axes 'a', 'b' and 'c' are all mapped to resource 'x' but meet in one value of type "
        "\"f32[(), {'a': 4, 'b': 2, 'c': 2}]\" in logsumexp",
        "reduce over 'a' or 'b' or 'c' first, or map one of them to another resource",
    ),
    (
        problems.ShadowedAxisName("i", 4, 3),
        "axis 'i' of size 4 is introduced where another axis 'i' of size 3 is in scope",
        "give the inner axis a name of its own",
    ),
    (
        problems.ShadowedAxisName("i", UNKNOWN_DIM, 3),
        "axis 'i' of unknown size is introduced where another axis 'i' of size 3 is in scope",
        "give the inner axis a name of its own",
    ),
    (
        problems.SyntaxProblem("invalid syntax"),
        "the file cannot be parsed: invalid syntax",
        None,
    ),
    (
        problems.UnboundAxisName("bacth", ("batch", "seq"), "psum"),
        "axis 'bacth' is unbound in psum: only 'batch' and 'seq' are in scope",
        "did you mean 'batch'?",
    ),
    (
        problems.UnboundAxisName("x", ("seq",)),
        "axis 'x' is unbound: only 'seq' is in scope",
        None,
    ),
    (
        problems.UnboundAxisName("x", ()),
        "axis 'x' is unbound: no axis name is in scope",
        None,
    ),
    (
        problems.UnknownResource("x", "i", ()),
        "axis 'i' is mapped to resource 'x', but no mesh is in scope",
        "call it in the scope of a mesh that has an axis 'x'",
    ),
    (
        problems.UnknownResource("x", "i", ("data", "model")),
        "axis 'i' is mapped to resource 'x', but only 'data' and 'model' are in scope",
        "call it in the scope of a mesh that has an axis 'x'",
    ),
    (
        problems.UnreadableFile("permission denied"),
        "the file cannot be read: permission denied",
        None,
    ),
    (
        problems.UnreducedGradient(("batch",), f32[(3,)], f32[(3,), {"batch": 20}]),
        "the loss is reduced over 'batch', its gradient by \"f32[(3,)]\" is not: \"f32[(3,), {'batch': 20}]\"",
        "take the mean of the gradients too: jax.lax.pmean(gradient, 'batch')",
    ),
]


@pytest.mark.parametrize(("problem", "message", "help"), EXAMPLES, ids=lambda value: getattr(value, "code", ""))
def test_message_and_help(problem: Problem, message: str, help: str | None) -> None:
    assert problem.message == str(problem) == message
    assert problem.help == help


def test_every_problem_has_its_message_tested() -> None:
    assert {problem.code for problem, _, _ in EXAMPLES} == CATALOGUE.keys()


@pytest.mark.parametrize("problem", [problem for problem, _, _ in EXAMPLES], ids=lambda problem: problem.code)
def test_messages_and_helps_are_one_line(problem: Problem) -> None:
    assert "\n" not in problem.message
    assert "\n" not in (problem.help or "")


@pytest.mark.parametrize("problem", [problem for problem, _, _ in EXAMPLES], ids=lambda problem: problem.code)
def test_problems_are_values(problem: Problem) -> None:
    copy = pickle.loads(pickle.dumps(problem))
    assert copy == problem
    assert hash(copy) == hash(problem)


def test_errors_keep_their_problem_when_pickled() -> None:
    error = NamedAxisError(problems.RepeatedResource("x", "i"), "train.py:14 (loss)")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.problem, copy.place, str(copy)) == (error.problem, error.place, str(error))


def test_the_error_of_a_running_program_names_the_code_the_place_and_the_help() -> None:
    error = NamedAxisError(problems.UnboundAxisName("bacth", ("batch",), "psum"), "train.py:14 (loss)")
    assert str(error) == (
        "[unbound-axis-name] axis 'bacth' is unbound in psum: only 'batch' is in scope\n"
        "  at: train.py:14 (loss)\n"
        "  help: did you mean 'batch'?"
    )


def test_the_error_of_a_running_program_leaves_out_what_it_does_not_know() -> None:
    error = NamedAxisError(problems.RepeatedResource("x", "i"))
    assert str(error) == "[repeated-resource] axis 'i' is mapped to resource 'x' twice"
    assert error.place is None


@pytest.mark.parametrize(
    ("parts", "text"),
    [([], "nothing"), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_listing(parts: list[str], text: str) -> None:
    assert listed(parts) == text
