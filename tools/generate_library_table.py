"""Write `named_types/semantics/library_table.py`: the callables that may be evaluated, of the installed JAX.

    python tools/generate_library_table.py

Read the difference before committing it: what stands in the table is called, on abstract values, while a
program is checked. Left out are functions that touch the world, change JAX's state, or take callables.
"""

from __future__ import annotations

import importlib
import inspect
import pprint
from pathlib import Path

import jax

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
            "logistic multinomial multivariate_normal nbinom norm pareto poisson t truncnorm uniform vonmises wrapcauchy"
        ).split()
    ),
)

TOUCH_THE_WORLD = {
    "jax.lax": {
        *"create_token after_all infeed outfeed psend precv dce_sink stage with_sharding_constraint PrecisionLike".split()
    },
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
    "jax.numpy": {*"apply_along_axis apply_over_axes fromfunction frompyfunc piecewise ufunc vectorize".split()},
    "jax.scipy.linalg": {"funm"},
}
ARRAY_METHODS_LEFT_OUT = {
    *("addressable_data block_until_ready copy_to_host_async delete device devices on_device_size_in_bytes".split()),
    *("unsafe_buffer_pointer is_deleted is_ready is_fully_addressable is_fully_replicated to_device".split()),
    *("addressable_shards global_shards sharding committed aval traceback format layout at shape dtype".split()),
    *("ndim size weak_type T mT real imag nbytes itemsize tolist tobytes item is_device_array".split()),
}


def public_callables(module_name: str) -> list[str]:
    """The functions, ufuncs and scalar types a module exports, without the ones left out."""
    module = importlib.import_module(module_name)
    left_out = TOUCH_THE_WORLD.get(module_name, set()) | TAKE_CALLABLES.get(module_name, set())
    names = []
    for name in sorted(vars(module)):
        value = getattr(module, name)
        if name.startswith("_") or name.endswith("_p") or name in left_out:
            continue
        if (
            callable(value)
            and not inspect.ismodule(value)
            and not (inspect.isclass(value) and not _is_scalar_type(value))
        ):
            names.append(name)
    return names


def array_methods() -> list[str]:
    names = [name for name in dir(jax.Array) if not name.startswith("_") and name not in ARRAY_METHODS_LEFT_OUT]
    return sorted(name for name in names if callable(getattr(jax.Array, name)))


def _is_scalar_type(value: type) -> bool:
    return type(value).__name__ == "_ScalarMeta"


def render() -> str:
    table = {name: public_callables(name) for name in MODULES}
    table["jax.Array"] = array_methods()
    rows = pprint.pformat({name: " ".join(names) for name, names in sorted(table.items())}, width=116)
    return (
        '"""The public callables of JAX that may be evaluated on abstract values. Generated; do not edit.\n\n'
        '    python tools/generate_library_table.py\n"""\n\n'
        f"TABLE: dict[str, str] = {rows}\n"
        '"""Names by module, separated by blanks."""\n'
    )


if __name__ == "__main__":
    TABLE.write_text(render())
