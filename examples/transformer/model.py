"""The model: embeddings, a scan over blocks, and the loss as a function of positional arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import jax
from jax import Array

from named_types.runtime import lax, xmap
from named_types.runtime import numpy as jnp

from .config import AXIS_RESOURCES, ModelConfig
from .layers import Attention, FeedForward, LayerNorm, Params

Loss = Callable[[Params, Array, Array], Array]


class Block:
    """Attention and a feed-forward layer, each behind a norm and beside a residual connection."""

    def __init__(self, config: ModelConfig) -> None:
        self.attention = Attention(config)
        self.feed_forward = FeedForward(config)
        self.norm = LayerNorm(config.width)

    def init_shard(self, key: Array) -> Params:
        attention, feed_forward = jax.random.split(key)
        return {"attention": self.attention.init(attention), "feed_forward": self.feed_forward.init(feed_forward)}

    def init_norms(self) -> Params:
        return {"attention": self.norm.init(), "feed_forward": self.norm.init()}

    def __call__(self, norms: Params, shard: Params, x: Array) -> Array:
        x = x + self.attention(shard["attention"], self.norm(norms["attention"], x))
        x = x + self.feed_forward(shard["feed_forward"], self.norm(norms["feed_forward"], x))
        return x


class Transformer:
    """A decoder whose output embedding is its input embedding."""

    in_axes: ClassVar[dict[str, Any]] = {
        "embedding": [...],
        "positions": [...],
        "norms": [...],
        "final_norm": [...],
        "shards": ["shard", ...],
    }
    """The parameters of the blocks have an axis of shards in front; all others are the same for every shard."""

    def __init__(self, config: ModelConfig) -> None:
        config.check()
        self.config = config
        self.block = Block(config)
        self.norm = LayerNorm(config.width)

    def init(self, key: Array) -> Params:
        """The parameters: those of the shards have the axes (shard, layer) in front, the norms' have (layer,)."""
        config = self.config
        embedding, positions, blocks = jax.random.split(key, 3)
        keys = jax.random.split(blocks, (config.shards, config.layers))
        norms = self.block.init_norms()
        return {
            "embedding": 0.1 * jax.random.normal(embedding, (config.vocabulary, config.width)),
            "positions": 0.1 * jax.random.normal(positions, (config.length, config.width)),
            "norms": jax.tree.map(lambda p: jnp.broadcast_to(p, (config.layers, *p.shape)), norms),
            "final_norm": self.norm.init(),
            "shards": jax.vmap(jax.vmap(self.block.init_shard))(keys),
        }

    def logits(self, params: Params, tokens: Array) -> Array:
        """For one sequence of tokens, the logits of the one that follows each."""
        x = params["embedding"][tokens] + params["positions"]

        def step(x: Array, layer: tuple[Params, Params]) -> tuple[Array, None]:
            norms, shard = layer
            return self.block(norms, shard, x), None

        x, _ = lax.scan(step, x, (params["norms"], params["shards"]))
        x = self.norm(params["final_norm"], x)
        return x @ params["embedding"].T

    def loss(self, params: Params, tokens: Array, targets: Array) -> Array:
        """The cross entropy, averaged over the sequence and over the axis 'batch'."""
        log_probabilities = jax.nn.log_softmax(self.logits(params, tokens), axis=-1)
        one_hot = jax.nn.one_hot(targets, self.config.vocabulary)
        losses = -jnp.sum(one_hot * log_probabilities, axis=-1)
        return lax.pmean(jnp.mean(losses), "batch")

    def mapped_loss(self, axis_resources: dict[str, str] = AXIS_RESOURCES) -> Loss:
        """The loss of a batch, for parameters and sequences with positional axes only."""
        return xmap(
            self.loss,
            in_axes=(self.in_axes, ["batch", ...], ["batch", ...]),
            out_axes=[...],
            axis_resources=axis_resources,
        )

    def mapped_logits(self, axis_resources: dict[str, str] = AXIS_RESOURCES) -> Callable[[Params, Array], Array]:
        """The logits of a batch."""
        return xmap(
            self.logits,
            in_axes=(self.in_axes, {0: "batch"}),
            out_axes={0: "batch"},
            axis_resources=axis_resources,
        )


@partial(jax.jit, static_argnums=(0, 3))
def generate(logits: Callable[[Params, Array], Array], params: Params, prompts: Array, count: int) -> Any:
    """Continue each prompt, the last token shifted in at the end, by its most likely characters."""

    def step(window: Array, _: None) -> tuple[Array, Array]:
        following = jnp.argmax(logits(params, window)[:, -1], axis=-1).astype(window.dtype)
        return jnp.concatenate([window[:, 1:], following[:, None]], axis=1), following

    _, tokens = jax.lax.scan(step, prompts, None, length=count)
    return tokens.T
