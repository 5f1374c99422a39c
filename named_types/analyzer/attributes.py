"""``value.name``: attributes and methods of what is no library."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import libcst as cst

from named_types.algebra import UnknownDim
from named_types.analyzer.class_values import Class, Instance, Property, Record, Super, class_of
from named_types.analyzer.instances import class_attribute, instance_attribute, super_attribute, value_attribute
from named_types.analyzer.misfits import report_no_attribute
from named_types.analyzer.modules import ProgramModule
from named_types.analyzer.operations import call_library
from named_types.analyzer.pytrees import structure_attribute
from named_types.analyzer.values import (
    UNKNOWN,
    AbstractArray,
    CustomDerivative,
    Devices,
    IndexedUpdate,
    MeshValue,
    Method,
    Number,
    RepeatedMapping,
    Value,
)
from named_types.semantics import library
from named_types.semantics.pytrees import is_structure

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


_WITH_METHODS = (list, dict, set, tuple, str, int, float, IndexedUpdate, CustomDerivative, RepeatedMapping)


def attribute(interp: Interpreter, value: Value, name: str, node: cst.CSTNode) -> Value:
    """The attribute, or a `Method` that waits to be called; UNKNOWN for what has none that we know."""
    if isinstance(value, AbstractArray):
        return _of_array(interp, value, name, node)
    if isinstance(value, (tuple, enum.Enum)) and class_of(value) is not None:
        return value_attribute(interp, value, name, node)
    if isinstance(value, ProgramModule):
        return interp.program.member(value, name)
    if isinstance(value, (Instance, Record)):
        return instance_attribute(interp, value, name, node)
    if isinstance(value, Class):
        return class_attribute(interp, value, name)
    if isinstance(value, Super):
        return super_attribute(interp, value, name)
    if isinstance(value, Property):
        return Method(value, name)
    if isinstance(value, Devices):
        if value.shape.rank == 0:
            return UNKNOWN
        if name == "T":
            return value.through(lambda devices: devices.T)
        count = UNKNOWN if value.count is None else value.count
        return {"ndim": value.shape.rank, "shape": _sizes(value), "size": count}.get(name, Method(value, name))
    if isinstance(value, tuple) and name in getattr(value, "_fields", ()):
        return getattr(value, name)
    if isinstance(value, _WITH_METHODS):
        return Method(value, name)
    if is_structure(value):
        return structure_attribute(value, name)
    if isinstance(value, MeshValue) and name == "shape":
        return dict(value.resources) if None not in value.resources.values() else UNKNOWN
    return UNKNOWN


def _of_array(interp: Interpreter, array: AbstractArray, name: str, node: cst.CSTNode) -> Value:
    shape = array.type.shape
    if name == "at" and array.library == "jax":
        return IndexedUpdate(array)
    if name == "ndim" and shape.rank is not None:
        return shape.rank
    if name == "shape" and shape.rank is not None:
        return tuple(Number(int) if isinstance(dim, UnknownDim) else dim for dim in shape.dims)
    if name in library.ATTRIBUTES:
        prefix = library.ARRAY if array.library == "jax" else "numpy.ndarray"
        return call_library(interp, f"{prefix}.{name}", [array], {}, node)
    if array.library == "jax" and not library.is_attribute_of_arrays(name):
        report_no_attribute(interp, array, name, node)
        return UNKNOWN
    return Method(array, name)


def _sizes(devices: Devices) -> Value:
    if devices.shape.rank is None:
        return UNKNOWN
    return tuple(UNKNOWN if isinstance(dim, UnknownDim) else dim for dim in devices.shape.dims)
