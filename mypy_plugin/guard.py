"""What stands around every hook: a failure inside one is no crash of mypy, but its default answer.

``--show-traceback``, with which mypy tells where its own failures come from, tells it of these too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeAlias, TypeVar

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
Arguments = ParamSpec("Arguments")

Hook: TypeAlias = Callable[[Context], Answer | None]
Default: TypeAlias = Callable[[Context], Answer]


def guarded(hook: Hook[Context, Answer], default: Default[Context, Answer]) -> Default[Context, Answer]:
    """``hook``, with ``default`` for where it fails or has no answer."""
    return partial(_call, hook, default)


def _call(hook: Hook[Context, Answer], default: Default[Context, Answer], ctx: Context) -> Answer:
    answer = attempted(hook)(ctx)
    return default(ctx) if answer is None else answer


def attempted(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer | None]:
    """A function that mypy calls, with None for where it fails."""

    def attempt(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer | None:
        try:
            return function(*args, **kwargs)
        except Exception:
            LOGGER.debug("a hook failed", exc_info=True)
            return None

    return attempt


def show_failures() -> None:
    """From now on, tell on standard error what fails."""
    LOGGER.setLevel(logging.DEBUG)
    if not LOGGER.handlers:
        LOGGER.addHandler(logging.StreamHandler())


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
