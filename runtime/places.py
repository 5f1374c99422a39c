"""Where in the user's program something happens, for the messages of problems.

Frames of JAX and of the runtime itself are left out.
"""

from __future__ import annotations

import dis
import inspect
import os
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from types import FrameType, TracebackType
from typing import Any, NoReturn, cast

import jax
from jax.core import ShapedArray
from jax.extend import source_info_util
from jax.extend.core import JaxprEqn

from named_types.problems import InvalidOperation, NamedAxisError, Problem
from named_types.semantics.avals import array_of_aval

_RUNTIME = os.path.dirname(__file__) + os.sep
_AROUND_CALLS = os.path.join(_RUNTIME, "objections.py")
_LIBRARIES = (_RUNTIME, os.path.dirname(jax.__file__) + os.sep)

source_info_util.register_exclusion(_RUNTIME)


def reject(problem: Problem, place: str | None, origin: str | None = None) -> NoReturn:
    """Raise a problem."""
    raise NamedAxisError(problem, place, origin)


def refuse(eqn: JaxprEqn, reason: str) -> NoReturn:
    """Raise that an equation cannot be run."""
    operands = tuple(str(array_of_aval(cast(ShapedArray, atom.aval))) for atom in eqn.invars)
    reject(InvalidOperation(eqn.primitive.name, operands, reason), place_of(eqn))


def place_of(eqn: JaxprEqn) -> str:
    """The user's line that an equation comes from."""
    return source_info_util.summarize(eqn.source_info)


def place_of_caller() -> str | None:
    """The user's line that is running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not _is_user_code(frame):
        frame = frame.f_back
    return None if frame is None else _describe(frame, frame.f_lineno, frame.f_lasti)


def place_of_error(error: BaseException) -> str | None:
    """The user's innermost line on the way to where ``error`` was raised."""
    place = None
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        if _is_user_code(traceback.tb_frame):
            place = _describe(traceback.tb_frame, traceback.tb_lineno, traceback.tb_lasti)
        traceback = traceback.tb_next
    return place


def assertion_of_jax(error: AssertionError) -> str | None:
    """The function that the user called where JAX failed an assertion of its own; None if it is the user's."""
    called, traceback = None, error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename != _AROUND_CALLS:
            called = None if _is_user_code(frame) else called or frame.f_code.co_name
        traceback = traceback.tb_next
    return called


def place_of_return(function: Callable[..., Any]) -> str | None:
    """The only line where a function returns anything; its first line where there are several."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    lines = {
        instruction.positions.lineno
        for before, instruction in pairwise(dis.get_instructions(code))
        if instruction.opname == "RETURN_VALUE"
        and instruction.positions is not None
        and (before.opname, before.argval) != ("LOAD_CONST", None)
    }
    line = lines.pop() if len(lines) == 1 else code.co_firstlineno
    return f"{code.co_filename}:{line} ({code.co_qualname})"


def _is_user_code(frame: FrameType) -> bool:
    return not frame.f_code.co_filename.startswith(_LIBRARIES)


def _describe(frame: FrameType, line: int, instruction: int) -> str:
    """In the way of JAX: ``train.py:14:8 (loss)``."""
    code = frame.f_code
    _, _, column, _ = list(code.co_positions())[instruction // 2]
    return f"{code.co_filename}:{line}{'' if column is None else f':{column}'} ({code.co_qualname})"
