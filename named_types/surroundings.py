"""What stands on the disk around a program, looked at once; and what was looked for, and what was read, for which file.

What a check of a file gives depends on nothing else. So who keeps its result keeps this beside it, and can tell
later whether the same check would give the same.
"""

from __future__ import annotations

import os
from collections import defaultdict
from hashlib import blake2b
from pathlib import Path
from typing import Literal, TypeAlias

from named_types.source import InaccessibleSourceError, read_content

Kind: TypeAlias = Literal["file", "directory", "nothing"]
"""What a path leads to. A pipe, which might never end, and a link that leads nowhere are nothing."""


CHANGING = "changing"
"""Stands for the content of a file that was read twice and had changed."""


class Surroundings:
    """The disk as it was when each path was first looked at."""

    def __init__(self) -> None:
        self.looked_for: defaultdict[str, dict[str, Kind]] = defaultdict(dict)
        """For each file, the paths that were looked for on its behalf."""
        self.digests: dict[str, str | None] = {}
        """The contents that were read, by resolved path; None for what could not be."""
        self._news: set[str] = set()
        self._kinds: dict[str, Kind] = {}
        self._entries: dict[str, frozenset[str]] = {}

    def look(self, path: Path, asker: Path) -> Kind:
        """What is at ``path``, asked on behalf of the file ``asker``."""
        kind = self.kind(str(path))
        self.looked_for[str(asker)][str(path)] = kind
        return kind

    def kind(self, path: str) -> Kind:
        """What is at ``path``. Most things that are looked for are not there, and their directories tell."""
        if path not in self._kinds:
            directory, name = os.path.split(path)
            self._kinds[path] = _kind(path) if name in self._names_in(directory) else "nothing"
        return self._kinds[path]

    def digest_of(self, real: str) -> str | None:
        """What stands for the content of a file, read for that alone; None if it cannot be."""
        if real not in self.digests:
            try:
                content = read_content(real)
            except InaccessibleSourceError:
                content = None
            self.read(real, content)
        return self.digests[real]

    def read(self, real: str, content: bytes | None) -> None:
        """Note what was read of a file. One that has changed in between can be no part of anything that lasts."""
        found = None if content is None else digest(content)
        self.digests[real] = found if self.digests.get(real, found) == found else CHANGING
        self._news.add(real)

    def take_told(self) -> tuple[dict[str, str | None], dict[str, dict[str, Kind]]]:
        """What was read and looked for since this was last asked."""
        looked_for, self.looked_for = dict(self.looked_for), defaultdict(dict)
        news = {real: self.digests[real] for real in self._news}
        self._news.clear()
        return news, looked_for

    def _names_in(self, directory: str) -> frozenset[str]:
        if directory not in self._entries:
            try:
                self._entries[directory] = frozenset(os.listdir(directory))
            except OSError:
                self._entries[directory] = frozenset()
        return self._entries[directory]


def digest(content: bytes) -> str:
    """What stands for a content: two that differ have different ones."""
    return blake2b(content, digest_size=16).hexdigest()


def _kind(path: str) -> Kind:
    if os.path.isfile(path):
        return "file"
    return "directory" if os.path.isdir(path) else "nothing"
