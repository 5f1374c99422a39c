"""A corpus of characters, cut into sequences with NumPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

TEXT = """\
the loom has many threads and each thread has a name; whoever weaves by name may move the loom, \
and the cloth is the same cloth. whoever weaves by place must count the threads again. \
"""


class Tokenizer:
    """One number for each character of a text."""

    def __init__(self, text: str) -> None:
        self.characters = sorted(set(text))
        self.numbers = {character: number for number, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> np.ndarray:
        return np.array([self.numbers[character] for character in text], dtype=np.int32)

    def decode(self, tokens: np.ndarray) -> str:
        return "".join(self.characters[token] for token in tokens)


class Batches:
    """Random pieces of the corpus, each with the piece one character further as its target."""

    def __init__(self, tokens: np.ndarray, batch: int, length: int, seed: int) -> None:
        self.tokens = tokens
        self.batch = batch
        self.length = length
        self.generator = np.random.default_rng(seed)

    def next(self) -> tuple[Array, Array]:
        starts = self.generator.integers(0, len(self.tokens) - self.length - 1, size=self.batch)
        pieces = np.zeros((self.batch, self.length + 1), dtype=np.int32)
        for row, start in enumerate(starts):
            pieces[row] = self.tokens[start : start + self.length + 1]
        return jnp.asarray(pieces[:, :-1]), jnp.asarray(pieces[:, 1:])
