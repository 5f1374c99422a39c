"""The third judge: the runtime, which runs a program statement by statement.

A statement that raises does not keep the next ones from running, so a program may hold several errors.
A function that nothing calls, but whose annotations say what it takes, is called with arrays of these types.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from literate.jax_settings import settings_left_alone
from literate.mapped_functions import lines_that_xmap_sees
from literate.programs import REVEALED, Finding, Program

from named_types import ArrayType, NotationError
from named_types.algebra import Shape, element_type_of
from named_types.notation import parse
from named_types.problems import CATALOGUE, NamedAxisError
from named_types.runtime import named_shape, xmap
from named_types.semantics.avals import dtype_of

NOT_CHECKED_BY_PYTHON = {"duplicate-axis-name", "incompatible-assignment"}
"""Python runs on: it keeps the last of two equal keys, and holds no variable against its annotation."""

CHECKED_BY_XMAP = {"incompatible-argument", "incompatible-return"}
"""Python itself holds no value against the annotations of a function."""

SEEN_AS = {"letterwise-axis": "unbound-axis-name"}
"""What JAX makes of a string that it reads letter by letter."""

AT_THE_CALL = {"axis-mapping-structure", "axis-size-conflict", "leaked-named-axis", "rank-mismatch"}
"""Problems that the analyzer shows where the axis mapping is written and the runtime where it is used."""

_REMOVED = (ImportError, AttributeError)
_REJECTED_BY_JAX = (TypeError, ValueError, IndexError, NotImplementedError)


def expected(program: Program) -> frozenset[Finding]:
    """What the expectations of a program come to when it runs."""
    return frozenset(_as_seen(finding) for finding in program.expected if not _is_ignored(finding, program))


def _is_ignored(finding: Finding, program: Program) -> bool:
    """Whether Python runs on."""
    if finding.code == "invalid-annotation":
        return finding.line in _lines_of_unevaluated_annotations(program.source)
    if finding.code in CHECKED_BY_XMAP:
        tree = ast.parse(program.source)
        return finding.line not in lines_that_xmap_sees(tree, _called_by_annotations(tree))[finding.code]
    return finding.code in NOT_CHECKED_BY_PYTHON or _is_a_warning(finding.code)


def _is_a_warning(code: str) -> bool:
    return code in CATALOGUE and CATALOGUE[code].severity == "warning"


def _as_seen(finding: Finding) -> Finding:
    code = SEEN_AS.get(finding.code, finding.code)
    return Finding(0 if code in AT_THE_CALL else finding.line, code, finding.type)


def judge(program: Program) -> dict[Finding, str]:
    """What happens when a program runs: each error with its message, and the types that are revealed."""
    with settings_left_alone():
        return _Run(program).findings()


class _Run:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.path = f"/literate/{program.module}.py"
        self.source = program.source
        self.found: dict[Finding, str] = {}
        self.namespace: dict[str, Any] = {"__name__": "__main__", "reveal_type": self._reveal}

    def findings(self) -> dict[Finding, str]:
        linecache.cache[self.path] = (len(self.source), None, self.source.splitlines(keepends=True), self.path)
        try:
            tree = ast.parse(self.source, self.path)
        except SyntaxError as error:
            return {Finding(error.lineno or 1, "syntax-error"): str(error)}
        for statement in tree.body:
            code = compile(ast.Module([statement], []), self.path, "exec", dont_inherit=True)
            self._attempt(partial(exec, code, self.namespace), self._passes_on_what_is_wrong(statement))
        for definition in _called_by_annotations(tree):
            function = self.namespace.get(definition.name)
            if callable(function):
                self._attempt(partial(_call_by_annotations, function), self._passes_on_what_is_wrong(definition))
        return self.found

    def _passes_on_what_is_wrong(self, statement: ast.stmt) -> bool:
        """Whether Python ignores what an annotation excludes: what comes of that is anybody's guess."""
        lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        return any(one.line in lines and _is_ignored(one, self.program) for one in self.program.expected)

    def _attempt(self, action: Callable[[], object], may_fail: bool = False) -> None:
        try:
            action()
        except Exception as error:
            if may_fail:
                return
            code = _code_of(error)
            line = 0 if code in AT_THE_CALL else self._line_of(error)
            self.found[Finding(line, code)] = str(error)

    def _line_of(self, error: Exception) -> int:
        """The line the error names, else the innermost line of the program on the way to it."""
        if isinstance(error, NamedAxisError) and error.place is not None:
            named = re.match(rf"{re.escape(self.path)}:(\d+)", error.place)
            return int(named[1]) if named else -1
        line, traceback = -1, error.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == self.path:
                line = traceback.tb_lineno
            traceback = traceback.tb_next
        return line

    def _reveal(self, value: Any) -> Any:
        """`reveal_type`, which answers with the type the value really has."""
        revealed = _type_of(value)
        if revealed is not None:
            self.found[Finding(sys._getframe(1).f_lineno, REVEALED, revealed)] = ""
        return value


