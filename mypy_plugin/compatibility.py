"""Which mypy the plugin works with. Importing this raises `ImportError` under another one.

The plugin uses parts of mypy that are no public API; mypy reports the failed import in one line.
"""

from __future__ import annotations

from mypy.version import __version__ as MYPY

TESTED = (2, 4)

if tuple(map(int, MYPY.split("+")[0].split(".")[:2])) != TESTED:
    raise ImportError(f"it works with mypy {'.'.join(map(str, TESTED))}, this is mypy {MYPY}")
