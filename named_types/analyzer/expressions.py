"""What each kind of expression evaluates to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.annotations import is_type, read_notation, type_expression
from named_types.analyzer.class_values import is_member
from named_types.analyzer.containers import has_width
from named_types.analyzer.dunders import call_special, special_method
from named_types.analyzer.items import item
from named_types.analyzer.joins import join
from named_types.analyzer.narrowing import narrowing
from named_types.analyzer.operations import (
    apply_operator,
    apply_unary,
    elements,
    is_settled,
    item_of,
    iterated,
    truth,
    truth_of,
)
from named_types.analyzer.python_builtins import BUILTINS
from named_types.analyzer.scopes import Scope
from named_types.analyzer.signatures import define
from named_types.analyzer.targets import assign
from named_types.analyzer.values import (
    UNKNOWN,
    Awaitable,
    Library,
    TypeExpression,
    Value,
    is_forgotten,
)
from named_types.notation import ArrayNotation

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def _name(interp: Interpreter, node: cst.Name) -> Value:
    if node.value in _CONSTANTS:
        return _CONSTANTS[node.value]
    bound = interp.frame.scope.lookup(node.value)
    if bound is not None:
        return bound[0]
    return Library(f"builtins.{node.value}") if node.value in BUILTINS else UNKNOWN


_CONSTANTS = {"True": True, "False": False, "None": None}


def _literal(interp: Interpreter, node: cst.Integer | cst.Float | cst.Imaginary | cst.SimpleString) -> Value:
    return _value_of(node.value)


@lru_cache(maxsize=4096)
def _value_of(literal: str) -> Value:
    """Literals are few, and Python's compiler takes its time to tell what they are."""
    return ast.literal_eval(literal)


def _concatenated(interp: Interpreter, node: cst.ConcatenatedString) -> Value:
    value = node.evaluated_value
    return UNKNOWN if value is None else value


def _tuple(interp: Interpreter, node: cst.Tuple) -> Value:
    items = _items(interp, node.elements)
    return UNKNOWN if items is None else tuple(items)


def _list(interp: Interpreter, node: cst.List) -> Value:
    items = _items(interp, node.elements)
    return UNKNOWN if items is None else items


def _items(interp: Interpreter, nodes: Any) -> list[Value] | None:
    """The elements of a display, stars spread; None if one is not known."""
    items: list[Value] = []
    for node in nodes:
        value = interp.evaluate(node.value)
        if not isinstance(node, cst.StarredElement):
            items.append(value)
            continue
        spread = elements(interp, value)
        if spread is None:
            return None
        items += spread
    return items


def _dict(interp: Interpreter, node: cst.Dict) -> Value:
    result: dict[Value, Value] = {}
    for element in node.elements:
        value = interp.evaluate(element.value)
        if isinstance(element, cst.StarredDictElement):
            if type(value) is not dict or is_forgotten(value):
                return UNKNOWN
            result.update(value)
        elif isinstance(element, cst.DictElement):
            key = interp.evaluate(element.key)
            if key is UNKNOWN:
                return UNKNOWN
            result[key] = value
    return result


def _attribute(interp: Interpreter, node: cst.Attribute) -> Value:
    return interp.attribute(interp.evaluate(node.value), node.attr.value, node)


def _subscript(interp: Interpreter, node: cst.Subscript) -> Value:
    value = interp.evaluate(node.value)
    if isinstance(value, ArrayNotation):
        return read_notation(interp, value, node)
    indices = [_index(interp, element.slice) for element in node.slice]
    index: Value = indices[0] if len(indices) == 1 and not _has_trailing_comma(node) else tuple(indices)
    return type_expression(interp, value, node) or item(interp, value, index, node)


def _has_trailing_comma(node: cst.Subscript) -> bool:
    return isinstance(node.slice[-1].comma, cst.Comma)


def _index(interp: Interpreter, node: cst.BaseSlice) -> Value:
    if isinstance(node, cst.Index):
        return interp.evaluate(node.value)
    if isinstance(node, cst.Slice):
        bounds = (node.lower, node.upper, node.step)
        return slice(*(None if bound is None else interp.evaluate(bound) for bound in bounds))
    return UNKNOWN


def _binary(interp: Interpreter, node: cst.BinaryOperation) -> Value:
    left, right = interp.evaluate(node.left), interp.evaluate(node.right)
    if isinstance(node.operator, cst.BitOr) and (is_type(left) or is_type(right)):
        return TypeExpression(node, interp.frame.scope)
    return apply_operator(interp, type(node.operator).__name__, left, right, node)


