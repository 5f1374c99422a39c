"""The methods of lists, dicts, sets, tuples, strings and numbers: Python's own, on what is known of their items."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from contextlib import suppress

from named_types.analyzer.container_types import DefaultDict, Deque
from named_types.analyzer.operations import is_settled
from named_types.analyzer.values import UNKNOWN, Args, Kwargs, Repeated, RepeatedMapping, Value, forget, is_forgotten

_METHODS: dict[type, frozenset[str]] = {
    list: frozenset("append clear copy count extend index insert pop remove reverse sort".split()),
    dict: frozenset("clear copy get items keys pop popitem setdefault update values".split()),
    Deque: frozenset(
        "append appendleft clear copy count extend extendleft index insert pop popleft remove reverse rotate".split()
    ),
    Counter: frozenset("clear copy elements get items keys most_common pop total update values".split()),
    DefaultDict: frozenset("clear get items keys pop popitem setdefault update values".split()),
    OrderedDict: frozenset("clear copy get items keys move_to_end pop popitem setdefault update values".split()),
    set: frozenset(
        "add copy difference discard intersection isdisjoint issubset issuperset remove symmetric_difference union "
        "update".split()
    ),
    tuple: frozenset("count index".split()),
    int: frozenset("bit_count bit_length conjugate is_integer".split()),
    float: frozenset("conjugate is_integer".split()),
    str: frozenset(
        "capitalize casefold count endswith find format index isalnum isalpha isdecimal isdigit isidentifier islower "
        "isnumeric isspace isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex "
        "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper".split()
    ),
}
_READING = {"copy", "count", "elements", "get", "index", "items", "keys", "most_common", "total", "values"}
"""Methods that leave a list or a dict as it is."""
_VIEWS = {"elements", "items", "keys", "values"}
_COMPARING = {"count", "index", "remove", "sort"}
"""Methods that compare the items with what they are given."""
_KEYED = {"get", "pop", "setdefault"}
"""Methods whose first argument alone must be known: it is a key."""


def call_container_method(receiver: Value, name: str, args: Args, kwargs: Kwargs) -> Value:
    """A method of a container or string. One that is not modelled may change a list, dict or set in any way."""
    if isinstance(receiver, RepeatedMapping):
        views = {"items": Repeated((UNKNOWN, receiver.item)), "values": Repeated(receiver.item), "copy": receiver}
        return views.get(name, UNKNOWN)
    if name in _OF_NAMED_TUPLES and hasattr(receiver, name) and not args:
        return getattr(receiver, name)(**kwargs)
    if (
        name in _METHODS.get(type(receiver), ())
        and not is_forgotten(receiver)
        and _are_known(receiver, name, args, kwargs)
    ):
        with suppress(Exception):
            result = getattr(receiver, name)(*args, **kwargs)
            return list(result) if name in _VIEWS else result
    if may_change(receiver, name):
        forget(receiver)
    return UNKNOWN


_OF_NAMED_TUPLES = ("_asdict", "_replace")


def may_change(receiver: Value, name: str) -> bool:
    """Whether a method may change what it is a method of."""
    return isinstance(receiver, (list, dict, set)) and name not in _READING


def _are_known(receiver: Value, name: str, args: Args, kwargs: Kwargs) -> bool:
    if isinstance(receiver, str):
        return is_settled([*args, *kwargs.values()]) and not (name == "format" and has_width(receiver))
    if isinstance(receiver, set) or name in _COMPARING:
        return is_settled([*args, *receiver]) and not kwargs
    if isinstance(receiver, dict) and name in _KEYED:
        return is_settled(args[0]) and not kwargs
    if isinstance(receiver, list) and name in ("insert", "pop") and args:
        return isinstance(args[0], int)
    if name in ("append", "insert"):
        return True
    return not any(arg is UNKNOWN or is_forgotten(arg) or isinstance(arg, Repeated) for arg in args)


def has_width(text: str) -> bool:
    """Whether a format asks for so wide a field that the text would be huge."""
    return re.search(r"\d{4}", text) is not None
