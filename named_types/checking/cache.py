"""Results of earlier runs, kept on the disk.

The result of a file holds as long as nothing has changed of what its check depended on: the contents of the file and
of all that it leads to, what was found where modules were looked for, be it nothing, and the `fingerprint`. For each
file that was ever read the cache has a `Node`: the content and the lookups made on its behalf. The files among what
was found are those it leads to. A result is kept with a stamp of all nodes that its file leads to.

Nothing of the cache is trusted: one that was not written by this very version, or not to its end, is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeAlias

from named_types.checking.checked_file import CheckedFile
from named_types.checking.fingerprint import fingerprint
from named_types.checking.outcome import Checked
from named_types.diagnostics import from_record, to_record
from named_types.surroundings import CHANGING, Kind, Surroundings, digest
from named_types.versions import fingerprint_of_versions

_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This directory holds the cache of named-types. See https://bford.info/cachedir/.
"""

_MOST_INDEXES = 20
"""One for each combination of versions, settings and directories; of more, the oldest are removed."""


@dataclass(frozen=True, slots=True)
class Node:
    """A file that was read: what stood in it, and what was found on its behalf where."""

    content: str | None
    lookups: dict[str, Kind]

    @property
    def leads_to(self) -> Iterator[str]:
        return (path for path, kind in self.lookups.items() if kind == "file")

    def holds(self, real: str, surroundings: Surroundings) -> bool:
        """Whether all is as it was."""
        is_same = self.content == surroundings.digest_of(real)
        return is_same and all(surroundings.kind(path) == kind for path, kind in self.lookups.items())


Nodes: TypeAlias = dict[str, Node]


class Cache:
    """The results of the files ``checked`` by a run in which modules are looked for in ``directories`` too."""

    def __init__(self, directory: Path, directories: Iterable[Path], checked: Sequence[str]) -> None:
        self._directory = directory
        self._versions = fingerprint_of_versions()
        self._file = directory / f"{fingerprint(self._versions, directories)}.json"
        self._checked = checked
        self._names = {os.path.realpath(name): name for name in checked}
        self._surroundings = Surroundings()
        self._known: dict[str, CheckedFile] = {}

    @property
    def place_of_operations(self) -> Path:
        """Where answers about library operations are kept, in a directory that is there if it can be."""
        with suppress(OSError):
            _make(self._directory)
        from named_types.operation_memo import place_of_memo  # here, for few runs need a database

        return place_of_memo(self._directory, self._versions)

    def known(self) -> dict[str, CheckedFile]:
        """The results that hold."""
        stamps = _Stamps(self._nodes, self._names)
        holding = {real for real, node in self._nodes.items() if node.holds(real, self._surroundings)}
        for name in self._checked:
            stamp, records = self._results.get(name, (None, []))
            real = os.path.realpath(name)
            if real in self._nodes and stamps.reached(real) <= holding and stamps.stamp(real) == stamp:
                self._known[name] = CheckedFile(name, tuple(map(from_record, records)))
        return dict(self._known)

    def keep(self, found: Sequence[Checked]) -> None:
        """Keep new results beside those that hold, and those of files that this run was not about."""
        if not found:
            return
        before, after = self._nodes, self._merged(found)
        old, new = _Stamps(before, self._names), _Stamps(after, self._names)
        results = {name: held for name, held in self._results.items() if name not in self._names.values()}
        for name in self._known:
            real = os.path.realpath(name)
            if all(before[one].content == after[one].content for one in old.reached(real)):
                results[name] = [new.stamp(real), self._results[name][1]]
        for checked in found:
            real = os.path.realpath(checked.path)
            contents = [after[one].content for one in new.reached(real)]
            if checked.file.accessible and real in after and CHANGING not in contents:
                results[checked.path] = [new.stamp(real), [to_record(one) for one in checked.file.diagnostics]]
        self._write({"nodes": _packed(after), "results": results})

    @cached_property
    def _content(self) -> dict[str, Any]:
        with suppress(OSError, ValueError, RecursionError):
            checksum, _, text = self._file.read_bytes().partition(b"\n")
            if checksum.decode() == digest(text):
                return dict(json.loads(text))
        return {"nodes": {}, "results": {}}

    @property
    def _results(self) -> dict[str, list[Any]]:
        results: dict[str, list[Any]] = self._content["results"]
        return results

    @cached_property
    def _nodes(self) -> Nodes:
        return _unpacked(self._content["nodes"])

    def _merged(self, found: Iterable[Checked]) -> Nodes:
        """The nodes with what was read and looked for in this run. A node that stays also keeps its older lookups."""
        contents: dict[str, str | None] = {}
        lookups: dict[str, dict[str, Kind]] = {}
        for checked in found:
            for real, content in checked.footprint.digests.items():
                contents[real] = content if contents.get(real, content) == content else CHANGING
            for asker, looked_for in checked.footprint.looked_for.items():
                lookups.setdefault(os.path.realpath(asker), {}).update(looked_for)
        nodes = dict(self._nodes)
        for real in contents.keys() | lookups.keys():
            node = nodes.get(real, Node(None, {}))
            content = contents.get(real, node.content)
            older = {path: self._surroundings.kind(path) for path in node.lookups} if content == node.content else {}
            nodes[real] = Node(content, {**older, **lookups.get(real, {})})
        return nodes

    def _write(self, content: dict[str, Any]) -> None:
        """Replace the file as a whole. Where that cannot be, there is no cache."""
        text = json.dumps(content, separators=(",", ":")).encode()
        with suppress(OSError):
            _make(self._directory)
            with NamedTemporaryFile(dir=self._directory, suffix=".part", delete=False) as part:
                part.write(digest(text).encode() + b"\n" + text)
            os.replace(part.name, self._file)
            indexes = sorted(self._directory.glob("*.json"), key=os.path.getmtime)
            for one in indexes[:-_MOST_INDEXES]:
                one.unlink()


