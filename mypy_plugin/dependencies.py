"""What is said about a module depends on the bodies of other modules: functions are followed where they are called.

mypy checks a module again when the interface of one that it imports has changed, and a body is no part of it. So
what mypy remembers of a module is kept with a fingerprint of all the files of the program that it reaches by imports.
The imports are read from the text by a pattern: one that is none, in a string, costs a needless check at most.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from named_types.module_finder import ModuleFinder, ModulePath
from named_types.mypy_plugin.imports import OF_ARRAYS, STANDARD, is_of_program

_IMPORT = re.compile(
    r"(?:^|[;:])[ \t]*(?:from[ \t]+(?P<dots>\.*)[ \t]*(?P<module>[\w.]*)[ \t]*import[ \t]*(?P<names>\([^)]*\)|[^\n;]*)"
    r"|import[ \t]+(?P<modules>[^\n;]+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class _File:
    """A file as it was read: its state then, a hash of its text, and the files that it imports."""

    state: tuple[int, int]
    digest: str
    imports: frozenset[Path]
    uses_arrays: bool


class Dependencies:
    """The files that the modules of a program depend on."""

    def __init__(self, directories: Iterable[str] = ()) -> None:
        self._finder = ModuleFinder(map(Path, directories))
        self._files: dict[Path, _File | None] = {}

    def reach_arrays(self, path: str) -> bool:
        """Whether a file, or one that it reaches by imports, imports JAX or this package."""
        return any(file.uses_arrays for file in self._reached(path))

    def digest(self, path: str) -> str:
        """A hash of the text of a file; empty of one that cannot be read."""
        file = self._read(Path(os.path.abspath(path)))
        return "" if file is None else file.digest

    def fingerprint(self, path: str) -> str | None:
        """A hash of a file and of all that it reaches by imports; None for one that reaches no arrays."""
        reached = list(self._reached(path))
        if not any(file.uses_arrays for file in reached):
            return None
        return sha256("".join(sorted(file.digest for file in reached)).encode()).hexdigest()

    def _reached(self, path: str) -> Iterator[_File]:
        if not is_of_program(path):
            return
        waiting = [Path(os.path.abspath(path))]
        seen = set(waiting)
        while waiting:
            file = self._read(waiting.pop())
            if file is not None:
                yield file
                waiting.extend(file.imports - seen)
                seen |= file.imports

    def _read(self, path: Path) -> _File | None:
        try:
            status = path.stat()
        except OSError:
            return None
        state = status.st_mtime_ns, status.st_size
        known = self._files.get(path)
        if known is None or known.state != state:
            content = path.read_bytes()
            text = content.decode(errors="replace").replace("\\\n", " ")
            imports = frozenset(one.file for one in self._imported(text, path) if one.file is not None)
            known = _File(
                state, sha256(content).hexdigest(), imports, any(map(_imports_arrays, _IMPORT.finditer(text)))
            )
            self._files[path] = known
        return known

    def _imported(self, text: str, importer: Path) -> Iterator[ModulePath]:
        for match in _IMPORT.finditer(text):
            if match["modules"] is not None:
                for module in match["modules"].split(","):
                    yield from self._with_parents(module.split()[0] if module.split() else "", importer)
            elif match["dots"]:
                yield from self._with_submodules(
                    self._finder.relative(len(match["dots"]), match["module"], importer), match["names"], importer
                )
            elif match["module"].partition(".")[0] not in STANDARD:
                yield from self._with_parents(match["module"], importer)
                yield from self._with_submodules(
                    self._finder.absolute(match["module"], importer), match["names"], importer
                )

    def _with_parents(self, module: str, importer: Path) -> Iterator[ModulePath]:
        if module.partition(".")[0] in STANDARD:
            return
        for name in accumulate(module.split("."), "{}.{}".format):
            found = self._finder.absolute(name, importer) if name else None
            if found is not None:
                yield found

    def _with_submodules(self, module: ModulePath | None, names: str, importer: Path) -> Iterator[ModulePath]:
        if module is not None:
            yield module
            for name in re.findall(r"\w+", names):
                submodule = self._finder.submodule(module, name, importer)
                if submodule is not None:
                    yield submodule


def _imports_arrays(statement: re.Match[str]) -> bool:
    """Whether an import, which is no relative one, is of JAX or this package."""
    names = (statement["modules"] or ("" if statement["dots"] else statement["module"])).split(",")
    return any(name.strip().partition(".")[0].partition(" ")[0] in OF_ARRAYS for name in names)
