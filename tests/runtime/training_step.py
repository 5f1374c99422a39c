"""One data-parallel training step, written for whatever devices there are: of one process, or of several.

    python training_step.py                             all devices of this process
    python training_step.py 127.0.0.1:8476 2 0          the first of two processes that meet at this address

Every process prints what it knows of the losses before and after the step.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from named_types.runtime import Mesh, lax, mesh, xmap
from named_types.runtime import numpy as jnp

EXAMPLES, INPUTS, HIDDEN, RATE = 32, 6, 8, 0.01


def loss(weights, image, target):
    w1, w2 = weights
    hidden = jnp.tanh(lax.pdot(w1, image, "inputs"))
    return (lax.pdot(w2, hidden, "hidden") - target) ** 2


def step(weights, image, target):
    value, gradient = jax.value_and_grad(loss)(weights, image, target)
    updated = jax.tree.map(lambda w, g: w - RATE * lax.pmean(g, "batch"), weights, gradient)
    return lax.pmean(value, "batch"), updated


def train() -> dict[str, Any]:
    """The losses before and after a step of all devices, each process holding its share of the examples."""
    weights_axes = (["hidden", "inputs"], ["hidden"])
    in_axes = (weights_axes, ["batch", "inputs"], ["batch"])
    train_step = xmap(step, in_axes, ({}, weights_axes), axis_resources={"batch": "devices"})
    random = np.random.default_rng(0)
    weights = random.normal(size=(HIDDEN, INPUTS)).astype(np.float32), random.normal(size=HIDDEN).astype(np.float32)
    images, targets = random.normal(size=(EXAMPLES, INPUTS)), random.normal(size=EXAMPLES)
    with mesh(np.array(jax.devices()), "devices") as devices:
        batch = [own_share(array.astype(np.float32), devices) for array in (images, targets)]
        before, weights = train_step(weights, *batch)
        after, _ = train_step(weights, *batch)
    return {
        "processes": jax.process_count(),
        "devices": len(batch[0].sharding.device_set),
        "examples held": sum(len(shard.data) for shard in batch[0].addressable_shards),
        "losses": [float(before), float(after)],
    }


def own_share(array: np.ndarray[Any, Any], devices: Mesh) -> Any:
    """A global array over the devices of all processes, of which each process has only its own part."""
    own = np.array_split(array, jax.process_count())[jax.process_index()]
    sharding = NamedSharding(devices, PartitionSpec("devices"))
    return jax.make_array_from_process_local_data(sharding, own, array.shape)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        address, processes, process = sys.argv[1:]
        jax.distributed.initialize(address, int(processes), int(process))
    print(json.dumps(train()))
