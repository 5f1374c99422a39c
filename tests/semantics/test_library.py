"""What may be evaluated: the generated table, the operators, the methods and the runtime's faces; nothing else."""

from __future__ import annotations

import importlib
import runpy
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_types.semantics import library
from named_types.semantics.library_table import TABLE, UFUNCS

GENERATOR = Path(__file__).parents[2] / "tools" / "generate_library_table.py"

TOUCH_THE_WORLD = """
    jax.config.update jax.devices jax.device_put jax.debug.print jax.debug.callback jax.debug.breakpoint
    jax.pure_callback jax.experimental.io_callback jax.distributed.initialize jax.make_mesh jax.set_mesh
    jax.profiler.trace jax.profiler.start_server jax.clear_caches jax.ensure_compile_time_eval
    jax.block_until_ready jax.jit jax.export.export jax.tree_util.register_pytree_node jax.monitoring.record_event
    jax.numpy.load jax.numpy.save jax.numpy.savez jax.numpy.fromfile jax.numpy.frombuffer jax.numpy.from_dlpack
    jax.numpy.set_printoptions jax.lax.infeed jax.lax.outfeed jax.lax.create_token
    jax.Array.block_until_ready jax.Array.delete jax.Array.item jax.Array.tolist jax.Array.to_device
    jax.Array.copy_to_host_async jax.Array.unsafe_buffer_pointer jax.Array.addressable_data
    numpy.load numpy.save numpy.savetxt numpy.loadtxt numpy.memmap numpy.fromfile numpy.testing.assert_allclose
    numpy.test numpy.ctypeslib.load_library numpy.f2py.run_main
    os.system subprocess.run builtins.eval builtins.exec builtins.open builtins.__import__ importlib.import_module
    operator.attrgetter operator.methodcaller operator.call operator.itemgetter operator.setitem operator.delitem
    operator.iadd sys.exit shutil.rmtree pickle.loads
""".split()

REACH_INSIDE = """
    jax.Array.__class__ jax.Array.__init_subclass__ jax.Array.__dict__ jax.Array._value jax.Array.at
    jax.Array.at.__class__ jax.Array.at.apply jax.Array.addressable_shards jax.numpy.__builtins__ jax.numpy.__loader__
    jax.numpy.sum.__globals__ jax.numpy.sum.lower jax.numpy.sum.trace jax.numpy.array_api jax.numpy.jax
    jax.lax.lax jax.lax.psum_p jax._src.core.eval_jaxpr jax.lax.parallel jax.numpy..sum .jax.numpy.sum
    jax.numpy jax numpy operator named_types.runtime named_types.runtime.numpy.__builtins__
    named_types.runtime.numpy.load named_types.runtime.lax.infeed operator.__add__ operator._abs
""".split()


def test_the_table_is_the_one_of_the_installed_jax() -> None:
    generated = runpy.run_path(str(GENERATOR))["render"]()
    assert generated == Path(library.__file__).with_name("library_table.py").read_text()


@pytest.mark.parametrize("module", TABLE)
def test_every_name_of_the_table_is_a_public_callable(module: str) -> None:
    for name in TABLE[module].split():
        assert callable(library.resolve(f"{module}.{name}")), name
        assert name in library.public_names(module)


@pytest.mark.parametrize("path", TOUCH_THE_WORLD)
def test_what_touches_the_world_does_not_resolve(path: str) -> None:
    assert library.resolve(path) is None


@pytest.mark.parametrize("path", REACH_INSIDE)
def test_what_reaches_inside_does_not_resolve(path: str) -> None:
    assert library.resolve(path) is None


@given(st.sampled_from(["jax", "jax.numpy", "jax.lax", "jax.Array", "jax.Array.at", "numpy", "operator", "builtins"]),
       st.sampled_from(dir(jax) + dir(jnp) + dir(jax.lax) + dir(jax.Array) + dir(object)))  # fmt: skip
def test_only_listed_names_resolve(module: str, name: str) -> None:
    path = f"{module}.{name}"
    listed = name in library.public_names(module) or path in library.OPERATORS
    listed |= module == library.ARRAY and name in library.ATTRIBUTES
    listed |= module == f"{library.ARRAY}.at" and name in library.INDEXED_UPDATES
    assert (library.resolve(path) is not None) == (listed or library.canonical(path) != path)


@pytest.mark.parametrize("path", sorted(library.OPERATORS))
def test_operators_are_pythons(path: str) -> None:
    function = library.resolve(path)
    assert function is not None
    assert function.__name__.strip("_") == path.removeprefix("operator.").strip("_")


@pytest.mark.parametrize(
    "path",
    [f"{face}.{name}" for face in library.FACES for name in TABLE[face].split()],
)
def test_every_face_has_the_functions_that_are_its_own(path: str) -> None:
    assert library.canonical(path) == path
    assert callable(library.resolve(path))


def test_a_faces_other_names_are_those_of_the_module_behind_it() -> None:
    assert library.canonical("named_types.runtime.numpy.cos") == "jax.numpy.cos"
    assert library.canonical("named_types.runtime.numpy.linalg.svd") == "jax.numpy.linalg.svd"
    assert library.resolve("named_types.runtime.nn.silu") is jax.nn.silu
    assert library.resolve("named_types.runtime.numpy.linalg.svd") is jnp.linalg.svd


@pytest.mark.parametrize(("removed", "successor"), library.REMOVED.items())
def test_what_was_removed_is_gone_and_has_a_successor(removed: str, successor: str) -> None:
    assert not _exists(removed)
    assert _exists(successor)


def _exists(path: str) -> bool:
    module, _, name = path.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def test_a_face_offers_what_the_module_behind_it_does_and_its_own() -> None:
    offered = library.public_names("named_types.runtime.lax")
    assert offered == library.public_names("jax.lax") | {"associative_scan", "pdot", "reduce", "xeinsum"}
    assert library.public_names("jax.config") == frozenset()


def test_indexed_updates_and_attributes_act_on_arrays() -> None:
    array = jnp.zeros((2, 3))
    added = library.resolve("jax.Array.at.add")
    transposed = library.resolve("jax.Array.T")
    assert added is not None
    assert transposed is not None
    assert added(array, (0, 1), 5.0)[0, 1] == 5.0
    assert transposed(array).shape == (3, 2)


@pytest.mark.parametrize("name", sorted(UFUNCS))
def test_the_methods_of_ufuncs_resolve(name: str) -> None:
    for method in library.UFUNC_METHODS:
        assert library.resolve(f"jax.numpy.{name}.{method}") == getattr(getattr(jnp, name), method)
        assert library.resolve(f"named_types.runtime.numpy.{name}.{method}") is not None


def test_nothing_else_of_ufuncs_resolves() -> None:
    for path in ("add.identity", "add.__call__", "add._call", "sum.reduce", "exp.reduce", "linalg.reduce"):
        assert library.resolve(f"jax.numpy.{path}") is None
