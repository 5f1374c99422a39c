"""mypy's messages in the notation: ``Array[tuple[...], ...]`` reads ``f32[(2, 5)]``.

A message is rewritten when mypy records it, so that what is cached, printed as JSON or shown by
``reveal_type`` reads the same. The printed type is Python syntax: it is parsed as such, made an `ArrayType`
again, and printed by it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from mypy.errors import ErrorInfo, Errors, ErrorWatcher

from named_types.algebra import ANY_SHAPE, UNKNOWN_ARRAY, UNKNOWN_DIM, ArrayType, Dim, NamedShape, Shape
from named_types.algebra.dim import variable
from named_types.mypy_plugin.encoding import VARIABLE_PREFIX, dim_of_expression, element_type_of_lineage
from named_types.mypy_plugin.guard import attempted

_ARRAY = re.compile(r"(?<![\w.])(?:jax\._src\.basearray\.)?Array\[")
_VARIABLE = re.compile(rf"\b{VARIABLE_PREFIX}(\w+)")
_UNION = re.compile(r"\"(?:(?:\w+\[[^|\"]*\]|Array|Any) \| )+(?:\w+\[[^|\"]*\]|Array|Any)\"")
_ID_OF_VARIABLE = re.compile(rf"({VARIABLE_PREFIX}\w+)`-?\d+")


def rewrite_messages(errors: Errors, drop: Callable[[str, ErrorInfo, bool], bool]) -> None:
    """From now on, rewrite what ``errors`` records.

    ``drop`` is asked, of a message in a file and of whether it was rewritten, if it is to be left out.
    Calling it again has no effect, unless mypy has reset ``errors`` since.
    """

    @attempted
    def rewrite(file: str, info: ErrorInfo) -> bool:
        message = in_notation(info.message)
        is_rewritten = message != info.message
        info.message = message
        return drop(file, info, is_rewritten)

    known = next((watcher for owner, watcher in _installed if owner is errors), None)
    if known is None:
        known = ErrorWatcher(
            errors, filter_errors=lambda file, info: rewrite(file, info) or False, filter_deprecated=True
        )
        _installed.append((errors, known))
    if known not in errors._watchers:
        errors._watchers.insert(0, known)


_installed: list[tuple[Errors, ErrorWatcher]] = []


def in_notation(message: str) -> str:
    """A message of mypy's with the array types in it printed in the notation."""
    if "Array[" not in message and VARIABLE_PREFIX not in message:
        return message
    written, position = [], 0
    for match in _ARRAY.finditer(message):
        end = _closing_bracket(message, match.end())
        if match.start() < position or end is None:
            continue
        printed = _print(message[match.start() : end])
        if printed is not None:
            written += [message[position : match.start()], printed]
            position = end
    written.append(message[position:])
    return _VARIABLE.sub(r"\1", "".join(written))


def mentions_array_union(message: str) -> bool:
    """Whether a message in the notation is about a value that is one of several arrays, or anything."""
    return _UNION.search(message) is not None


def _closing_bracket(text: str, start: int) -> int | None:
    """The position after the bracket that closes the one before ``start``; brackets in strings do not count."""
    depth, quote, position = 1, "", start
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "'\"" and text[position - 1] in "[( ":
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None


def _print(text: str) -> str | None:
    """The array type in mypy's words, in the notation's; None if it is something else."""
    try:
        node = ast.parse(_ID_OF_VARIABLE.sub(r"\1", text), mode="eval").body
    except SyntaxError:
        return None
    args = _args(node)
    if len(args) != 4:
        return None
    element_type, shape, named_shape, _ = args
    lineage = [name if isinstance(name := _literal(item), str) else None for item in _items(element_type) or ()]
    array = ArrayType(element_type_of_lineage(lineage), _read_shape(shape), _read_named_shape(named_shape))
    return "Array" if array == UNKNOWN_ARRAY else str(array)


def _read_shape(node: ast.expr) -> Shape:
    items = _items(node)
    if items is None:
        return ANY_SHAPE
    any_leading = bool(items) and (isinstance(items[0], ast.Starred) or _name(items[0]) == "Unpack")
    return Shape(tuple(_read_dim(item) for item in items[any_leading:]), any_leading)


def _read_named_shape(node: ast.expr) -> NamedShape | None:
    items = _items(node)
    if items is None:
        return None
    pairs = [_items(item) or [] for item in items]
    if any(len(pair) != 2 or _literal(pair[0]) is None for pair in pairs):
        return None
    return NamedShape([(_literal(name), _read_dim(size)) for name, size in pairs])


def _read_dim(node: ast.expr) -> Dim:
    value = _literal(node)
    if isinstance(value, int):
        return value
    name = _name(node)
    if name == "Dim":
        return _read_dim(_args(node)[0])
    if name == "DimExpression":
        text, variables = _args(node)
        return dim_of_expression(str(_literal(text)), [_read_dim(item) for item in _items(variables) or ()])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):  # n@f: the variable n of the function f
        node = node.left
    if isinstance(node, ast.Name) and node.id.startswith(VARIABLE_PREFIX):
        return variable(node.id.removeprefix(VARIABLE_PREFIX))
    return UNKNOWN_DIM


def _name(node: ast.expr) -> str | None:
    """``Dim`` of ``Dim[...]`` and of ``named_types.mypy_types.Dim[...]``."""
    value = node.value if isinstance(node, ast.Subscript) else None
    return value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else None


def _args(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.Subscript):
        return []
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _items(node: ast.expr) -> list[ast.expr] | None:
    """The items of a tuple type of fixed length."""
    if _name(node) != "tuple":
        return None
    items = _args(node)
    is_homogeneous = len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is ...
    return None if is_homogeneous else items


def _literal(node: ast.expr) -> str | int | None:
    """The value of ``Literal['b']``, or as mypy prints an inferred one, ``Literal['b']?``."""
    if _name(node) == "Literal" and isinstance(value := _args(node)[0], ast.Constant):
        return value.value if isinstance(value.value, (str, int)) else None
    return None
