"""Which file a dotted name means, by the rules of Python's import system: files are looked for, nothing is run.

A module is looked for beside the program's own packages: in the directory that holds the importing file's package
(of a script, the directory of the script), where a directory of its name is around the importing file, in the
directories that were asked to be checked, in the working directory, and in ``src/`` below these. A package with
``__init__.py`` comes before ``name.py``, and both before a package that is nothing but a directory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from named_types.surroundings import Surroundings


@dataclass(frozen=True)
class ModulePath:
    """Where a module is: its file, and the directories that its submodules are in.

    A package without ``__init__.py`` has no file; a module that is no package has no directories.
    """

    file: Path | None
    directories: tuple[Path, ...] = ()


class ModuleFinder:
    """Finds the modules of one program, and tells its surroundings for which file it looks where."""

    def __init__(self, directories: Iterable[Path] = (), surroundings: Surroundings | None = None) -> None:
        asked = [_package_root(Path(os.path.abspath(one))) for one in directories]
        self.roots = [root for one in (*asked, Path.cwd()) for root in (one, one / "src")]
        """Where modules are looked for, whoever imports them."""
        self.surroundings = surroundings or Surroundings()

    def absolute(self, name: str, importer: Path) -> ModulePath | None:
        """The module ``name`` as a file means it; None for one that is no part of the program."""
        first, *rest = name.split(".")
        return self._descend(self._top(first, importer), rest, importer)

    def relative(self, level: int, name: str, importer: Path) -> ModulePath | None:
        """The module that ``from ..name import`` means, with as many dots as ``level`` tells."""
        if level > len(importer.parents):
            return None
        directory = importer.parents[level - 1]
        package = self._initialized(directory, importer) or ModulePath(None, (directory,))
        return self._descend(package, name.split(".") if name else [], importer)

    def submodule(self, package: ModulePath, name: str, importer: Path) -> ModulePath | None:
        """``package.name``, as a file means it, where that is a module."""
        return self._in(package.directories, name, importer)

    def _descend(self, module: ModulePath | None, names: Iterable[str], importer: Path) -> ModulePath | None:
        for name in names:
            module = None if module is None else self.submodule(module, name, importer)
        return module

    def _top(self, name: str, importer: Path) -> ModulePath | None:
        own = _package_root(importer.parent, partial(self._is_file, importer=importer))
        around = [one for one in importer.parents if importer.is_relative_to(one / name)]
        is_known = name in _KNOWN_LIBRARIES
        roots = [own] if name in sys.stdlib_module_names else [own, *around, *self.roots]
        found = self._in(dict.fromkeys(roots), name, importer)
        if found is None or (is_known and (found.file is None or self._is_library(name, found.file, importer))):
            return None
        return found

    def _in(self, directories: Iterable[Path], name: str, importer: Path) -> ModulePath | None:
        namespaces = []
        for directory in directories:
            if self.surroundings.look(directory / name, importer) == "directory":
                package = self._initialized(directory / name, importer)
                if package is not None:
                    return package
                namespaces.append(directory / name)
            if self._is_file(directory / f"{name}.py", importer):
                return ModulePath(directory / f"{name}.py")
        return ModulePath(None, tuple(namespaces)) if namespaces else None

    def _initialized(self, directory: Path, importer: Path) -> ModulePath | None:
        """The package that a directory is, if it has an ``__init__.py``."""
        file = directory / "__init__.py"
        return ModulePath(file, (directory,)) if self._is_file(file, importer) else None

    def _is_library(self, name: str, file: Path, importer: Path) -> bool:
        """Whether a file is that of the library itself, which someone checks where it is or has a checkout of."""
        if name in _PARTS:
            part = file.parent / _PARTS[name]
            return file.name == "__init__.py" and self.surroundings.look(part, importer) != "nothing"
        return _is_installed(name, file)

    def _is_file(self, path: Path, importer: Path) -> bool:
        return self.surroundings.look(path, importer) == "file"


_KNOWN_LIBRARIES = frozenset({"jax", "numpy", "named_types"}) | sys.stdlib_module_names
"""What the analyzer knows by name: a directory that happens to have the name is not taken for it."""


_PARTS = {"jax": "_src", "named_types": "notation.py", "numpy": "_core"}
"""By what a checkout of a library is known, of this version or another."""


@cache
def _is_installed(name: str, file: Path) -> bool:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and os.path.realpath(spec.origin) == os.path.realpath(file)


def _package_root(directory: Path, is_file: Callable[[Path], bool] = Path.is_file) -> Path:
    """The first directory upward that is no package."""
    return next(one for one in (directory, *directory.parents) if not is_file(one / "__init__.py"))