def _unary(interp: Interpreter, node: cst.UnaryOperation) -> Value:
    operand = interp.evaluate(node.expression)
    if isinstance(node.operator, cst.Not):
        known = truth_of(interp, operand, node.expression)
        return UNKNOWN if known is None else not known
    return apply_unary(interp, type(node.operator).__name__, operand, node)


def _comparison(interp: Interpreter, node: cst.Comparison) -> Value:
    left = interp.evaluate(node.left)
    result: Value = True
    for target in node.comparisons:
        right = interp.evaluate(target.comparator)
        result = _compare(interp, target.operator, left, right, node)
        if len(node.comparisons) > 1 and truth(result) is not True:
            return False if truth(result) is False else UNKNOWN
        left = right
    return result


def _compare(interp: Interpreter, operator: cst.BaseCompOp, left: Value, right: Value, node: cst.CSTNode) -> Value:
    if isinstance(operator, (cst.Is, cst.IsNot)):
        if is_member(left) and is_member(right):
            return (left is right) is isinstance(operator, cst.Is)
        if any(one is UNKNOWN or isinstance(one, Library) for one in (left, right)) or None not in (left, right):
            return UNKNOWN
        return (left is right) is isinstance(operator, cst.Is)
    if isinstance(operator, (cst.In, cst.NotIn)):
        if (
            isinstance(right, (tuple, list, dict, str, range))
            and not is_forgotten(right)
            and is_settled(left)
            and is_settled(right if isinstance(right, (str, range)) else list(right))
        ):
            return (left in right) is isinstance(operator, cst.In)
        if special_method(right, "__contains__") is not None:
            known = truth(call_special(interp, right, "__contains__", [left], node))
            return UNKNOWN if known is None else known is isinstance(operator, cst.In)
        return UNKNOWN
    return apply_operator(interp, type(operator).__name__, left, right, node)


def _boolean(interp: Interpreter, node: cst.BooleanOperation) -> Value:
    left = interp.evaluate(node.left)
    known = truth_of(interp, left, node.left)
    if known is not None:
        goes_on = known is isinstance(node.operator, cst.And)
        return interp.evaluate(node.right) if goes_on else left
    narrowed = narrowing(interp, node.left)
    if narrowed is not None:
        return join(left, narrowed.evaluate(interp, node.right, holds=isinstance(node.operator, cst.And)))
    with interp.within(interp.uncertain()):
        return join(left, interp.evaluate(node.right))


def _conditional(interp: Interpreter, node: cst.IfExp) -> Value:
    known = truth_of(interp, interp.evaluate(node.test), node.test)
    if known is not None:
        return interp.evaluate(node.body if known else node.orelse)
    narrowed = narrowing(interp, node.test)
    if narrowed is None:
        with interp.within(interp.uncertain()):
            return join(interp.evaluate(node.body), interp.evaluate(node.orelse))
    if_true = narrowed.evaluate(interp, node.body, holds=True)
    return join(if_true, narrowed.evaluate(interp, node.orelse, holds=False))


def _named(interp: Interpreter, node: cst.NamedExpr) -> Value:
    value = interp.evaluate(node.value)
    if isinstance(node.target, cst.Name):
        interp.frame.scope.bind_by_walrus(node.target.value, value)
    return value


def _lambda(interp: Interpreter, node: cst.Lambda) -> Value:
    return define(interp, "<lambda>", node)


def _call(interp: Interpreter, node: cst.Call) -> Value:
    callee = interp.evaluate(node.func)
    args: list[Value] = []
    kwargs: dict[str, Value] = {}
    are_known = True
    for argument in node.args:
        value = interp.evaluate(argument.value)
        if argument.star == "*":
            spread = elements(interp, value)
            are_known = are_known and spread is not None
            args += spread or []
        elif argument.star == "**":
            is_dict = isinstance(value, dict) and not is_forgotten(value)
            are_known = are_known and is_dict
            kwargs.update(value if is_dict else {})
        elif argument.keyword is not None:
            kwargs[argument.keyword.value] = value
        else:
            args.append(value)
    return interp.call(callee, args, kwargs, node) if are_known else UNKNOWN


def _comprehension(
    interp: Interpreter, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp
) -> list[Value] | None:
    """The items in order; None unless everything that is iterated over and tested is known."""
    outer = interp.frame.scope
    interp.frame.scope = Scope(outer, is_comprehension=True)
    try:
        return _comprehend(interp, node, node.for_in)
    finally:
        interp.frame.scope = outer


_LONGEST_COMPREHENSION = 1024


