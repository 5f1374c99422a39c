"""Fixes: what they make of a program is Python, does what the program did, and has no such problem any more."""

from __future__ import annotations

import pytest

from named_types.analyzer import check_source
from named_types.diagnostics import apply_fixes


def fixed(source: str) -> str:
    return apply_fixes(source, [one.fix for one in check_source("old.py", source) if one.fix is not None])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from jax.experimental.maps import xmap", "from named_types.runtime import xmap"),
        ("from jax.experimental.maps import xmap, Mesh as M", "from named_types.runtime import xmap, Mesh as M"),
        ("from jax.experimental.maps import (\n    xmap,\n    mesh,\n)", "from named_types.runtime import xmap, mesh"),
        ("from jax.lax import pdot, psum", "from named_types.runtime.lax import pdot\nfrom jax.lax import psum"),
        (
            "if 1:\n\tfrom jax.lax import psum, pdot",
            "if 1:\n\tfrom jax.lax import psum\n\tfrom named_types.runtime.lax import pdot",
        ),
        ("from jax.lax import pdot  # why", "from named_types.runtime.lax import pdot  # why"),
        ("from jax import tree_map", "from jax.tree import map as tree_map"),
        ("import jax\nf = jax.tree_map", "import jax\nf = jax.tree.map"),
        ("import jax.numpy as jnp\nf = (jnp . product)(1)", "import jax.numpy as jnp\nf = (jnp.prod)(1)"),
        ("import jax\r\nf = 'ä\u2028', jax.tree_leaves\r\n", "import jax\r\nf = 'ä\u2028', jax.tree.leaves\r\n"),
    ],
)
def test_a_fix_is_written_in_place(old: str, new: str) -> None:
    assert fixed(old) == new
    assert check_source("new.py", new) == ()
    exec(compile(new, "new.py", "exec"), {})


@pytest.mark.parametrize(
    "source",
    [
        "x = 1; from jax.lax import pdot, psum\n",
        "from jax.experimental.maps import (\n    xmap,  # the one\n)\n",
        "import jax\nfrom jax import lax\nf = lax.pdot\n",
        "import jax.numpy as jnp\nf = jnp.trapz\n",
    ],
)
def test_where_more_than_a_name_must_change_it_is_left_as_it_is(source: str) -> None:
    found = [one for one in check_source("old.py", source) if one.code == "removed-api"]
    assert [one.fix for one in found] == [None]
