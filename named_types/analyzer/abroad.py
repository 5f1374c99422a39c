"""Calls from the file that is being checked into other modules: what they may cost, and where their faults are told.

A fault found in another module is told at its own line where that module is checked too. Where it is not, it is
told at the call that led there, for this is where the user looks; what is wrong with the module whoever calls it is
then left to those who check it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from named_types.analyzer.values import UNKNOWN, Value
from named_types.diagnostics.diagnostic import Diagnostic, Related
from named_types.problems import DuplicateAxisName, InvalidAnnotation, RemovedApi

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter
    from named_types.analyzer.modules import Source

MOST_STEPS_ABROAD = 150_000
"""How many steps the calls into other modules may take in all, so that the file itself is checked to its end."""

_OF_THE_TEXT = (DuplicateAxisName, InvalidAnnotation, RemovedApi)
"""Problems that a module has whoever calls it."""


class OutOfSteps(BaseException):
    """The steps for calls into other modules are spent. It passes by whoever handles the failures of a program."""


def call_into(interp: Interpreter, source: Source, node: cst.CSTNode, interpret: Callable[[], Value]) -> Value:
    """Interpret code of ``source``, called at ``node``."""
    is_home = source is interp.source
    if is_home is not interp.is_abroad:
        return interpret()
    context = interp.context if is_home else replace(interp.context, call_site=node)
    interp.is_abroad = not is_home
    try:
        with interp.within(context):
            return interpret()
    except OutOfSteps:
        if is_home:
            raise
        return UNKNOWN
    finally:
        interp.is_abroad = is_home


def as_told(interp: Interpreter, diagnostic: Diagnostic) -> Diagnostic | None:
    """A diagnostic as it is told in one of the files being checked, with the call that led to it; None if in none."""
    path, site = diagnostic.place.path, interp.context.call_site
    if path == interp.source.path:
        return diagnostic
    call = None if site is None else interp.positions.place(site)
    if interp.program.is_checked(path):
        led_here = () if call is None else (Related(call, "called from here"),)
        return replace(diagnostic, related=(*diagnostic.related, *led_here))
    if call is None or isinstance(diagnostic.problem, _OF_THE_TEXT) or interp.program.silences(diagnostic):
        return None
    message = "arises here" if diagnostic.label is None else f"arises here: {diagnostic.label}"
    return replace(
        diagnostic, place=call, label=None, related=(Related(diagnostic.place, message), *diagnostic.related)
    )