def _comprehend(interp: Interpreter, node: Any, loop: cst.CompFor) -> list[Value] | None:
    value = interp.evaluate(loop.iter)
    parts = iterated(interp, value, loop.iter)
    is_known = parts is not None and len(parts) <= _LONGEST_COMPREHENSION
    items: list[Value] = []
    for part in parts if parts is not None and is_known else [item_of(interp, value)]:
        assign(interp, loop.target, part)
        kept = [truth_of(interp, interp.evaluate(condition.test), condition.test) for condition in loop.ifs]
        if False in kept:
            continue
        is_known = is_known and None not in kept
        if loop.inner_for_in is not None:
            inner = _comprehend(interp, node, loop.inner_for_in)
            is_known = is_known and inner is not None
            items += inner or []
        elif isinstance(node, cst.DictComp):
            items.append((interp.evaluate(node.key), interp.evaluate(node.value)))
        else:
            items.append(interp.evaluate(node.elt))
    return items if is_known else None


def _list_comprehension(interp: Interpreter, node: cst.ListComp | cst.GeneratorExp) -> Value:
    items = _comprehension(interp, node)
    return UNKNOWN if items is None else items


def _set_comprehension(interp: Interpreter, node: cst.SetComp) -> Value:
    items = _comprehension(interp, node)
    return UNKNOWN if items is None or not is_settled(items) else set(items)


def _dict_comprehension(interp: Interpreter, node: cst.DictComp) -> Value:
    items = _comprehension(interp, node)
    if items is None or not is_settled([key for key, _ in items]):
        return UNKNOWN
    return dict(items)


def _formatted(interp: Interpreter, node: cst.FormattedString) -> Value:
    """An f-string, of parts that are known."""
    texts = [_formatted_part(interp, part) for part in node.parts]
    return UNKNOWN if None in texts else "".join(text for text in texts if text is not None)


def _formatted_part(interp: Interpreter, part: cst.BaseFormattedStringContent) -> str | None:
    if isinstance(part, cst.FormattedStringText):
        return str(ast.literal_eval(f"'{part.value}'")) if "'" not in part.value else None
    if not isinstance(part, cst.FormattedStringExpression):
        return None
    value = interp.evaluate(part.expression)
    specification = [_formatted_part(interp, one) for one in part.format_spec or ()]
    if not isinstance(value, (bool, int, float, str)) or None in specification or part.equal is not None:
        return None
    text = "".join(one for one in specification if one is not None)
    if has_width(text):
        return None
    return format(repr(value) if part.conversion == "r" else value, text)


def _set(interp: Interpreter, node: cst.Set) -> Value:
    items = _items(interp, node.elements)
    return UNKNOWN if items is None or not is_settled(items) else set(items)


def _yield(interp: Interpreter, node: cst.Yield) -> Value:
    """What a generator hands out is noted; what is sent to it is not known."""
    if interp.frame.at_yield is not None and not isinstance(node.value, cst.From):
        interp.frame.at_yield(None if node.value is None else interp.evaluate(node.value))
    elif isinstance(node.value, cst.From):
        interp.frame.hand_out(elements(interp, interp.evaluate(node.value.item)))
    else:
        interp.frame.hand_out([None if node.value is None else interp.evaluate(node.value)])
    return UNKNOWN


def _await(interp: Interpreter, node: cst.Await) -> Value:
    awaited = interp.evaluate(node.expression)
    return awaited.value if isinstance(awaited, Awaitable) else UNKNOWN


EXPRESSIONS: dict[type[cst.CSTNode], Callable[[Any, Any], Value]] = {
    cst.Attribute: _attribute,
    cst.Await: _await,
    cst.BinaryOperation: _binary,
    cst.BooleanOperation: _boolean,
    cst.Call: _call,
    cst.Comparison: _comparison,
    cst.ConcatenatedString: _concatenated,
    cst.Dict: _dict,
    cst.DictComp: _dict_comprehension,
    cst.Ellipsis: lambda interp, node: ...,
    cst.Float: _literal,
    cst.FormattedString: _formatted,
    cst.GeneratorExp: _list_comprehension,
    cst.IfExp: _conditional,
    cst.Imaginary: _literal,
    cst.Integer: _literal,
    cst.Lambda: _lambda,
    cst.List: _list,
    cst.ListComp: _list_comprehension,
    cst.Name: _name,
    cst.NamedExpr: _named,
    cst.Set: _set,
    cst.SetComp: _set_comprehension,
    cst.SimpleString: _literal,
    cst.Subscript: _subscript,
    cst.Tuple: _tuple,
    cst.UnaryOperation: _unary,
    cst.Yield: _yield,
}
