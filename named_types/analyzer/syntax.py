"""Questions about syntax alone, answered once for each node.

libcst's own visitors rebuild what they pass through; a walk over the fields is ten times cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

import libcst as cst

_SCOPES = (cst.FunctionDef, cst.Lambda, cst.ClassDef)
_TYPE_TESTS = frozenset(
    "callable dtype hasattr isinstance issubclass len ndim shape size structure tree_structure".split()
)


def is_coroutine(node: cst.FunctionDef | cst.Lambda) -> bool:
    """Coroutines give objects that are not modelled."""
    return isinstance(node, cst.FunctionDef) and node.asynchronous is not None


@lru_cache(maxsize=4096)
def is_generator(node: cst.FunctionDef | cst.Lambda) -> bool:
    """Whether a call gives an iterator over what the body yields."""
    return any(type(one) is cst.Yield for one in descendants(node.body, into_scopes=False))


@lru_cache(maxsize=4096)
def tests_a_type(condition: cst.BaseExpression) -> bool:
    """Whether a condition asks about the type of something rather than its value."""
    return any(
        isinstance(one, (cst.Is, cst.IsNot)) or (isinstance(one, cst.Name) and one.value in _TYPE_TESTS)
        for one in descendants(condition)
    )


def expects_an_error(manager: cst.BaseExpression) -> bool:
    """Whether a context manager is called as those are that catch errors: ``self.assertRaises(ValueError)``."""
    match manager:
        case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
            return name.startswith("assertRaises") or name in ("raises", "suppress")
    return False


@lru_cache(maxsize=4096)
def attributes_set_in(node: cst.FunctionDef | cst.Lambda) -> frozenset[str]:
    """The names of the attributes that a function assigns to."""
    targets = [
        target
        for one in descendants(node.body)
        if isinstance(one, (cst.Assign, cst.AnnAssign, cst.AugAssign))
        for target in ([each.target for each in one.targets] if isinstance(one, cst.Assign) else [one.target])
    ]
    attributes = (each for target in targets for each in descendants(target) if isinstance(each, cst.Attribute))
    return frozenset(attribute.attr.value for attribute in attributes)


@lru_cache(maxsize=4096)
def calls_in(node: cst.FunctionDef | cst.Lambda) -> frozenset[str]:
    """The names of the functions and methods that a function calls."""
    callees = (one.func for one in descendants(node.body) if isinstance(one, cst.Call))
    names = (one.attr if isinstance(one, cst.Attribute) else one for one in callees)
    return frozenset(name.value for name in names if isinstance(name, cst.Name))


@lru_cache(maxsize=4096)
def yields_once(node: cst.FunctionDef | cst.Lambda) -> bool:
    """Whether a function is a generator whose only yield every run of it comes to, unless it fails before."""
    inside = list(descendants(node.body, into_scopes=False))
    optional = [one for one in inside if isinstance(one, _OPTIONAL)]
    in_branches = any(isinstance(one, cst.Yield) for part in optional for one in descendants(part, into_scopes=False))
    return sum(isinstance(one, cst.Yield) for one in inside) == 1 and not in_branches


_OPTIONAL = (cst.BooleanOperation, cst.ExceptHandler, cst.For, cst.If, cst.IfExp, cst.Match, cst.While)


def positional_parameters(function: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """The parameters that an argument by position may be for."""
    return [*function.params.posonly_params, *function.params.params]


def single_parameters(function: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """Every parameter but ``*args`` and ``**kwargs``."""
    return [*positional_parameters(function), *function.params.kwonly_params]


def names_in(node: cst.CSTNode) -> Iterator[cst.Name]:
    """The names a piece of syntax mentions."""
    return (one for one in descendants(node) if isinstance(one, cst.Name))


def descendants(node: cst.CSTNode, into_scopes: bool = True) -> Iterator[cst.CSTNode]:
    """The node and what it holds, whitespace and punctuation left out, in no particular order."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if not into_scopes and type(one) in _SCOPES:
            continue
        for field in _fields(type(one)):
            value = getattr(one, field)
            if _is_node(value):
                waiting.append(value)
            elif isinstance(value, (list, tuple)):
                waiting += filter(_is_node, value)


_NODE_TYPES: dict[type, bool] = {}


def _is_node(value: object) -> bool:
    """Whether a value is a node. That is an abstract base class, and dear to ask, so each type is asked about once."""
    if type(value) not in _NODE_TYPES:
        _NODE_TYPES[type(value)] = isinstance(value, cst.CSTNode)
    return _NODE_TYPES[type(value)]


_WHITESPACE = ("whitespace", "leading", "trailing", "header", "footer")
_PUNCTUATION = frozenset("colon comma dot equal lbrace lbracket lpar rbrace rbracket rpar semicolon".split())


@cache
def _fields(node_type: type[cst.CSTNode]) -> tuple[str, ...]:
    names = node_type.__dataclass_fields__
    return tuple(name for name in names if name not in _PUNCTUATION and not name.startswith(_WHITESPACE))
