"""The patterns of ``match``: whether a value fits one, and what that binds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.class_values import Class
from named_types.analyzer.operations import are_equal
from named_types.analyzer.syntax import names_in
from named_types.analyzer.targets import assign
from named_types.analyzer.type_tests import is_instance, is_of_class
from named_types.analyzer.values import UNKNOWN, AbstractArray, Value, is_forgotten

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def fits(interp: Interpreter, pattern: cst.MatchPattern, value: Value) -> bool | None:
    """Whether a value fits a pattern, None where that is not known; its names are bound unless it does not."""
    handler = _PATTERNS.get(type(pattern))
    if handler is None:
        _forget(interp, [pattern])
        return None
    return handler(interp, pattern, value)


def _value(interp: Interpreter, pattern: cst.MatchValue, value: Value) -> bool | None:
    return are_equal(value, interp.evaluate(pattern.value))


def _singleton(interp: Interpreter, pattern: cst.MatchSingleton, value: Value) -> bool | None:
    expected = {"None": None, "True": True, "False": False}[pattern.value.value]
    if value is UNKNOWN:
        return None
    return value is expected


def _as(interp: Interpreter, pattern: cst.MatchAs, value: Value) -> bool | None:
    answer = True if pattern.pattern is None else fits(interp, pattern.pattern, value)
    if pattern.name is not None and answer is not False:
        assign(interp, pattern.name, value)
    return answer


def _or(interp: Interpreter, pattern: cst.MatchOr, value: Value) -> bool | None:
    for index, option in enumerate(pattern.patterns):
        answer = fits(interp, option.pattern, value)
        if answer is None:
            _forget(interp, [one.pattern for one in pattern.patterns[index:]])
        if answer is not False:
            return answer
    return False


def _sequence(interp: Interpreter, pattern: cst.MatchList | cst.MatchTuple, value: Value) -> bool | None:
    parts: list[Any] = list(pattern.patterns)
    star = next((index for index, part in enumerate(parts) if isinstance(part, cst.MatchStar)), None)
    if not isinstance(value, (list, tuple)) or is_forgotten(value):
        _forget(interp, parts)
        return None if value is UNKNOWN or isinstance(value, (list, AbstractArray)) else _is_no_sequence(value)
    if len(value) != len(parts) and (star is None or len(value) < len(parts) - 1):
        return False
    if star is None:
        return _all(fits(interp, part.value, item) for part, item in zip(parts, value, strict=True))
    after = len(parts) - star - 1
    name = parts[star].name
    if name is not None:
        assign(interp, name, list(value[star : len(value) - after]))
    pairs = [*zip(parts[:star], value, strict=False), *zip(parts[star + 1 :], value[len(value) - after :], strict=True)]
    return _all(fits(interp, part.value, item) for part, item in pairs)


def _is_no_sequence(value: Value) -> bool | None:
    return False if isinstance(value, (str, bytes, int, float, dict, set)) or value is None else None


def _mapping(interp: Interpreter, pattern: cst.MatchMapping, value: Value) -> bool | None:
    if type(value) is not dict or is_forgotten(value):
        _forget(interp, [pattern])
        return False if isinstance(value, (str, int, float, list, tuple)) or value is None else None
    rest = dict(value)
    answers: list[bool | None] = []
    for element in pattern.elements:
        key = interp.evaluate(element.key)
        if key not in rest:
            return False
        answers.append(fits(interp, element.pattern, rest.pop(key)))
    if pattern.rest is not None:
        assign(interp, pattern.rest, rest)
    return _all(answers)


def _class(interp: Interpreter, pattern: cst.MatchClass, value: Value) -> bool | None:
    """``case int(n)``, with a name for the whole value; ``case Dense(w, units=n)``, with its attributes."""
    cls = interp.evaluate(pattern.cls)
    if isinstance(cls, Class):
        return _attributes(interp, pattern, cls, value)
    answer = is_instance(value, cls)
    if answer is False:
        return False
    _forget(interp, pattern.kwds)
    if len(pattern.patterns) == 1 and not pattern.kwds and answer is True:
        return fits(interp, pattern.patterns[0].value, value)
    _forget(interp, pattern.patterns)
    return answer if not pattern.patterns and not pattern.kwds else None


def _attributes(interp: Interpreter, pattern: cst.MatchClass, cls: Class, value: Value) -> bool | None:
    """A pattern of a class of the program: those by position are for the attributes of its ``__match_args__``."""
    answer = is_of_class(value, cls)
    if answer is False:
        return False
    by_position = cls.match_args
    if by_position is None or len(pattern.patterns) > len(by_position):
        _forget(interp, [*pattern.patterns, *pattern.kwds])
        return None
    parts = [*zip(by_position, (one.value for one in pattern.patterns), strict=False)]
    parts += [(one.key.value, one.pattern) for one in pattern.kwds]
    held = [interp.attribute(value, name, pattern) for name, _ in parts]
    answers = [fits(interp, part, one) for (_, part), one in zip(parts, held, strict=True)]
    return _all([answer, *(None if one is UNKNOWN else fit for fit, one in zip(answers, held, strict=True))])


def _all(answers: Iterable[bool | None]) -> bool | None:
    given = list(answers)
    return False if False in given else None if None in given else True


def _forget(interp: Interpreter, patterns: Iterable[cst.CSTNode]) -> None:
    """Bind the names of patterns to what is not known."""
    for pattern in patterns:
        for name in names_in(pattern):
            assign(interp, name, UNKNOWN)


_PATTERNS: dict[type[cst.CSTNode], Callable[[Any, Any, Value], bool | None]] = {
    cst.MatchAs: _as,
    cst.MatchClass: _class,
    cst.MatchList: _sequence,
    cst.MatchMapping: _mapping,
    cst.MatchOr: _or,
    cst.MatchSingleton: _singleton,
    cst.MatchTuple: _sequence,
    cst.MatchValue: _value,
}
