"""Layers: each knows how to make its parameters and what it does to one sequence.

The parameters of the attention and of the feed-forward layer are those of one shard: some of the heads, some of the
hidden units. What the shards compute is summed over the axis 'shard', and by nothing else do they communicate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax
from jax import Array

from named_types.runtime import lax
from named_types.runtime import numpy as jnp

from .config import ModelConfig

Params = dict[str, Any]


@dataclass(frozen=True)
class LayerNorm:
    width: int
    epsilon: float = 1e-5

    def init(self) -> Params:
        return {"scale": jnp.ones((self.width,)), "bias": jnp.zeros((self.width,))}

    def __call__(self, params: Params, x: Array) -> Array:
        mean = jnp.mean(x, axis=-1, keepdims=True)
        variance = jnp.var(x, axis=-1, keepdims=True)
        normal = (x - mean) / jnp.sqrt(variance + self.epsilon)
        return normal * params["scale"] + params["bias"]


class Attention:
    """Causal self-attention with the heads of one shard."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.scale = 1 / math.sqrt(config.head_width)

    def init(self, key: Array) -> Params:
        width, heads, head_width = self.config.width, self.config.heads_per_shard, self.config.head_width
        query, keys, value, output = jax.random.split(key, 4)
        inner = (width, heads, head_width)
        return {
            "query": jax.random.normal(query, inner) / math.sqrt(width),
            "key": jax.random.normal(keys, inner) / math.sqrt(width),
            "value": jax.random.normal(value, inner) / math.sqrt(width),
            "output": jax.random.normal(output, (heads, head_width, width)) / math.sqrt(width),
        }

    def __call__(self, params: Params, x: Array) -> Array:
        query = jnp.einsum("td,dhk->thk", x, params["query"])
        key = jnp.einsum("td,dhk->thk", x, params["key"])
        value = jnp.einsum("td,dhk->thk", x, params["value"])
        scores = self.scale * jnp.einsum("thk,shk->hts", query, key)
        length = x.shape[0]
        mask = jnp.tril(jnp.ones((length, length), dtype=bool))
        weights = jax.nn.softmax(jnp.where(mask, scores, -1e9), axis=-1)
        mixed = jnp.einsum("hts,shk->thk", weights, value)
        partial_output = jnp.einsum("thk,hkd->td", mixed, params["output"])
        return lax.psum(partial_output, "shard")


class FeedForward:
    """Two matrices around a nonlinearity, with the hidden units of one shard."""

    def __init__(self, config: ModelConfig) -> None:
        self.width = config.width
        self.hidden = config.hidden_per_shard

    def init(self, key: Array) -> Params:
        up, down = jax.random.split(key)
        return {
            "up": jax.random.normal(up, (self.width, self.hidden)) / math.sqrt(self.width),
            "bias": jnp.zeros((self.hidden,)),
            "down": jax.random.normal(down, (self.hidden, self.width)) / math.sqrt(self.hidden),
        }

    def __call__(self, params: Params, x: Array) -> Array:
        hidden = jax.nn.gelu(x @ params["up"] + params["bias"])
        return lax.psum(hidden @ params["down"], "shard")
