"""Write `named_types/semantics/library_table.py`: the callables that may be evaluated, of the installed JAX.

    python tools/generate_library_table.py

Read the difference before committing it: what stands in the table is called, on abstract values, while a
program is checked. Left out are functions that touch the world, change JAX's state, or take callables.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
import typing
from pathlib import Path

import jax
import jax.numpy

from named_types.runtime.named_functions import behaviour_of
from named_types.semantics.library import FACES

TABLE = Path(__file__).parent.parent / "named_types" / "semantics" / "library_table.py"

MODULES = (
    "jax.image",
    "jax.lax",
    "jax.lax.linalg",
    "jax.nn",
    "jax.numpy",
    "jax.numpy.fft",
    "jax.numpy.linalg",
    "jax.ops",
    "jax.random",
    "jax.scipy.fft",
    "jax.scipy.integrate",
    "jax.scipy.linalg",
    "jax.scipy.ndimage",
    "jax.scipy.signal",
    "jax.scipy.special",
    "jax.scipy.stats",
    *(
        f"jax.scipy.stats.{name}"
        for name in (
            "bernoulli beta betabinom binom cauchy chi2 dirichlet expon gamma gennorm geom gumbel_l gumbel_r laplace "
            "logistic multinomial multivariate_normal nbinom norm pareto poisson t truncnorm uniform vonmises "
            "wrapcauchy"
        ).split()
    ),
)

TOUCH_THE_WORLD = {
    "jax.lax": {*"create_token after_all infeed outfeed psend precv dce_sink stage with_sharding_constraint".split()},
    "jax.numpy": {
        *("load save savez frombuffer fromfile fromiter fromstring from_dlpack".split()),
        *("get_printoptions printoptions set_printoptions array_repr array_str array2string".split()),
    },
}
TAKE_CALLABLES = {
    "jax.lax": {
        *("associative_scan cond custom_linear_solve custom_root fori_loop map platform_dependent reduce".split()),
        *("reduce_window scan switch while_loop composite scatter_apply".split()),
    },
    "jax.numpy": {
        *"apply_along_axis apply_over_axes fromfunction frompyfunc mask_indices piecewise ufunc vectorize".split()
    },
    "jax.scipy.linalg": {"funm"},
}
TAKE_TOO_LONG = {"jax.numpy": {"einsum_path"}}
ARRAY_METHODS_LEFT_OUT = {
    *("addressable_data block_until_ready copy_to_host_async delete device devices on_device_size_in_bytes".split()),
    *("unsafe_buffer_pointer is_deleted is_ready is_fully_addressable is_fully_replicated to_device".split()),
    *("addressable_shards global_shards sharding committed aval traceback format layout at shape dtype".split()),
    *("ndim size weak_type T mT real imag nbytes itemsize tolist tobytes item is_device_array".split()),
}


def public_callables(module_name: str) -> list[str]:
    """The functions, ufuncs and scalar types a module exports, without the ones left out."""
    module = importlib.import_module(module_name)
    left_out = set[str]().union(
        *(kind.get(module_name, set()) for kind in (TOUCH_THE_WORLD, TAKE_CALLABLES, TAKE_TOO_LONG))
    )
    return [
        name
        for name, value in sorted(vars(module).items())
        if not (name.startswith("_") or name.endswith("_p") or name in left_out)
        if callable(value) and (_is_scalar_type(value) or not _is_type(value))
    ]


def own_functions(face_name: str) -> list[str]:
    """The functions of a face that take axis names."""
    face, behind = vars(importlib.import_module(face_name)), importlib.import_module(FACES[face_name])
    return sorted(
        name
        for name, value in face.items()
        if behaviour_of(value) is not None and (hasattr(behind, name) or value.__module__ == face_name)
    )


def array_methods() -> list[str]:
    names = [name for name in dir(jax.Array) if not name.startswith("_") and name not in ARRAY_METHODS_LEFT_OUT]
    return sorted(name for name in names if callable(getattr(jax.Array, name)))


def ufuncs() -> list[str]:
    """The functions of jax.numpy that have methods of their own, such as ``jnp.add.reduce``."""
    return sorted(
        name for name in public_callables("jax.numpy") if isinstance(getattr(jax.numpy, name), jax.numpy.ufunc)
    )


def _is_scalar_type(value: object) -> bool:
    return type(value).__name__ == "_ScalarMeta"


def _is_type(value: object) -> bool:
    """A class, or an alias of types such as ``int | None``."""
    return inspect.isclass(value) or typing.get_origin(value) is not None


def render() -> str:
    table = {name: public_callables(name) for name in MODULES}
    table |= {name: own_functions(name) for name in FACES}
    table["jax.Array"] = array_methods()
    rows = "".join(_row(name, " ".join(names)) for name, names in sorted(table.items()))
    return (
        '"""The public callables of JAX that may be evaluated on abstract values. Generated; do not edit.\n\n'
        'python tools/generate_library_table.py\n"""\n\n'
        f"TABLE: dict[str, str] = {{\n{rows}}}\n"
        '"""Names by module, separated by blanks."""\n\n'
        f"UFUNCS = frozenset(\n    (\n{_words(ufuncs())}    ).split()\n)\n"
        '"""The functions of jax.numpy that have methods."""\n'
    )


def _row(module_name: str, names: str) -> str:
    """An entry of the table, in lines of at most 120 characters."""
    lines = textwrap.wrap(names, 120 - len(f'    "{module_name}": "",  '))
    return f'    "{module_name}": "' + ' "\n    "'.join(lines) + '",\n'


def _words(names: list[str]) -> str:
    """The names in strings, in lines of at most 120 characters."""
    lines = textwrap.wrap(" ".join(names), 120 - len('        "" '))
    return '        "' + ' "\n        "'.join(lines) + '"\n'


if __name__ == "__main__":
    TABLE.write_text(render())
