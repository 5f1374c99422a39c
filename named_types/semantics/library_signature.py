"""How the callables of the library may be called."""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from inspect import Parameter, Signature
from typing import TypeAlias

from named_types.semantics.memo import Memo

_Parameters: TypeAlias = tuple[tuple[str, str, bool], ...]
"""The name and the kind of each, and whether it may be left out."""

_MEMO: Memo[_Parameters] = Memo("signature")


@cache
def signature_of(path: str) -> Signature:
    """The signature of what a path names, where all defaults are None."""
    parameters = _MEMO.remember(path, lambda: _parameters(path))
    return Signature(
        [
            Parameter(name, Parameter.__dict__[kind], default=None if may_be_missing else Parameter.empty)
            for name, kind, may_be_missing in parameters
        ]
    )


def _parameters(path: str) -> _Parameters:
    module, _, name = path.rpartition(".")
    signature = inspect.signature(getattr(importlib.import_module(module), name))
    return tuple((one.name, one.kind.name, one.default is not Parameter.empty) for one in signature.parameters.values())
