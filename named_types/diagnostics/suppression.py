"""Comments that silence diagnostics.

- ``# named-types: ignore[code, other-code]`` silences these codes on its line;
- ``# named-types: ignore`` silences every code on its line;
- ``# named-types: ignore-file``, with or without codes, does so for the whole file;
- ``# type: ignore`` and ``# type: ignore[code]`` are honoured as mypy honours them, so that one comment does
  for both checkers: the code may be the one under which mypy tells the same problem.

A diagnostic that spans several lines is silenced by a comment on its first or its last.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from named_types.diagnostics.diagnostic import Diagnostic

Codes: TypeAlias = frozenset[str] | None
"""Some codes; None is every code."""

PARENT_CODE: Final = "named-axis"
"""mypy's code for all problems that it has no code of its own for."""

MYPY_CODES: Final = {
    "incompatible-argument": "arg-type",
    "incompatible-assignment": "assignment",
    "incompatible-return": "return-value",
}
"""mypy's codes for the problems that it finds itself."""

_PATTERN = re.compile(
    r"#\s*(?:named-types:\s*(?P<kind>ignore-file|ignore)|type:\s*ignore)(?:\s*\[(?P<codes>[^\]]*)\]|(?!\s*\[)(?![\w-]))"
)


@dataclass(frozen=True, slots=True)
class Suppressions:
    """What one file's comments silence."""

    in_file: tuple[Codes, ...] = ()
    on_lines: Mapping[int, tuple[Codes, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: str) -> Suppressions:
        """Read them from the comments of ``source``; text in strings is no comment.

        Most files have none, which a search tells in a hundredth of the time that it takes to find all comments.
        """
        if _PATTERN.search(source) is None:
            return cls()
        in_file: list[Codes] = []
        on_lines: dict[int, list[Codes]] = {}
        for line, comment in _comments(source):
            for match in _PATTERN.finditer(comment):
                suppressed = in_file if match["kind"] == "ignore-file" else on_lines.setdefault(line, [])
                suppressed.append(_read_codes(match["codes"]))
        return cls(tuple(in_file), {line: tuple(codes) for line, codes in on_lines.items()})

    def silence(self, diagnostic: Diagnostic) -> bool:
        """Whether ``diagnostic``, of this file, is to be left out."""
        return self.silence_code(diagnostic.code, diagnostic.place.line, diagnostic.place.end_line)

    def silence_code(self, code: str, line: int, end_line: int) -> bool:
        """Whether a problem with ``code`` on these lines is to be left out."""
        candidates = [*self.in_file, *self.on_lines.get(line, ()), *self.on_lines.get(end_line, ())]
        names = {code, MYPY_CODES.get(code, PARENT_CODE)}
        return any(codes is None or not names.isdisjoint(codes) for codes in candidates)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every comment, as far as ``source`` can be read as Python."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _read_codes(text: str | None) -> Codes:
    return None if text is None else frozenset(code.strip() for code in text.split(",") if code.strip())
