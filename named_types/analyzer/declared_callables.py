"""Calls of functions of which only the annotation is known: ``f: Callable[[f32[('n',)]], f32[()]]``.

They are lifted over the named axes that arguments have beyond the annotation, as functions of the program are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from named_types.algebra import AxisName
from named_types.analyzer.annotations import hold, refine
from named_types.analyzer.conflicts import argument_node
from named_types.analyzer.context import Frame
from named_types.analyzer.values import UNKNOWN, Args, DeclaredCallable, Kwargs, Value, sampled
from named_types.problems import IncompatibleArgument
from named_types.semantics.forms import Form, declared_arrays
from named_types.semantics.lifting import Lifting, Signature, extra_axes

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def call_declared(
    interp: Interpreter, callee: DeclaredCallable, args: Args, kwargs: Kwargs, node: cst.CSTNode
) -> Value:
    """The declared result; the arguments are held against the annotation."""
    interp.escape([*args, *kwargs.values()])
    parameters = callee.form.parameters
    if parameters is None or kwargs or len(args) != len(parameters):
        return UNKNOWN
    pairs = list(zip(parameters, args, strict=True))
    arguments = [pair for form, arg in pairs for pair in declared_arrays(form, sampled(arg))]
    mentioned = Signature({str(index): form for index, form in enumerate(parameters)}, callee.form.result).axes
    lifted = frozenset[AxisName]().union(*(extra_axes(*pair, mentioned) for pair in arguments))
    caller, interp.frame = interp.frame, Frame(interp.frame.scope, lifting=Lifting(axes=lifted))
    try:
        for index, (form, arg) in enumerate(pairs):
            _hold_argument(interp, form, arg, index, node)
        return refine(interp, callee.form.result, UNKNOWN)
    finally:
        interp.frame = caller


def _hold_argument(interp: Interpreter, form: Form, value: Value, index: int, node: cst.CSTNode) -> None:
    function = interp.text_of(node.func if isinstance(node, cst.Call) else node)
    place = argument_node(node, "", index)
    hold(interp, form, value, lambda wrong: IncompatibleArgument(*wrong, str(index + 1), function), place)
