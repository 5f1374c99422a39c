"""`math`, `itertools`, `functools` and `operator`, on values that are known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from named_types.analyzer.numbers import UNCERTAIN, calculate, is_number
from named_types.analyzer.operations import apply_named_operator, call_library, elements, is_settled, truth
from named_types.analyzer.values import UNKNOWN, Args, Endless, Kwargs, Native, Number, Value

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter

Call = Callable[[Any, Args, Kwargs, cst.CSTNode], Value]

_INTEGERS = "ceil floor gcd isqrt lcm trunc".split()
_FLOATS = (
    "acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh degrees erf erfc exp exp2 expm1 fabs fmod fsum "
    "gamma hypot ldexp lgamma log log10 log1p log2 modf nextafter pow radians remainder sin sinh sqrt tan tanh"
).split()
_QUESTIONS = "isclose isfinite isinf isnan".split()
_LARGEST = 1 << 53
_LONGEST = 4096


def _of_numbers(name: str, kind: type[int] | type[float] | None) -> Call:
    """A function of `math`; of numbers that are not known some number."""
    function = getattr(math, name)

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        if any(isinstance(arg, UNCERTAIN) for arg in args) and all(map(is_number, args)):
            return UNKNOWN if kind is None else Number(kind)
        if not is_settled(list(args)) or any(isinstance(arg, int) and abs(arg) > _LARGEST for arg in args):
            return UNKNOWN
        return function(*args, **kwargs)

    return call


def _product(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``math.prod(x.shape)``, ``np.prod(x.shape)``."""
    parts = elements(interp, args[0]) if not kwargs and len(args) == 1 else None
    if parts is None or not all(map(is_number, parts)):
        return call_library(interp, "numpy.prod", args, kwargs, node)
    total: Value = 1
    for part in parts:
        uncertain = isinstance(total, UNCERTAIN) or isinstance(part, UNCERTAIN)
        total = calculate("mul", total, part) if uncertain else total * part
    return total


def _over_elements(function: Callable[..., Any]) -> Call:
    """A function of `itertools` that only rearranges what iterating over its arguments gives."""

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        parts = [arg if isinstance(arg, int) else elements(interp, arg) for arg in args]
        if None in parts or not is_settled(list(kwargs.values())):
            return UNKNOWN
        items = list(itertools.islice(function(*parts, **kwargs), _LONGEST + 1))
        return items if len(items) <= _LONGEST else UNKNOWN

    return call


