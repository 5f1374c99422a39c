"""Random axis_resources, and what must be wrong with them.

The prediction is bookkeeping of its own: which axes meet in a value, which meet in collectives, what divides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Any

import jax
import numpy as np
from hypothesis import strategies as st
from random_programs.programs import Program

from named_types.runtime import mesh, serial_loop

MESHES: list[dict[str, int]] = [
    {},
    {"x": 2},
    {"x": 2, "y": 2},
    {"x": 4},
    {"x": 2, "y": 4},
    {"x": 2, "y": 2, "z": 2},
    {"x": 1},
    {"x": 1, "y": 2},
    {"x": 8},
    {"x": 3},
]
STEPS = 2
"""The length of the loop that is called 'steps'."""


@dataclass(frozen=True)
class Assignment:
    """A mesh, perhaps a serial loop in scope, and the resources of some axes, as they are written."""

    mesh: tuple[tuple[str, int], ...]
    has_steps: bool
    resources: tuple[tuple[str, tuple[str, ...]], ...]

    def written(self, spelling: Mapping[str, str]) -> str:
        entries = []
        for axis, names in self.resources:
            parts = [name if name.startswith("Serial") else repr(name) for name in names]
            written = f"({', '.join(parts)})" if len(parts) > 1 else parts[0]
            entries.append(f"{spelling[axis]}: {written}")
        return f"{{{', '.join(entries)}}}"

    @contextmanager
    def scope(self) -> Iterator[None]:
        sizes = dict(self.mesh)
        devices = np.array(jax.devices()[: prod(sizes.values())]).reshape(tuple(sizes.values()))
        with ExitStack() as entered:
            if sizes:
                entered.enter_context(mesh(devices, tuple(sizes)))
            if self.has_steps:
                entered.enter_context(serial_loop("steps", STEPS))
            yield

    @property
    def lengths(self) -> dict[str, int]:
        """The resources in scope."""
        loops = {f"SerialLoop({length})": length for length in (2, 3)}
        return {**dict(self.mesh), **loops, **({"steps": STEPS} if self.has_steps else {})}

    def problems(self, program: Program) -> tuple[set[str], set[str]]:
        """The codes of what is wrong for sure, and of what perhaps is."""
        sure: set[str] = set()
        for axis, names in self.resources:
            known = [self.lengths[name] for name in names if name in self.lengths]
            if len(set(names)) < len(names):
                sure.add("repeated-resource")
            if len(known) < len(names):
                sure.add("unknown-resource")
            elif program.sizes[axis] % prod(known):
                sure.add("indivisible-axis")
        record, results = program.record()
        if any(self._clash(one.names) for one in [*record.met, *results]):
            sure.add("resource-conflict")
        if self._looped(record.collectives):
            sure.add("loop-collective")
        perhaps: set[str] = set()
        if any(self._clash(one.perhaps) for one in [*record.met, *results]):
            perhaps.add("resource-conflict")
        if self._looped(record.perhaps_collectives):
            perhaps.add("loop-collective")
        return sure, perhaps

    def _clash(self, axes: frozenset[str]) -> bool:
        held = [
            {name for name in names if not name.startswith("Serial")} for axis, names in self.resources if axis in axes
        ]
        return any(one & other for one, other in combinations(held, 2))

    def _looped(self, axes: set[str]) -> bool:
        return any(
            axis in axes and any(name.startswith("Serial") or (name == "steps" and self.has_steps) for name in names)
            for axis, names in self.resources
        )


@st.composite
def assignments(draw: Any, program: Program) -> Assignment:
    """Resources for the axes of a program; most of them valid, unless axes meet that share one."""
    sizes = draw(st.sampled_from(MESHES))
    has_steps = draw(st.booleans())
    made = Assignment(tuple(sizes.items()), has_steps, ())
    record, _ = program.record()
    careless = draw(st.integers(0, 5)) == 5
    sharing = draw(st.integers(0, 3)) == 3
    resources: dict[str, tuple[str, ...]] = {}
    for axis in draw(st.permutations(sorted(program.sizes))):
        chosen: list[str] = []
        for _ in range(draw(st.integers(0, 2))):
            left = program.sizes[axis] // prod(made.lengths.get(name, 1) for name in chosen)
            pool = [*sizes, "SerialLoop(2)", "SerialLoop(3)", "steps", *(["w"] if careless else [])]
            if not careless:
                taken = {name for names in resources.values() for name in names if not sharing} | {*chosen}
                looped = axis in record.collectives | record.perhaps_collectives
                pool = [
                    name
                    for name in pool
                    if name in made.lengths
                    and left % made.lengths[name] == 0
                    and (name not in taken or name.startswith("Serial"))
                    and name not in chosen
                    and not (looped and name not in sizes)
                ]
            if pool:
                chosen.append(draw(st.sampled_from(pool)))
        if chosen:
            resources[axis] = tuple(chosen)
    return Assignment(made.mesh, has_steps, tuple(sorted(resources.items())))
