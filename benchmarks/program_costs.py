"""Everything that a program under xmap costs, against the same program written by hand.

A step, where the arithmetic counts; the dispatch of a call, where it does not; tracing, alone and with lowering,
which happens once for each kind of arguments, and the part of it that is verification; the memory and the
collectives of the compiled program. Programs and their gradients are compared under every assignment of resources.

Those that need a mesh run in a process of their own, with eight virtual devices of the CPU.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from benchmarks import example_gradients, loops, matmul, network, transformer
from benchmarks.forms import Form
from benchmarks.measure import run_command
from benchmarks.program import Assignment, Program
from benchmarks.report import Row, from_json, to_json

PROGRAMS: dict[str, Sequence[Program]] = {
    "network": (network.LOSS,),
    "matmul": (matmul.VDOT, matmul.PDOT),
    "transformer": (transformer.BLOCK,),
    "gradients": (example_gradients.MEAN_GRADIENT,),
    "loops": (loops.PREDICTIONS,),
}

EIGHT_DEVICES = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}


def run(name: str, quick: bool) -> list[Row]:
    """The costs of the programs of this name."""
    rows = list(_costs(name, quick, on_mesh=False))
    if any(assignment.mesh_shape for program in PROGRAMS[name] for assignment in program.assignments):
        command = [sys.executable, "-m", "benchmarks.program_costs", name, *(["--quick"] if quick else [])]
        printed, _ = run_command(command, EIGHT_DEVICES)
        rows += from_json(printed)
    return rows


def main(name: str, *options: str) -> None:
    """What the process with eight devices does."""
    print(to_json(list(_costs(name, "--quick" in options, on_mesh=True))))


def _costs(name: str, quick: bool, on_mesh: bool) -> Iterator[Row]:
    for program in PROGRAMS[name]:
        for assignment in _chosen(program.assignments, quick, on_mesh):
            yield from _costs_under(program, assignment, quick)


def _chosen(assignments: Sequence[Assignment], quick: bool, on_mesh: bool) -> Sequence[Assignment]:
    """Those that run on a mesh, or those that do not; if it is to be quick, the one with most resources."""
    chosen = [assignment for assignment in assignments if bool(assignment.mesh_shape) == on_mesh]
    return chosen[-1:] if quick else chosen


def _costs_under(program: Program, assignment: Assignment, quick: bool) -> Iterator[Row]:
    with assignment.scope() as devices:
        ours, references = program.ours(assignment), program.by_hand(assignment, devices)
        forms = [Form(f"{assignment} forward", ours, references, quick)]
        if program.weights:
            gradients = {name: program.gradient(reference) for name, reference in references.items()}
            forms.append(Form(f"{assignment} gradient", program.gradient(ours), gradients, quick))
        tiny = program.placed("tiny", assignment, devices)
        for form in forms:
            form.agree(tiny)
        for size in ["tiny"] if quick else [size for size in program.operands if size != "tiny"]:
            arguments = program.placed(size, assignment, devices)
            for form in forms:
                yield from form.steps(size, arguments, program.step_target)
                yield from form.as_compiled(size, arguments, program.memory_target)
        yield from forms[0].dispatch(tiny, on_mesh=devices is not None)
        for form in forms:
            yield from form.tracing(tiny)


if __name__ == "__main__":
    main(*sys.argv[1:])
