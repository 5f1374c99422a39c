"""What stands around every hook: a failure inside one is no crash of mypy, but its default answer.

``--show-traceback``, with which mypy tells where its own failures come from, tells it of these too.
"""

from __future__ import annotations

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
from mypy.types import AnyType, FunctionLike, Type, TypeOfAny

LOGGER = "named_types.mypy_plugin"
"""Where failures go: the name of a logger."""

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
            log_failure("a hook failed")
            return None

    return attempt


def log_failure(what: str) -> None:
    """Tell of an exception to whoever listens."""
    import logging  # here, for a run in which nothing fails does not need it

    logging.getLogger(LOGGER).debug(what, exc_info=True)


def show_failures() -> None:
    """From now on, tell on standard error what fails."""
    import logging

    logger = logging.getLogger(LOGGER)
    logger.setLevel(logging.DEBUG)
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())


def default_annotation(ctx: AnalyzeTypeContext) -> Type:
    return AnyType(TypeOfAny.special_form)


def default_result(ctx: FunctionContext | MethodContext) -> Type:
    return ctx.default_return_type


def default_attribute(ctx: AttributeContext) -> Type:
    return ctx.default_attr_type


def default_signature(ctx: FunctionSigContext | MethodSigContext) -> FunctionLike:
    return ctx.default_signature


def nothing(ctx: ClassDefContext) -> None:
    return None
