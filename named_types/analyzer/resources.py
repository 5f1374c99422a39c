"""Devices, meshes and serial loops: what they bring into scope, and how large it is where the program tells.

How many devices there are is the machine's business, unless the program itself sets it. An array of devices has a
known shape where it is reshaped to one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.algebra import UNKNOWN_DIM, Dim, SerialLoop, Shape
from named_types.algebra.axis_resources import Resource
from named_types.analyzer.class_values import class_of
from named_types.analyzer.context import Context
from named_types.analyzer.misfits import report_misfit
from named_types.analyzer.operations import call_library
from named_types.analyzer.scopes import Scope
from named_types.analyzer.values import (
    EXPECTS_ERRORS,
    UNKNOWN,
    Args,
    Devices,
    Kwargs,
    LoopValue,
    MeshOfProgram,
    MeshValue,
    Value,
)
from named_types.problems import InvalidOperation

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

_MESH_OF_PROGRAM = "the mesh that jax.set_mesh sets"
"""A name in the scope of the file being checked that no program can write, so that branches and loops join it."""

_DEVICE_FLAG = re.compile(r"--xla_force_host_platform_device_count=(\d+)")


def devices(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.devices()``; how many of another kind than the program counts there are is not known."""
    count = UNKNOWN_DIM if args or kwargs else interp.program.settings.device_count or UNKNOWN_DIM
    return Devices(Shape((count,)))


