"""Fixes written into the files that they are for."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from tokenize import detect_encoding

from named_types.diagnostics import Diagnostic, Fix, apply_fixes


def fix_files(diagnostics: Iterable[Diagnostic]) -> int:
    """Write the fixes of these diagnostics, and tell how many of them are gone by that.

    Encodings and line ends stay as they are. Raises `OSError` for a file that cannot be written.
    """
    fixes: defaultdict[str, list[Fix]] = defaultdict(list)
    for diagnostic in diagnostics:
        if diagnostic.fix is not None:
            fixes[diagnostic.fix.place.path].append(diagnostic.fix)
    for path, of_file in fixes.items():
        content = Path(path).read_bytes()
        encoding, _ = detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
        Path(path).write_bytes(apply_fixes(text, of_file).encode(encoding))
    return sum(map(len, fixes.values()))
