"""Small programs that say themselves what is found in them, in the notation of the literate corpus."""

from __future__ import annotations

from inspect import cleandoc

from literate.analyzer_judge import judge
from literate.programs import Program

IMPORTS = """\
import jax
import numpy as np
import named_types.runtime.numpy as jnp
from functools import partial
from jax import lax
from named_types import f32, floating, i32
from named_types.runtime import Mesh, mesh, named_shape, xmap
"""


def check(program: str, imports: str = IMPORTS) -> None:
    """Analyze a program; hold every diagnostic and revealed type against its comments."""
    whole = Program("analyzer", "", 1, imports + cleandoc(program) + "\n")
    found = judge(whole)
    assert found.keys() == whole.expected
    for finding, text in whole.expected_texts.items():
        assert text in found[finding]
