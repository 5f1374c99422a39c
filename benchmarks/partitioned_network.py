"""The tutorial's named loss under xmap over a mesh, against the same partitioning written by hand.

By hand there are two ways: `jax.jit` of the positional loss on sharded arrays, where the compiler works out the
rest, and `jax.shard_map` of what one device does. The eight devices are virtual ones of the CPU; they have to be
asked for before JAX starts, so this runs in a process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import numpy as np
from jax import Array
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from benchmarks.measure import Comparison, Sample, compare, run_command
from benchmarks.named_network import (
    LARGE,
    TINY,
    Loss,
    mapped_loss,
    operands,
    part_of_loss,
    positional_loss,
)
from benchmarks.report import from_json, to_json
from benchmarks.steps import gradient, step
from named_types.runtime import mesh

EIGHT_DEVICES = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}


@dataclass(frozen=True)
class Partitioning:
    """A way to spread the network: by the examples of the batch, by its hidden units, or by both."""

    mesh_shape: dict[str, int]
    batch: str | None = None
    hidden: str | None = None

    @property
    def axis_resources(self) -> dict[str, str]:
        chosen = {"batch": self.batch, "hidden": self.hidden}
        return {name: resource for name, resource in chosen.items() if resource is not None}

    @property
    def specifications(self) -> tuple[P, ...]:
        """Those of the weights, the images and the labels."""
        axes = ((None, self.hidden), (self.hidden, None), (self.batch, None), (self.batch,))
        return tuple(P(*each) for each in axes)


PARTITIONINGS = (
    Partitioning({"x": 8}, batch="x"),
    Partitioning({"x": 8}, hidden="x"),
    Partitioning({"x": 4, "y": 2}, batch="x", hidden="y"),
)


def run(quick: bool) -> list[Comparison]:
    """The comparisons, made in a process with eight devices."""
    command = [sys.executable, "-m", "benchmarks.partitioned_network", *(["--quick"] if quick else [])]
    printed, _ = run_command(command, EIGHT_DEVICES)
    return from_json(printed)


def main() -> None:
    """What the process with eight devices does."""
    quick = "--quick" in sys.argv[1:]
    print(to_json([comparison for one in PARTITIONINGS for comparison in _compare(one, quick)]))


def _compare(partitioning: Partitioning, quick: bool) -> list[Comparison]:
    names = ", ".join(f"{name!r}: {resource!r}" for name, resource in partitioning.axis_resources.items())
    devices = np.array(jax.devices()).reshape(tuple(partitioning.mesh_shape.values()))
    with mesh(devices, tuple(partitioning.mesh_shape)) as devices_in_scope:
        ours, references = _ways(partitioning, devices_in_scope)
        gradients = {name: gradient(loss) for name, loss in references.items()}
        large = _placed(partitioning, devices_in_scope, operands(TINY if quick else LARGE))
        tiny = _placed(partitioning, devices_in_scope, operands(TINY))
        large_step = partial(step, arguments=large, times=1)
        tiny_step = partial(step, arguments=tiny, times=1 if quick else 50)
        rounds = 2 if quick else 21
        return [
            *_compare_with(f"{{{names}}} step, loss", large_step, ours, references, rounds),
            *_compare_with(f"{{{names}}} step, gradient", large_step, gradient(ours), gradients, rounds),
            *_compare_with(f"{{{names}}} tiny step, loss", tiny_step, ours, references, rounds),
        ]


def _ways(partitioning: Partitioning, devices: Mesh) -> tuple[Loss, dict[str, Loss]]:
    """The loss under xmap, and written by hand."""
    shardings = tuple(NamedSharding(devices, specification) for specification in partitioning.specifications)
    part = part_of_loss(partitioning.batch, partitioning.hidden)
    replicated = P()
    by_hand = jax.shard_map(part, mesh=devices, in_specs=partitioning.specifications, out_specs=replicated)
    return mapped_loss(partitioning.axis_resources), {
        "jit, sharded": jax.jit(positional_loss, in_shardings=shardings),
        "shard_map": jax.jit(by_hand),
    }


def _placed(partitioning: Partitioning, devices: Mesh, arrays: Sequence[Array]) -> list[Array]:
    specifications = zip(arrays, partitioning.specifications, strict=True)
    return [jax.device_put(array, NamedSharding(devices, specification)) for array, specification in specifications]


def _compare_with(
    what: str, sample: Callable[[Loss], Sample], ours: Loss, references: dict[str, Loss], rounds: int
) -> list[Comparison]:
    return compare(what, sample(ours), {name: sample(loss) for name, loss in references.items()}, rounds)


if __name__ == "__main__":
    main()