def device_count(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.device_count()``."""
    return UNKNOWN if args or kwargs else interp.program.settings.device_count or UNKNOWN


def numpy_array(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``np.array(jax.devices())``, ``np.array([one, other])``."""
    if not args and "object" not in kwargs:
        report_misfit(interp, "numpy.array", args, kwargs, "it lacks an object", node)
        return UNKNOWN
    made = _stacked(args[0]) if args else UNKNOWN
    if isinstance(made, Devices):
        return made
    return call_library(interp, "numpy.array", args, kwargs, node)


def _stacked(value: Value) -> Value:
    """Devices, or a list of equally many, as one array."""
    if isinstance(value, Devices) or not isinstance(value, (list, tuple)) or not value:
        return value
    rows = {_stacked(item) if isinstance(item, (list, tuple, Devices)) else UNKNOWN for item in value}
    row = rows.pop()
    return Devices(Shape((len(value), *row.shape.dims))) if isinstance(row, Devices) and not rows else UNKNOWN


def rearranged(path: str) -> Callable[[Any, Args, Kwargs, cst.CSTNode], Value]:
    """``np.transpose(devices)``, ``np.expand_dims(devices, 1)``."""

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        if args and isinstance(args[0], Devices):
            function = getattr(import_module("numpy"), path.removeprefix("numpy."))
            return args[0].through(lambda devices: function(devices, *args[1:], **kwargs))
        return call_library(interp, path, args, kwargs, node)

    return call


REARRANGING = {
    path: rearranged(path)
    for path in (
        "numpy.expand_dims",
        "numpy.flip",
        "numpy.moveaxis",
        "numpy.ravel",
        "numpy.roll",
        "numpy.squeeze",
        "numpy.swapaxes",
        "numpy.transpose",
    )
}
"""Calls that give the devices of an array another order or another shape, by path."""


def numpy_reshape(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``np.reshape(jax.devices(), (4, 2))``."""
    if len(args) == 2 and isinstance(args[0], Devices):
        return _reshaped(args[0], args[1:])
    return call_library(interp, "numpy.reshape", args, kwargs, node)


def call_method_of_devices(given: Devices, name: str, args: Args) -> Value:
    """``np.array(jax.devices()).reshape(4, 2)``."""
    if name in ("transpose", "swapaxes", "squeeze"):
        return given.through(lambda devices: getattr(devices, name)(*args))
    if name == "reshape":
        return _reshaped(given, args)
    if name in ("flatten", "ravel"):
        return Devices(Shape((UNKNOWN_DIM if given.count is None else given.count,)))
    return given if name == "copy" else UNKNOWN


def _reshaped(given: Devices, args: Args) -> Value:
    """A size of -1 is what remains of a known number."""
    sizes = _sizes(args[0] if len(args) == 1 else args)
    if sizes is None or sizes.count(-1) > 1:
        return UNKNOWN
    total, known = given.count, [size for size in sizes if isinstance(size, int) and size >= 0]
    is_known = total is not None and len(known) >= len(sizes) - 1 and prod(known) > 0
    rest = total // prod(known) if is_known and total is not None else UNKNOWN_DIM
    return Devices(Shape(tuple(rest if size == -1 else size for size in sizes)))


def device_mesh(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``mesh_utils.create_device_mesh((4, 2))``."""
    sizes = _sizes(args[0] if args else kwargs.get("mesh_shape"))
    return UNKNOWN if sizes is None else Devices(Shape(sizes))


def mesh(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``mesh(devices, names)``, ``Mesh(devices, names)``."""
    given = {**dict(zip(("devices", "axis_names"), args, strict=False)), **kwargs}
    if "devices" in given and "axis_names" not in given:
        report_misfit(interp, "mesh", args, kwargs, "it lacks 'axis_names'", node)
        return UNKNOWN
    made, names = given.get("devices"), given.get("axis_names")
    names = (names,) if isinstance(names, str) else names
    if not isinstance(names, (tuple, list)) or UNKNOWN in names:
        return UNKNOWN
    shape = made.shape if isinstance(made, Devices) else Shape((UNKNOWN_DIM,) * len(names))
    if shape.rank not in (None, len(names)):
        _report_names(interp, "mesh", shape.rank, names, node)
        return UNKNOWN
    return _mesh_of(tuple(names), shape.dims or (UNKNOWN_DIM,) * len(names))


def _report_names(interp: Interpreter, function: str, rank: int | None, names: Value, node: cst.CSTNode) -> None:
    reason = f"there are {len(names)} names for {rank} axes"
    interp.report(InvalidOperation(f"{function} named {{}}", (repr(tuple(names)),), reason), node)


def make_mesh(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.make_mesh((4, 2), ('x', 'y'))``."""
    given = {**dict(zip(("axis_shapes", "axis_names"), args, strict=False)), **kwargs}
    sizes, names = _sizes(given.get("axis_shapes")), given.get("axis_names")
    if not isinstance(names, (tuple, list)) or UNKNOWN in names:
        return UNKNOWN
    if sizes is not None and len(names) != len(sizes):
        _report_names(interp, "jax.make_mesh", len(sizes), names, node)
        return UNKNOWN
    return _mesh_of(tuple(names), sizes or (UNKNOWN_DIM,) * len(names))


def set_mesh(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``jax.set_mesh(mesh)``: a context manager, or, as a statement, a change for all that follows."""
    given = [*args, *kwargs.values()]
    return MeshOfProgram(given[0]) if len(given) == 1 else UNKNOWN


def serial_loop(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``serial_loop("steps", 4)``."""
    given = {**dict(zip(("name", "length"), args, strict=False)), **kwargs}
    name, length = given.get("name", UNKNOWN), given.get("length", UNKNOWN)
    return UNKNOWN if name is UNKNOWN else LoopValue(name, length if isinstance(length, int) else None)


def anonymous_loop(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``SerialLoop(4)``."""
    given = [*args, *kwargs.values()]
    return SerialLoop(given[0]) if len(given) == 1 and isinstance(given[0], int) else UNKNOWN


def inside(context: Context, manager: Value) -> Context:
    """What a context manager changes: a mesh or a loop brings resources, an unknown one may bring any.

    One of the program may catch what is raised in its block, too.
    """
    if manager in EXPECTS_ERRORS:
        return replace(context, errors_are_handled=True)
    if isinstance(manager, MeshOfProgram):
        manager = manager.mesh
    scope = context.resources_in_scope
    if isinstance(manager, MeshValue):
        return context if scope is None else replace(context, resources_in_scope={**scope, **manager.resources})
    if isinstance(manager, LoopValue):
        within = None if scope is None else {**scope, manager.name: manager.length}
        return replace(context, resources_in_scope=within, loops_in_scope=context.loops_in_scope | {manager.name})
    if class_of(manager) is not None:
        return replace(context, resources_in_scope=None, errors_are_handled=True)
    return context if manager is None else replace(context, resources_in_scope=None)


def set_for_all_that_follows(interp: Interpreter, value: MeshOfProgram) -> None:
    """``jax.set_mesh(mesh)`` as a statement."""
    interp.home.bind(_MESH_OF_PROGRAM, value.mesh)


def adopt_mesh(interp: Interpreter, module: Scope) -> None:
    """A module is imported that may have set a mesh."""
    if _MESH_OF_PROGRAM in module.bindings:
        interp.home.bind(_MESH_OF_PROGRAM, module.bindings[_MESH_OF_PROGRAM])


def resources_in_scope(interp: Interpreter) -> Mapping[Resource, int | None] | None:
    """The resources that a call may use; None where they are not known."""
    scope = interp.context.resources_in_scope
    bound = interp.home.lookup(_MESH_OF_PROGRAM)
    if scope is None or bound is None:
        return scope
    return {**bound[0].resources, **scope} if isinstance(bound[0], MeshValue) else None


def read_variable(interp: Interpreter, name: Value, value: Value) -> None:
    """``os.environ["XLA_FLAGS"] = value``: how many devices the host is to have."""
    if name != "XLA_FLAGS":
        return
    flag = _DEVICE_FLAG.search(value) if isinstance(value, str) else None
    set_device_count(interp, int(flag[1]) if flag else None)


def set_default_variable(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``os.environ.setdefault("XLA_FLAGS", value)``: as the program has it where nobody says otherwise."""
    if len(args) == 2 and interp.program.settings.device_count is None:
        read_variable(interp, *args)
    return UNKNOWN


def set_device_count(interp: Interpreter, count: int | None) -> None:
    interp.program.settings = replace(interp.program.settings, device_count=count)


def _mesh_of(names: tuple[Resource, ...], dims: tuple[Dim, ...]) -> MeshValue:
    sizes = [dim if isinstance(dim, int) else None for dim in dims]
    return MeshValue(dict(zip(names, sizes, strict=True)))


def _sizes(value: Value) -> tuple[Dim, ...] | None:
    """The sizes of a shape, None if there is none; one that is no number is unknown."""
    if isinstance(value, int):
        return (value,)
    if not isinstance(value, (tuple, list)):
        return None
    return tuple(size if isinstance(size, int) else UNKNOWN_DIM for size in value)
