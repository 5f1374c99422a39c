"""Modules of the checked program: their syntax, their scopes, and what stands for one as a value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from named_types.analyzer.parsing import Parsed
from named_types.analyzer.positions import Positions
from named_types.analyzer.scopes import Scope
from named_types.analyzer.settings import Settings
from named_types.module_finder import ModulePath


@dataclass(frozen=True, eq=False)
class Source:
    """A module's syntax. ``path`` is the name that its diagnostics are told with, ``file`` where it is."""

    path: str
    file: Path
    module: cst.Module
    positions: Positions

    @classmethod
    def of(cls, path: str, file: Path, parsed: Parsed) -> Source:
        return cls(path, file, parsed.module, Positions(path, parsed))


class ModuleScope(Scope):
    """The bindings of a module."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source


def source_of(scope: Scope) -> Source:
    """The module that a scope is in."""
    *_, outermost = scope.chain()
    assert isinstance(outermost, ModuleScope)
    return outermost.source


@dataclass(frozen=True)
class ProgramModule:
    """A module of the program as a value, with the settings that it was imported under."""

    path: ModulePath
    settings: Settings
