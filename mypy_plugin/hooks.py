"""The plugin: which hook answers for which name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from mypy.nodes import MypyFile, TypeInfo
from mypy.options import Options
from mypy.plugin import (
    AnalyzeTypeContext,
    AttributeContext,
    ClassDefContext,
    FunctionContext,
    FunctionSigContext,
    MethodContext,
    MethodSigContext,
    Plugin,
)
from mypy.plugins.functools import partial_call_callback
from mypy.types import FunctionLike, Type

from named_types.mypy_plugin.analysis import Analyses
from named_types.mypy_plugin.annotations import analyze_array_type, analyze_bare_array
from named_types.mypy_plugin.answers import Answers
from named_types.mypy_plugin.calls import Calls, loosened_signature
from named_types.mypy_plugin.choices import CHOSEN
from named_types.mypy_plugin.dependencies import Dependencies
from named_types.mypy_plugin.encoding import ARRAY, DIM, ORDERED, Encoder, make_generic
from named_types.mypy_plugin.guard import (
    attempted,
    default_annotation,
    default_attribute,
    default_result,
    default_signature,
    guarded,
    nothing,
)
from named_types.mypy_plugin.iteration import ITERATORS
from named_types.mypy_plugin.lifting import lifted_signature
from named_types.mypy_plugin.numpy_arrays import NDARRAY
from named_types.mypy_plugin.rebinding import allow_rebinding
from named_types.mypy_plugin.transforms import Transforms
from named_types.mypy_plugin.unnamed import UNNAMED, Unnamed
from named_types.notation import NOTATION
from named_types.semantics.library import ATTRIBUTES

Answer = TypeVar("Answer")
CheckerContext = TypeVar(
    "CheckerContext",
    bound=FunctionContext | MethodContext | AttributeContext | FunctionSigContext | MethodSigContext,
)

AnySignatureContext: TypeAlias = FunctionSigContext | MethodSigContext

_EVERY_MODULE = "builtins.str"
"""The type of ``__name__``: what mypy analyzes first in every module."""

_NOTATION = {f"named_types.notation.{name}": notation.element_type for name, notation in NOTATION.items()}
_BARE_ARRAYS = {ARRAY, "jax.numpy.ndarray"}
_ARRAY_CLASSES = {ARRAY: "jax.Array", NDARRAY: NDARRAY}
_INDEX_UPDATE = "jax._src.basearray._IndexUpdateRef"
_FOLLOWED = {
    *(f"builtins.{name}" for name in ("abs", "max", "min", "pow", "round", "sum")),
    *(
        f"{container}.{method}"
        for method in ("__getitem__", "__iter__")
        for container in ("builtins.dict", "builtins.list", "builtins.tuple", "typing.Mapping", "typing.Sequence")
    ),
}
"""Functions of Python of which the analyzer may know more than the stubs say."""
_PARTIAL_CALL = "functools.partial.__call__"
_MODULES_OF_ENCODING = (ARRAY.rpartition(".")[0], DIM.rpartition(".")[0])
_PRIORITY_OF_IMPORT = 10


class NamedTypesPlugin(Plugin):
    """Dispatch tables; each feature has its own module."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._encoder = Encoder(self)
        self._dependencies = Dependencies(options.mypy_path)
        answers = Answers(Path(options.cache_dir))
        self._analyses = Analyses(self._dependencies, lambda: self._modules or {}, options, answers)
        self._calls = Calls(self._encoder, self._analyses)
        self._transforms = Transforms(self._encoder, self._analyses)
        self._unnamed = Unnamed(self._encoder, self._analyses)
        self._answering_default = False

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """A module that uses arrays depends on what array types consist of."""
        return [(_PRIORITY_OF_IMPORT, module, -1) for module in _MODULES_OF_ENCODING]

    @attempted
    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return guarded(make_generic, nothing) if fullname == ARRAY else None

    @attempted
    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        if self._answering_default:
            return None
        if fullname in _NOTATION:
            hook = partial(
                analyze_array_type,
                element_type=_NOTATION[fullname],
                encoder=self._encoder,
                reporter=self._analyses.reporter,
            )
            return guarded(hook, default_annotation)
        if fullname in _BARE_ARRAYS:
            return guarded(analyze_bare_array, self._default_type)
        if fullname == ORDERED:
            return guarded(lambda ctx: ctx.api.analyze_type(ctx.type.args[-1]), self._default_type)
        if fullname == _EVERY_MODULE:
            return guarded(self._analyses.start_module, self._default_type)
        return None

    @attempted
    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        return self._signature_hook(fullname)

    @attempted
    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        return self._signature_hook(fullname)

    @attempted
    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        if fullname == UNNAMED:
            return self._in_program(self._unnamed.called, default_result)
        if fullname == CHOSEN:
            return self._in_program(self._unnamed.watched(self._unnamed.chosen), default_result)
        if fullname in ITERATORS:
            return self._in_program(self._calls.of_iterator, default_result)
        return self._call_hook(fullname)

    @attempted
    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        owner, _, name = fullname.rpartition(".")
        array = self._array_class(owner)
        if array is not None and name == "__iter__":
            return self._in_program(self._calls.of_iteration, default_result)
        if array is not None:
            return self._in_program(partial(self._calls.of_method, owner=array, name=name), default_result)
        if fullname == _PARTIAL_CALL:
            return self._in_program(partial(self._transforms.transformed, fullname=fullname), partial_call_callback)
        if owner == _INDEX_UPDATE:
            return self._in_program(partial(self._calls.of_indexed_update, name=name), default_result)
        return self._call_hook(fullname)

    @attempted
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        owner, _, name = fullname.rpartition(".")
        if owner == ARRAY and name in ATTRIBUTES:
            return self._in_program(partial(self._calls.attribute, name=name), default_attribute)
        if _is_of_library(fullname):
            return self._in_program(partial(self._calls.field, name=name), default_attribute)
        if self._analyses.is_of_program(fullname):
            return self._in_program(partial(self._calls.attribute_of_program, name=name), default_attribute)
        return None

    def _array_class(self, fullname: str) -> str | None:
        """The class of arrays that a class is, or has as its only base as a `NewType`."""
        if fullname in _ARRAY_CLASSES or not self._analyses.is_of_program(fullname):
            return _ARRAY_CLASSES.get(fullname)
        node = self._encoder.lookup(fullname)
        if not isinstance(node, TypeInfo) or not node.is_newtype:
            return None
        return _ARRAY_CLASSES.get(node.bases[0].type.fullname)

    def _signature_hook(self, fullname: str) -> Callable[[AnySignatureContext], FunctionLike] | None:
        if _is_of_library(fullname):
            return self._in_program(loosened_signature, default_signature)
        if self._analyses.is_of_program(fullname):
            return self._in_program(partial(lifted_signature, encoder=self._encoder), default_signature)
        return None

    def _call_hook(self, fullname: str) -> Callable[[FunctionContext | MethodContext], Type] | None:
        if _is_of_library(fullname):
            of_library = self._unnamed.watched(partial(self._of_library, fullname=fullname))
            return self._in_program(of_library, default_result)
        if self._analyses.is_of_program(fullname) or fullname in _FOLLOWED:
            return self._in_program(self._unnamed.watched(self._calls.of_program), default_result)
        return None

    def _of_library(self, ctx: FunctionContext | MethodContext, fullname: str) -> Type | None:
        return self._transforms.transformed(ctx, fullname) or self._calls.of_library(ctx)

    def _in_program(
        self, hook: Callable[[CheckerContext], Answer | None], default: Callable[[CheckerContext], Answer]
    ) -> Callable[[CheckerContext], Answer]:
        """A hook for the checked program; libraries, and what has nothing to do with arrays, mypy checks as it does."""

        def attempt(ctx: CheckerContext) -> Answer | None:
            if not self._analyses.has_arrays(ctx.api.path):
                return None
            allow_rebinding(ctx.api)
            return hook(ctx)

        return guarded(attempt, default)

    def _default_type(self, ctx: AnalyzeTypeContext) -> Type:
        """What mypy itself makes of an annotation."""
        self._answering_default = True
        try:
            return ctx.api.analyze_type(ctx.type)
        finally:
            self._answering_default = False


def _is_of_library(fullname: str) -> bool:
    return fullname.startswith(("jax.", "numpy.", "named_types.runtime."))
