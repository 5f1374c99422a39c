"""What stands around every hook: a failure inside one is no crash of mypy, but its default answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeAlias, TypeVar

from mypy.plugin import (
    AnalyzeTypeContext,
    AttributeContext,
    ClassDefContext,
    FunctionContext,
    FunctionSigContext,
    MethodContext,
    MethodSigContext,
)
from mypy.types import FunctionLike, Type

from named_types.mypy_plugin.encoding import unknown

LOGGER = logging.getLogger("named_types.mypy_plugin")
"""Where failures go."""

Context = TypeVar("Context")
Answer = TypeVar("Answer")

Hook: TypeAlias = Callable[[Context], Answer | None]
Default: TypeAlias = Callable[[Context], Answer]


def guarded(hook: Hook[Context, Answer], default: Default[Context, Answer]) -> Default[Context, Answer]:
    """``hook``, with ``default`` for where it fails or has no answer."""
    return partial(_call, hook, default)


def _call(hook: Hook[Context, Answer], default: Default[Context, Answer], ctx: Context) -> Answer:
    try:
        answer = hook(ctx)
    except Exception:
        LOGGER.debug("a hook failed", exc_info=True)
        answer = None
    return default(ctx) if answer is None else answer


def default_annotation(ctx: AnalyzeTypeContext) -> Type:
    return unknown()


def default_result(ctx: FunctionContext | MethodContext) -> Type:
    return ctx.default_return_type


def default_attribute(ctx: AttributeContext) -> Type:
    return ctx.default_attr_type


def default_signature(ctx: FunctionSigContext | MethodSigContext) -> FunctionLike:
    return ctx.default_signature


def nothing(ctx: ClassDefContext) -> None:
    return None
