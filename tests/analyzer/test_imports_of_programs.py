"""Imports of every spelling lead to one library."""

from __future__ import annotations

import pytest
from analyzer.expectations import check


@pytest.mark.parametrize(
    ("statement", "ones"),
    [
        ("import jax", "jax.numpy.ones"),
        ("import jax.numpy", "jax.numpy.ones"),
        ("import jax.numpy as jnp", "jnp.ones"),
        ("import jax as j", "j.numpy.ones"),
        ("from jax import numpy", "numpy.ones"),
        ("from jax import numpy as jnp", "jnp.ones"),
        ("from jax.numpy import ones", "ones"),
        ("from jax.numpy import (ones as one, zeros)", "one"),
        ("from jax.numpy import *", "ones"),
        ("import named_types.runtime.numpy as jnp", "jnp.ones"),
        ("import named_types.runtime", "named_types.runtime.numpy.ones"),
        ("from named_types.runtime import numpy as jnp", "jnp.ones"),
        ("from named_types.runtime.numpy import ones", "ones"),
    ],
)
def test_of_jax_numpy(statement: str, ones: str) -> None:
    check(f"{statement}\nreveal_type({ones}((2, 3)))  # revealed: f32[(2, 3)]", imports="")


@pytest.mark.parametrize(
    "call",
    [
        "jax.nn.relu(x)",
        "jax.nn.softmax(x, axis=0)",
        "jax.lax.exp(x)",
        "jax.numpy.linalg.inv(x)",
        "jax.scipy.linalg.expm(x)",
        "jax.scipy.special.erf(x)",
        "named_types.runtime.nn.relu(x)",
        "named_types.runtime.lax.exp(x)",
    ],
)
def test_of_other_modules(call: str) -> None:
    check(
        f"""
        import jax, jax.scipy, named_types.runtime
        x = jax.numpy.ones((3, 3))
        reveal_type({call})  # revealed: f32[(3, 3)]
        """,
        imports="",
    )


@pytest.mark.parametrize("statement", ["from named_types import f32", "from named_types import *"])
def test_of_the_notation(statement: str) -> None:
    check(
        f"{statement}\nimport jax.numpy as jnp\nx: f32[(3,)] = jnp.ones(2)  # error: [incompatible-assignment]",
        imports="",
    )


def test_of_the_notation_by_its_module() -> None:
    check(
        """
        import named_types as nt
        import jax.numpy as jnp
        x: nt.f32[(3,)] = jnp.ones(2)  # error: [incompatible-assignment]
        """,
        imports="",
    )


@pytest.mark.parametrize(
    "program",
    [
        "from jax.experimental.maps import xmap  # error: [removed-api]",
        "from jax.experimental.maps import mesh, Mesh  # error: [removed-api]",
        "from jax.experimental.maps import xmap as x  # error: [removed-api]",
        "from jax.experimental import maps\nmaps.xmap  # error: [removed-api]",
        "import jax.experimental.maps\njax.experimental.maps.mesh  # error: [removed-api]",
        "from jax import lax\nlax.pdot  # error: [removed-api]",
        "from jax.lax import pdot  # error: [removed-api]",
    ],
)
def test_what_jax_has_removed(program: str) -> None:
    check(program, imports="")


def test_what_was_removed_is_taken_for_what_replaces_it() -> None:
    check(
        """
        from jax.experimental.maps import xmap  # error: [removed-api]
        import jax.numpy as jnp
        f = xmap(lambda x: x + 1, in_axes=["i", ...], out_axes=["i", ...])
        reveal_type(f(jnp.ones((2, 3))))  # revealed: f32[(2, 3)]
        """,
        imports="",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "from .numpy import ones",
        "from . import ones",
        "from somewhere import ones",
        "from somewhere.jax.numpy import ones",
        "from jax.numpy import no_such_thing as ones",
        "from jax._src.numpy.lax_numpy import ones",
        "import ones",
    ],
)
def test_everything_else_is_unknown(statement: str) -> None:
    check(f"{statement}\nreveal_type(ones((2, 3)))  # revealed: unknown", imports="")
