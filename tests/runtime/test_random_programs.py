"""Random named programs equal the same programs on positional axes, under every valid axis_resources."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st
from random_programs.mistakes import MISTAKES, Make
from random_programs.programs import Program, programs
from random_programs.resources import Assignment, assignments
from random_programs.transforms import FORWARD, REVERSE, VALUES, Transform

from named_types.runtime import NamedAxisError

compiled = partial(
    jax.jit,
    compiler_options={
        "xla_backend_optimization_level": 0,
        "xla_llvm_disable_expensive_passes": True,
        "xla_cpu_parallel_codegen_split_count": 1,
    },
)
"""Each program runs once: most of the time goes into compiling it."""

UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=30, deadline=None, suppress_health_check=UNHURRIED, derandomize=True)
@given(st.data())
def test_named_programs_equal_positional_ones(data):
    check_a_random_program(data)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_many_named_programs_equal_positional_ones(part, record_property):
    """2,000 programs, in parts that can run at the same time."""

    @seed(part)
    @settings(max_examples=250, deadline=None, suppress_health_check=UNHURRIED, database=None)
    @given(st.data())
    def check(data):
        check_a_random_program(data)

    @seed(part)
    @settings(max_examples=50, deadline=None, suppress_health_check=UNHURRIED, database=None)
    @given(st.data())
    def check_mistakes(data):
        check_a_mistake(data, data.draw(st.sampled_from(MISTAKES)))

    check()
    check_mistakes()
    record_property("random programs equal their reference", 250)
    record_property("random mistakes are the right problem", 50)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda make: make.__name__)
def test_a_mistake_is_the_right_problem(mistake):
    @settings(max_examples=12, deadline=None, suppress_health_check=UNHURRIED, derandomize=True)
    @given(st.data())
    def check(data):
        check_a_mistake(data, mistake)

    check()


def check_a_mistake(data: Any, mistake: Make) -> None:
    made = mistake(data.draw, data.draw(programs()))
    note(repr(made))
    with made.assignment.scope() if made.assignment else nullcontext(), pytest.raises(NamedAxisError) as caught:
        jax.eval_shape(lambda: made.program.mapped(made.resources)(*made.inputs))
    assert caught.value.problem.code == made.code, caught.value
    assert caught.value.place is not None


def check_a_random_program(data: Any) -> None:
    program = data.draw(programs())
    transforms = sorted(possible_transforms(program))
    transform = data.draw(st.sampled_from(transforms), "transformation")
    inputs = program.arguments()
    expected = compiled(every_transform()[transform].apply(program.by_position, inputs))(*inputs)
    for _ in range(2):
        assignment = data.draw(assignments(program))
        resources = assignment.written(program.spelling)
        note(f"{program.call(resources)}\n# mesh {dict(assignment.mesh)}, steps in scope: {assignment.has_steps}")
        compare(program, assignment, resources, every_transform()[transform], inputs, expected)


def compare(
    program: Program, assignment: Assignment, resources: str, transform: Transform, inputs: Any, expected: Any
) -> None:
    sure, perhaps = assignment.problems(program)
    try:
        with assignment.scope():
            results = compiled(transform.apply(program.mapped(resources), inputs))(*inputs)
    except NamedAxisError as error:
        assert error.problem.code in sure | perhaps, error  # noqa: PT017
    else:
        assert not sure
        coarse = any(step.coarse for step in program.steps)
        assert_equal(results, expected, 3e-2 if coarse else transform.accuracy)


def assert_equal(results: list[Any], expected: list[Any], accuracy: float) -> None:
    """Integers and truth values to the bit; others to this accuracy."""
    for result, other in zip(results, expected, strict=True):
        assert (result.shape, result.dtype) == (other.shape, other.dtype)
        if not jnp.issubdtype(result.dtype, jnp.inexact):
            np.testing.assert_array_equal(result, other)
            continue
        one, two = (np.asarray(value).astype(np.complex64) for value in (result, other))
        tolerance = accuracy * (1 + np.abs(two).max(initial=0))
        np.testing.assert_allclose(one, two, rtol=0, atol=tolerance)


def possible_transforms(program: Program) -> list[str]:
    found = [*VALUES]
    if all(step.smooth for step in program.steps):
        found += FORWARD
        if all(step.reversible for step in program.steps):
            found += REVERSE
    if not all(step.forwardable for step in program.steps):
        found = [name for name in found if name not in FORWARD]
    return found


def every_transform() -> dict[str, Transform]:
    return {**VALUES, **FORWARD, **REVERSE}