def _code_of(error: Exception) -> str:
    match error:
        case NamedAxisError():
            return error.problem.code
        case NotationError():
            return "invalid-annotation"
        case NameError() if "unbound axis name" in str(error):
            return "unbound-axis-name"
        case AttributeError(obj=jax.Array()):
            return "invalid-operation"
        case _ if isinstance(error, _REMOVED):
            return "removed-api"
        case _ if isinstance(error, _REJECTED_BY_JAX):
            return "invalid-operation"
    return type(error).__name__


def _type_of(value: Any) -> str | None:
    """The type of an array, or of a tuple of arrays, in the notation; None of all else."""
    if isinstance(value, tuple):
        items = [_type_of(item) for item in value]
        return None if None in items else f"tuple[{', '.join(map(str, items))}]"
    if not isinstance(value, (jax.Array, np.ndarray, np.generic)):
        return None
    return str(ArrayType(element_type_of(str(value.dtype)), Shape(value.shape), named_shape(value)))


def _lines_of_unevaluated_annotations(source: str) -> Iterator[int]:
    """Lines of annotations that Python never evaluates: those of local variables, and those in quotes."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from (inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.AnnAssign))
        annotation = getattr(node, "annotation", None)
        if isinstance(annotation, ast.Constant):
            yield annotation.lineno


def _called_by_annotations(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions that nothing calls, and whose parameters and result are declared to be arrays of known sizes."""
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name not in mentioned]
    return [node for node in functions if _has_array_types(node)]


def _has_array_types(function: ast.FunctionDef) -> bool:
    arguments = function.args
    if arguments.vararg or arguments.kwarg:
        return False
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return all(_is_of_known_sizes(one) for one in [*(one.annotation for one in parameters), function.returns])


def _is_of_known_sizes(annotation: ast.expr | None) -> bool:
    try:
        declared = parse("" if annotation is None else ast.unparse(annotation))
    except NotationError:
        return False
    named_shape, shape = declared.named_shape, declared.shape
    if named_shape is None or shape.rank is None:
        return False
    return all(isinstance(dim, int) for dim in (*shape.dims, *named_shape.values()))


def _call_by_annotations(function: Callable[..., Any]) -> Any:
    *parameters, result = function.__annotations__.values()
    in_axes = tuple([*parameter.named_shape, ...] for parameter in parameters)
    arguments = [
        jnp.ones((*parameter.named_shape.values(), *parameter.shape.dims), dtype_of(parameter.element_type))
        for parameter in parameters
    ]
    return xmap(function, in_axes, [*result.named_shape, ...])(*arguments)


assert SEEN_AS.keys() | NOT_CHECKED_BY_PYTHON | CHECKED_BY_XMAP | AT_THE_CALL <= CATALOGUE.keys()
