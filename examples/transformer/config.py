"""The sizes of the model and of its training."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ModelConfig:
    vocabulary: int = 28
    length: int = 24
    width: int = 32
    heads: int = 4
    hidden: int = 96
    layers: int = 3
    shards: int = 2

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def heads_per_shard(self) -> int:
        return self.heads // self.shards

    @property
    def hidden_per_shard(self) -> int:
        return self.hidden // self.shards

    def check(self) -> None:
        if self.width % self.heads or self.heads % self.shards or self.hidden % self.shards:
            raise ValueError(f"the heads do not divide the width, or the shards the heads and hidden units: {self}")


@dataclass(frozen=True)
class TrainingConfig:
    model: ModelConfig = field(default_factory=ModelConfig)
    batch: int = 16
    steps: int = 100
    learning_rate: float = 1e-2
    warmup: int = 10
    clip: float = 1.0
    seed: int = 0


AXIS_RESOURCES = {"batch": "data", "shard": "model"}
"""Which axis of the program is split over which axis of the mesh."""

MESH = {"data": 4, "model": 2}
"""The axes of the mesh, with their sizes."""
