"""What mypy loads: next to nothing, until a program has to do with arrays.

A run of mypy over what it has in its cache takes a tenth of a second, and so would the plugin's own modules. They are
imported when a module imports JAX or this package, or one of these is among the modules that mypy has loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mypy.nodes import MypyFile
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
    ReportConfigContext,
)
from mypy.types import FunctionLike, Type

from named_types.mypy_plugin.guard import attempted, show_failures
from named_types.mypy_plugin.imports import OF_ARRAYS, is_library, may_reach_arrays, uses_arrays
from named_types.mypy_plugin.version import __version__

if TYPE_CHECKING:
    from named_types.mypy_plugin.dependencies import Dependencies


class LazyPlugin(Plugin):
    """Hands every question to the plugin itself, once there is something to ask."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._itself: Plugin | None = None
        self._dependencies: Dependencies | None = None
        self._loads = True
        if options.show_traceback:
            show_failures()

    def set_modules(self, modules: dict[str, MypyFile]) -> None:
        super().set_modules(modules)
        if self._itself is not None:
            self._itself.set_modules(modules)

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        itself = self._load() if attempted(uses_arrays)(file) else None
        return [] if itself is None else itself.get_additional_deps(file)

    @attempted
    def report_config_data(self, ctx: ReportConfigContext) -> str | None:
        """What mypy forgets a module for when it changes.

        The version of the plugin is in it: where that changes, mypy forgets only what it is asked about in that run.
        """
        if is_library(ctx.id) or not may_reach_arrays(ctx.path):
            return None
        if self._dependencies is None:
            from named_types.mypy_plugin.dependencies import Dependencies

            self._dependencies = Dependencies(self.options.mypy_path)
        fingerprint = self._dependencies.fingerprint(ctx.path)
        return None if fingerprint is None else f"{__version__} {fingerprint}"

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_customize_class_mro_hook(fullname)

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_type_analyze_hook(fullname)

    def get_function_signature_hook(self, fullname: str) -> Callable[[FunctionSigContext], FunctionLike] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_function_signature_hook(fullname)

    def get_method_signature_hook(self, fullname: str) -> Callable[[MethodSigContext], FunctionLike] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_method_signature_hook(fullname)

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_function_hook(fullname)

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_method_hook(fullname)

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        itself = self._plugin()
        return None if itself is None else itself.get_attribute_hook(fullname)

    def _plugin(self) -> Plugin | None:
        modules = self._modules
        if self._itself is None and modules is not None and not modules.keys().isdisjoint(OF_ARRAYS):
            return self._load()
        return self._itself

    def _load(self) -> Plugin | None:
        if self._itself is None and self._loads:
            self._loads = False
            self._itself = attempted(self._made)()
        return self._itself

    def _made(self) -> Plugin:
        from named_types.mypy_plugin.hooks import NamedTypesPlugin

        made = NamedTypesPlugin(self.options)
        if self._modules is not None:
            made.set_modules(self._modules)
        return made
