"""The file of what the truth test leaves out, and why (`disagreements.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path

_FILE = tomllib.loads(Path(__file__).with_name("disagreements.toml").read_text())

UNCOMPARED: dict[str, str] = _FILE["uncompared"]
"""Callables of the library table that are not compared, with reasons."""

DISAGREEING_FUNCTIONS: dict[str, str] = _FILE["functions"]
DISAGREEING_COMPOSITES: dict[str, str] = _FILE["composites"]
"""What propagation sees otherwise than ``jax.vmap`` does, with reasons."""
