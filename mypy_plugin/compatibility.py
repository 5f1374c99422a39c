"""Which mypy the plugin works with, and what they differ in. Importing this raises `ImportError` under another one.

The plugin uses parts of mypy that are no public API; mypy reports the failed import in one line.
"""

from __future__ import annotations

from mypy.version import __version__ as MYPY

TESTED = ("2.3", "2.4")

if ".".join(MYPY.split(".")[:2]) not in TESTED:
    raise ImportError(f"it works with mypy {' and '.join(TESTED)}, this is mypy {MYPY}")

FITS_ANY_LENGTH = MYPY >= "2.4"
"""Whether ``tuple[*tuple[Any, ...], X]`` fits where a tuple of fixed length is asked for."""
