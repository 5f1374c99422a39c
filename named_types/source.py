"""The text of a file, as Python itself would read it."""

from __future__ import annotations

import os
import stat
from importlib.util import decode_source
from pathlib import Path


class SourceError(Exception):
    """A file whose bytes are no Python source; ``reason`` says why and ``line`` where."""

    def __init__(self, reason: str, line: int = 1) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


class InaccessibleSourceError(SourceError):
    """A file whose bytes the operating system does not hand out."""


def read_source(path: str | Path) -> str:
    """Read and decode ``path``: UTF-8, or what its byte order mark or coding comment (PEP 263) says.

    Line ends come out as newlines. Raises `SourceError`.
    """
    return decode(read_content(path))


def read_content(path: str | Path) -> bytes:
    """The bytes of ``path``. Raises `InaccessibleSourceError`."""
    try:
        if not _has_an_end(os.stat(path).st_mode):
            raise InaccessibleSourceError("it is a pipe or a device")
        return Path(path).read_bytes()
    except OSError as error:
        raise InaccessibleSourceError((error.strerror or str(error)).lower()) from error


def _has_an_end(mode: int) -> bool:
    """Whether reading it ends; of a directory the system says itself what is wrong."""
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def decode(content: bytes) -> str:
    """Decode the bytes of a file. Raises `SourceError`."""
    if b"\0" in content:
        raise SourceError("it is binary: it contains a null byte", _line_of(content, content.index(b"\0")))
    try:
        return decode_source(content)
    except UnicodeDecodeError as error:
        raise SourceError(f"it is not {error.encoding}: {error.reason}", _line_of(content, error.start)) from error
    except SyntaxError as error:
        raise SourceError(error.msg) from error


def _line_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1