def _chain_from_iterable(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    iterables = elements(interp, args[0])
    return UNKNOWN if iterables is None else _over_elements(itertools.chain)(interp, iterables, {}, node)


def _repeat(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    value, *times = [*args, *kwargs.values()]
    return [value] * times[0] if times and isinstance(times[0], int) and times[0] <= _LONGEST else UNKNOWN


def _starmap(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    function, iterable = args
    parts = elements(interp, iterable)
    if parts is None or not all(isinstance(part, (tuple, list)) for part in parts):
        return UNKNOWN
    return [interp.call(function, list(part), {}, node) for part in parts]


def _reduce(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``functools.reduce(function, iterable, initial)``."""
    function, iterable, *initial = args
    parts = elements(interp, iterable)
    if parts is None or not (parts or initial):
        return UNKNOWN
    first, *rest = [*initial, *parts]
    for part in rest:
        first = interp.call(function, [first, part], {}, node)
    return first


def _accumulate(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    iterable, *function = args
    parts = elements(interp, iterable)
    if parts is None or kwargs:
        return UNKNOWN
    made: list[Value] = []
    for part in parts:
        if not made:
            made.append(part)
        elif function:
            made.append(interp.call(function[0], [made[-1], part], {}, node))
        else:
            made.append(apply_named_operator(interp, "add", made[-1], part, node))
    return made


def _taken_while(is_taking: bool) -> Call:
    """``takewhile``, and ``dropwhile``."""

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        function, iterable = args
        parts = elements(interp, iterable)
        if parts is None:
            return UNKNOWN
        for index, part in enumerate(parts):
            is_true = truth(interp.call(function, [part], {}, node))
            if is_true is None:
                return UNKNOWN
            if not is_true:
                return parts[:index] if is_taking else parts[index:]
        return parts if is_taking else []

    return call


def _cycle(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    parts = elements(interp, args[0])
    return Endless(lambda count: [parts[index % len(parts)] for index in range(count)]) if parts else UNKNOWN


def _count(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    given = {**dict(zip(("start", "step"), args, strict=False)), **kwargs}
    start, step = given.get("start", 0), given.get("step", 1)
    if not isinstance(start, int) or not isinstance(step, int):
        return UNKNOWN
    return Endless(lambda count: list(range(start, start + count * step, step)) if step else [start] * count)


def _sliced(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``islice(iterable, stop)``, ``islice(iterable, start, stop, step)``."""
    bounds = [bound for bound in args[1:] if isinstance(bound, int)]
    if isinstance(args[0], Endless) and bounds and max(bounds) <= _LONGEST:
        return _over_elements(itertools.islice)(interp, [args[0].take(max(bounds)), *args[1:]], kwargs, node)
    return _over_elements(itertools.islice)(interp, args, kwargs, node)


def _getter(get: Callable[[Any, Value, Value, cst.CSTNode], Value]) -> Call:
    """``itemgetter(*keys)``, ``attrgetter(*names)``."""

    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        def getter(interp: Interpreter, given: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
            (value,) = given
            found = tuple(get(interp, value, key, node) for key in args)
            return found[0] if len(found) == 1 else found

        return Native(getter) if args else UNKNOWN

    return call


def _attribute_at(interp: Interpreter, value: Value, path: Value, node: cst.CSTNode) -> Value:
    """``value.a.b``, for ``'a.b'``."""
    for name in path.split("."):
        value = interp.attribute(value, name, node)
    return value


def _method_caller(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
    """``methodcaller('sum', axis=0)``."""
    name, *rest = args

    def caller(interp: Interpreter, given: Args, _: Kwargs, node: cst.CSTNode) -> Value:
        return interp.call(interp.attribute(given[0], name, node), rest, kwargs, node)

    return Native(caller)


def _operator(name: str) -> Call:
    def call(interp: Interpreter, args: Args, kwargs: Kwargs, node: cst.CSTNode) -> Value:
        left, right = args
        return apply_named_operator(interp, name, left, right, node)

    return call


_OPERATORS = "add and_ eq floordiv ge gt le lt matmul mod mul ne or_ pow sub truediv xor".split()

STANDARD_LIBRARY: dict[str, Call] = {
    **{f"math.{name}": _of_numbers(name, int) for name in _INTEGERS},
    **{f"math.{name}": _of_numbers(name, float) for name in _FLOATS},
    **{f"math.{name}": _of_numbers(name, None) for name in _QUESTIONS},
    **{
        f"itertools.{function.__name__}": _over_elements(function)
        for function in (
            itertools.chain,
            itertools.combinations,
            itertools.combinations_with_replacement,
            itertools.compress,
            itertools.pairwise,
            itertools.permutations,
            itertools.product,
            itertools.zip_longest,
        )
    },
    **{f"operator.{name}": _operator(name) for name in _OPERATORS},
    "functools.reduce": _reduce,
    "itertools.accumulate": _accumulate,
    "itertools.chain.from_iterable": _chain_from_iterable,
    "itertools.count": _count,
    "itertools.cycle": _cycle,
    "itertools.dropwhile": _taken_while(is_taking=False),
    "itertools.islice": _sliced,
    "itertools.repeat": _repeat,
    "itertools.starmap": _starmap,
    "itertools.takewhile": _taken_while(is_taking=True),
    "math.prod": _product,
    "numpy.prod": _product,
    "operator.attrgetter": _getter(_attribute_at),
    "operator.itemgetter": _getter(lambda interp, value, key, node: interp.item(value, key, node)),
    "operator.methodcaller": _method_caller,
    "operator.getitem": lambda interp, args, kwargs, node: interp.item(args[0], args[1], node),
}
"""By path."""
