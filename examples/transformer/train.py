"""Train the model on eight devices: `python -m examples.transformer.train`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")

import jax
import numpy as np
from jax import Array

from named_types.runtime import mesh

from . import checkpoint, optimizer
from .config import MESH, TrainingConfig
from .data import TEXT, Batches, Tokenizer
from .layers import Params
from .model import Loss, Transformer, generate
from .optimizer import AdamState

Step = Callable[[Params, AdamState, Array, Array], tuple[Params, AdamState, Array]]


def make_step(loss: Loss, config: TrainingConfig) -> Step:
    """One step of training, compiled."""

    @jax.jit
    def step(params: Params, state: AdamState, tokens: Array, targets: Array) -> tuple[Params, AdamState, Array]:
        value, gradient = jax.value_and_grad(loss)(params, tokens, targets)
        gradient = optimizer.clip(gradient, config.clip)
        rate = optimizer.warm_up(state.step, config.learning_rate, config.warmup)
        params, state = optimizer.update(params, gradient, state, rate)
        return params, state, value

    return step


def train(config: TrainingConfig) -> tuple[Transformer, Params, list[float]]:
    """Train a model; gives its parameters and the loss of every step."""
    model = Transformer(config.model)
    params = jax.jit(model.init)(jax.random.key(config.seed))
    state = optimizer.init(params)
    step = make_step(model.mapped_loss(), config)
    tokens = Tokenizer(TEXT).encode(TEXT)
    batches = Batches(tokens, config.batch, config.model.length, config.seed)
    losses = []
    for _ in range(config.steps):
        inputs, targets = batches.next()
        params, state, value = step(params, state, inputs, targets)
        losses.append(float(value))
    return model, params, losses


def main() -> int:
    config = TrainingConfig()
    devices = np.array(jax.devices()[:8]).reshape(MESH["data"], MESH["model"])
    with mesh(devices, ("data", "model")):
        model, params, losses = train(config)
        print(f"loss: {losses[0]:.3f} at first, {losses[-1]:.3f} after {config.steps} steps on {devices.size} devices")
        tokenizer = Tokenizer(TEXT)
        prompt = TEXT[: config.model.length]
        prompts = np.stack([tokenizer.encode(prompt)] * MESH["data"])
        continued = generate(model.mapped_logits(), params, prompts, 24)
        print(f"{prompt}|{tokenizer.decode(np.asarray(continued[0]))}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.npz"
        checkpoint.save(path, params)
        restored = checkpoint.restore(path, params)
    same = jax.tree.all(jax.tree.map(lambda one, other: bool((one == other).all()), params, restored))
    print(f"checkpoint: {'the same' if same else 'different'} parameters")
    return 0 if losses[-1] < losses[0] / 2 and same else 1


if __name__ == "__main__":
    sys.exit(main())
