"""Which files are meant by a path on the command line.

A file stands for itself, whatever its name. A directory stands for the ``.py`` and ``.pyi`` files in it, but for
hidden files and directories, virtual environments, build output, and what ``.gitignore`` files leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

SUFFIXES = frozenset({".py", ".pyi"})
EXCLUDED_DIRECTORIES = frozenset(
    {"__pycache__", "__pypackages__", "_build", "build", "dist", "node_modules", "site-packages", "venv"}
)


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files found, each once and in order, and the paths that could not be followed, with the reason."""

    files: tuple[Path, ...] = ()
    failures: tuple[tuple[Path, str], ...] = ()


def discover(paths: Iterable[Path]) -> Discovery:
    """Find the files that ``paths`` stand for."""
    files: dict[Path, None] = {}
    failures: dict[Path, str] = {}
    for path in paths:
        try:
            files.update(dict.fromkeys(_files_of(path, failures)))
        except OSError as error:
            failures[path] = _reason(error)
    return Discovery(tuple(files), tuple(failures.items()))


def _files_of(path: Path, failures: dict[Path, str]) -> Iterator[Path]:
    if not path.is_dir():
        path.lstat()
        yield path
    else:
        yield from _walk(path, _IgnoreFiles.above(path.resolve()), failures)


@dataclass(frozen=True, slots=True)
class _IgnoreFiles:
    """The ``.gitignore`` files that hold in a directory, the outermost first."""

    specs: tuple[tuple[Path, GitIgnoreSpec], ...] = ()

    @classmethod
    def above(cls, directory: Path) -> _IgnoreFiles:
        """Those between the root of the repository and ``directory``, which was asked for by name: where they
        leave it out itself, they do not count.
        """
        repository = next((parent for parent in (directory, *directory.parents) if (parent / ".git").exists()), None)
        ignore_files = cls()
        for parent in reversed(directory.parents):
            if repository is not None and parent.is_relative_to(repository):
                ignore_files = ignore_files.entering(parent)
        return cls() if ignore_files.ignore_directory(directory) else ignore_files

    def entering(self, directory: Path) -> _IgnoreFiles:
        """These and that of ``directory``, where it has one."""
        try:
            text = (directory / ".gitignore").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return self
        spec = GitIgnoreSpec.from_lines(line for line in text.splitlines() if _is_pattern(line))
        return _IgnoreFiles((*self.specs, (directory, spec)))

    def ignore_directory(self, path: Path) -> bool:
        return self._ignore(path, "/")

    def ignore_file(self, path: Path) -> bool:
        return self._ignore(path, "")

    def _ignore(self, path: Path, end: str) -> bool:
        """The innermost file with a pattern for ``path`` decides."""
        for root, spec in reversed(self.specs):
            verdict = spec.check_file(path.relative_to(root).as_posix() + end).include
            if verdict is not None:
                return verdict
        return False


def _walk(directory: Path, ignore_files: _IgnoreFiles, failures: dict[Path, str]) -> Iterator[Path]:
    """The files below ``directory``; ignore files think in resolved paths, answers keep the spelling given."""
    resolved = directory.resolve()
    try:
        entries = sorted(directory.iterdir())
    except OSError as error:
        failures[directory] = _reason(error)
        return
    ignore_files = ignore_files.entering(resolved)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not _is_excluded(entry) and not ignore_files.ignore_directory(resolved / entry.name):
                yield from _walk(entry, ignore_files, failures)
        elif _is_python(entry) and not ignore_files.ignore_file(resolved / entry.name):
            yield entry


def _is_excluded(directory: Path) -> bool:
    is_environment = (directory / "pyvenv.cfg").exists()
    return directory.name in EXCLUDED_DIRECTORIES or is_environment or directory.is_symlink()


def _is_python(path: Path) -> bool:
    """A link that leads nowhere counts, so that it is reported; a pipe, which might never end, does not."""
    return path.suffix in SUFFIXES and (path.is_file() or path.is_symlink())


def _is_pattern(line: str) -> bool:
    """Git passes over what it cannot read as a pattern."""
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
