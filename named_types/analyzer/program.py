"""The modules of the checked program: read, parsed and interpreted when something of them is needed, and once.

A module that is imported is interpreted by itself, with steps of its own: what it costs is not taken from the file
that is being checked, and what is wrong in it is said where it is checked. What remains of it is its scope. A file
that is being checked starts from the scopes as their modules left them, whatever files were checked before. What a
module of a cycle is depends on where the cycle is entered: such modules are forgotten after each file.

The analysis of a file begins with `Program.enter`, and `Program.leave` ends it. What the analysis of all files
depends on is kept in the `Surroundings`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from named_types.analyzer.heap import Heap
from named_types.analyzer.interpreter import Interpreter
from named_types.analyzer.modules import ModuleScope, ProgramModule, Source
from named_types.analyzer.parsing import parse_module
from named_types.analyzer.reachable import reachable_instances
from named_types.analyzer.settings import Settings
from named_types.analyzer.settings_search import SettingsSearch
from named_types.analyzer.syntax import attributes_set_in, descendants
from named_types.analyzer.values import UNKNOWN, Value, forget
from named_types.diagnostics.diagnostic import Diagnostic
from named_types.diagnostics.suppression import Suppressions
from named_types.module_finder import ModuleFinder
from named_types.semantics.ongoing import suspended
from named_types.source import SourceError, decode, read_content
from named_types.surroundings import Surroundings

_FRAMES_OF_LOAD = 1000
_DEEPEST_LOAD = 40


class Program:
    """The modules that the files being checked consist of and import.

    ``checked`` are the files that diagnostics may be told in, by the names that they are told with; ``directories``
    are those that the user asked to be checked.
    """

    def __init__(
        self,
        checked: Iterable[str] = (),
        directories: Iterable[Path] = (),
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.surroundings = Surroundings()
        self.finder = ModuleFinder(directories, self.surroundings)
        self.settings = Settings()
        self._settings_search = SettingsSearch(self.finder, self._text)
        self._checked = frozenset(checked)
        self._names = {os.path.realpath(one): one for one in self._checked}
        self._texts: dict[str, str | None] = {}
        self._states: dict[str, tuple[int, int] | None] = {}
        self._sources: dict[str, Source | None] = {}
        self._loaded: dict[tuple[str, Settings], _Loaded] = {}
        self._resolving: set[tuple[ProgramModule, str]] = set()
        self._loading: list[_Loaded] = []
        self._entered: Source | None = None
        self._on_progress = on_progress
        self.heap = Heap()
        self._beginning = self.heap.moment()

    def enter(self, path: str, text: str) -> Source:
        """A file that is to be checked. Raises what libcst raises for a text that it cannot parse."""
        real, file = os.path.realpath(path), Path(os.path.abspath(path))
        source = self._sources.get(real)
        if source is None or (source.path, source.file, self._texts[real]) != (path, file, text):
            source = Source.of(path, file, parse_module(text))
        self._texts[real], self._sources[real], self._states[real] = text, source, _state(real)
        self._entered = source
        self.settings = Settings()
        self._beginning = self.heap.moment()
        for package in reversed(file.parents):
            if self.surroundings.look(package / "__init__.py", file) == "file":
                self.adopt_settings(package / "__init__.py")
        return source

    def is_current(self) -> bool:
        """Whether the files that were read are still as they were."""
        return all(_state(real) == state for real, state in self._states.items())

    def leave(self) -> None:
        """The file is checked: put the scopes of all imported modules back."""
        self._loaded = {key: loaded for key, loaded in self._loaded.items() if not loaded.depends_on_entry}
        for loaded in self._loaded.values():
            loaded.reset()
        self._beginning.restore()
        if self._entered is not None and not any(one.scope.source is self._entered for one in self._loaded.values()):
            self._sources.pop(os.path.realpath(self._entered.file), None)
        self._entered = None

    @property
    def sources(self) -> Iterator[Source]:
        """The modules that were parsed."""
        return (source for source in self._sources.values() if source is not None)

    def is_checked(self, path: str) -> bool:
        """Whether diagnostics may be told in a file."""
        return path in self._checked

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether the file that a diagnostic is in has a comment that silences it."""
        text = self._text(diagnostic.place.path)
        return text is not None and Suppressions.of(text).silence(diagnostic)

    def member(self, module: ProgramModule, name: str) -> Value:
        """``module.name``: what it binds, or a module inside it. Unknown while the module is not so far yet."""
        scope = self._scope(module)
        if (module, name) in self._resolving:
            self._note_entry(self._loading)
            return UNKNOWN
        self._resolving.add((module, name))
        try:
            bound = None if scope is None or name not in scope.bindings else scope.lookup(name)
        finally:
            self._resolving.discard((module, name))
        if bound is not None:
            return bound[0]
        submodule = self.finder.submodule(module.path, name, self._asker)
        return UNKNOWN if submodule is None else ProgramModule(submodule, module.settings)

    def public_names(self, module: ProgramModule) -> list[str]:
        """What ``from module import *`` binds."""
        scope = self._scope(module)
        if scope is None:
            return []
        listed = scope.bindings.get("__all__")
        if isinstance(listed, (list, tuple)) and all(isinstance(name, str) for name in listed):
            return list(listed)
        return [name for name in scope.bindings if not name.startswith("_")]

    def forget_member(self, module: ProgramModule, name: str) -> None:
        """From now on nothing is known of ``module.name``."""
        scope = self._scope(module)
        if scope is not None:
            scope.bind(name, UNKNOWN)

    def adopt_settings(self, file: Path | None) -> ModuleScope | None:
        """The module in a file is imported: what it tells JAX holds from here on. Its scope, if it may tell JAX."""
        if file is None or not self._settings_search.may_set(file):
            return None
        loaded = self._load(file, self.settings)
        if loaded is None:
            return None
        self.settings = self.settings.changed_like(loaded.before, loaded.after)
        return loaded.scope

    def _scope(self, module: ProgramModule) -> ModuleScope | None:
        """The scope of a module, as far as it is known by now; None where nothing can be known."""
        loaded = None if module.path.file is None else self._load(module.path.file, module.settings)
        return None if loaded is None else loaded.scope

    @property
    def _asker(self) -> Path:
        """The file that is being interpreted, or else checked."""
        source = self._loading[-1].scope.source if self._loading else self._entered
        return Path() if source is None else source.file

    def _load(self, file: Path, settings: Settings) -> _Loaded | None:
        key = (os.path.realpath(file), settings)
        if key in self._loaded:
            self._note_cycle(self._loaded[key])
            return self._loaded[key]
        if len(self._loading) >= _DEEPEST_LOAD:
            self._note_entry(self._loading)
            return None
        source = self._source(file)
        if source is None:
            return None
        self._on_progress()
        scope = ModuleScope(source)
        scope.bind("__name__", f"{file.parent.name}.{file.stem}")
        loaded = self._loaded[key] = _Loaded(scope, settings, settings)
        outer, self.settings = self.settings, settings
        try:
            with self._importing(loaded), self.heap.apart(), suspended():
                Interpreter(self, source, scope).execute(source.module.body)
        finally:
            loaded.after, self.settings = self.settings, outer
        _forget_what_functions_fill(scope)
        loaded.end, loaded.version = dict(scope.bindings), scope.version
        self._note_cycle(loaded)
        return loaded

    def _note_cycle(self, used: _Loaded) -> None:
        """A module is used, maybe by one that is being imported, maybe before it is complete."""
        if used in self._loading:
            self._note_entry(self._loading[self._loading.index(used) :])
        elif used.depends_on_entry:
            self._note_entry(self._loading[-1:])

    def _note_entry(self, modules: Iterable[_Loaded]) -> None:
        for one in modules:
            one.depends_on_entry = True

    @contextmanager
    def _importing(self, loaded: _Loaded) -> Iterator[None]:
        """An import may begin deep inside an expression, and its module is as deep as any other."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + _FRAMES_OF_LOAD)
        self._loading.append(loaded)
        try:
            yield
        finally:
            self._loading.pop()
            sys.setrecursionlimit(limit)

    def _source(self, file: Path) -> Source | None:
        """The syntax of a file; None for one that is no Python. That is said where it is checked."""
        real = os.path.realpath(file)
        if real not in self._sources:
            text = self._text(file)
            path = self._names.get(real) or _shown_path(file)
            try:
                parsed = None if text is None else parse_module(text)
            except (cst.ParserSyntaxError, RecursionError, MemoryError):
                parsed = None
            self._sources[real] = None if parsed is None else Source.of(path, file, parsed)
        return self._sources[real]

    def _text(self, file: str | Path) -> str | None:
        real = os.path.realpath(file)
        if real not in self._texts:
            self._states[real] = _state(real)
            try:
                self._texts[real] = decode(self.read(real))
            except SourceError:
                self._texts[real] = None
        return self._texts[real]

    def read(self, path: str) -> bytes:
        """The content of a file. Raises `InaccessibleSourceError`."""
        real = os.path.realpath(path)
        content = None
        try:
            content = read_content(path)
        finally:
            self.surroundings.read(real, content)
        return content


@dataclass(eq=False)
class _Loaded:
    """An imported module: its scope, the settings before and after it ran, and how it left its scope."""

    scope: ModuleScope
    before: Settings
    after: Settings
    end: dict[str, Value] | None = None
    version: int = 0
    depends_on_entry: bool = False
    """Whether another entry into a cycle of imports would have given another scope."""

    def reset(self) -> None:
        if self.end is not None:
            self.scope.go_back(dict(self.end), self.version)


def _forget_what_functions_fill(scope: ModuleScope) -> None:
    """Other modules meet a module after its functions ran: what they rebind, and what was empty, is not known."""
    definitions = [one for one in descendants(scope.source.module) if isinstance(one, (cst.FunctionDef, cst.Global))]
    rebound = {item.name.value for one in definitions if isinstance(one, cst.Global) for item in one.names}
    for name in rebound & scope.bindings.keys():
        scope.bind(name, UNKNOWN)
    for value in scope.bindings.values():
        if isinstance(value, (list, dict)) and not value:
            forget(value)
    instances = list(reachable_instances(scope.bindings.values()))
    if not instances:
        return
    functions = [one for one in definitions if isinstance(one, cst.FunctionDef) and one.name.value != "__init__"]
    changed = frozenset[str]().union(*map(attributes_set_in, functions))
    for instance in instances:
        instance.attributes.update(dict.fromkeys(changed & instance.attributes.keys(), UNKNOWN))


def _shown_path(file: Path) -> str:
    """A path as the user would write it."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)


def _state(real: str) -> tuple[int, int] | None:
    """What changes when a file does."""
    try:
        status = os.stat(real)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