class _Stamps:
    """Which nodes each file leads to, and what stands for the state of them all."""

    def __init__(self, nodes: Nodes, names: dict[str, str]) -> None:
        self._nodes = nodes
        self._names = names
        self._stamps: dict[str, str] = {}
        self._reals: dict[str, str] = {}

    def reached(self, real: str) -> set[str]:
        """A file and the files that it leads to, as far as they were read."""
        seen, waiting = {real}, [real]
        while waiting:
            for path in self._nodes[waiting.pop()].leads_to:
                other = self._real(path)
                if other in self._nodes and other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen

    def stamp(self, real: str) -> str:
        """Differs where anything that is reached does, or the name that it is told with."""
        return digest("".join(sorted(map(self._own, self.reached(real)))).encode())

    def _own(self, real: str) -> str:
        if real not in self._stamps:
            node = self._nodes[real]
            parts = [real, self._names.get(real), node.content, sorted(node.lookups.items())]
            self._stamps[real] = digest(json.dumps(parts).encode())
        return self._stamps[real]

    def _real(self, path: str) -> str:
        if path not in self._reals:
            self._reals[path] = os.path.realpath(path)
        return self._reals[path]


def _packed(nodes: Nodes) -> dict[str, Any]:
    """Lookups by directory: most are for many names in few directories."""
    packed = {}
    for real, node in nodes.items():
        directories: dict[str, dict[str, Kind]] = {}
        for path, kind in node.lookups.items():
            directory, name = os.path.split(path)
            directories.setdefault(directory, {})[name] = kind
        packed[real] = [node.content, directories]
    return packed


def _unpacked(packed: dict[str, Any]) -> Nodes:
    return {
        real: Node(
            content,
            {os.path.join(directory, name): kind for directory, names in found.items() for name, kind in names.items()},
        )
        for real, (content, found) in packed.items()
    }


def _make(directory: Path) -> None:
    """Make the directory, as one that version control and backups leave out."""
    if not directory.is_dir():
        directory.mkdir(parents=True)
        (directory / ".gitignore").write_text("*\n", encoding="utf-8")
        (directory / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")
