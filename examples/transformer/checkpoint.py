"""Checkpoints: a tree of parameters as a flat dict of NumPy arrays in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np

Tree = Any


def flatten(tree: Tree) -> dict[str, np.ndarray]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}


def save(path: Path, tree: Tree) -> None:
    with path.open("wb") as file:
        np.savez(file, **flatten(tree))  # type: ignore[arg-type]


def restore(path: Path, like: Tree) -> Tree:
    """The tree in a file, with the structure of another one."""
    with np.load(path) as saved:
        arrays = dict(saved)
    leaves, structure = jax.tree_util.tree_flatten_with_path(like)
    return jax.tree_util.tree_unflatten(structure, [arrays[jax.tree_util.keystr(key)] for key, _ in leaves])
