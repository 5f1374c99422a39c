"""What `import named_types` costs at the start of a program, against `import typing`."""

from __future__ import annotations

import sys
from functools import partial

from benchmarks.measure import Comparison, Times, compare, run_command


def run(quick: bool) -> list[Comparison]:
    """The notation against the standard library's; the runtime against JAX, which it needs."""
    return [
        *_compare("named_types", "typing", 3 if quick else 31),
        *_compare("named_types.runtime", "jax", 1 if quick else 7),
    ]


def _compare(ours: str, reference: str, rounds: int) -> list[Comparison]:
    return compare(
        f"import {ours}", partial(_import, ours), {f"import {reference}": partial(_import, reference)}, rounds
    )


def _import(module: str) -> Times:
    _, times = run_command([sys.executable, "-c", f"import {module}"])
    return times
