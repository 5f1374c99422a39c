"""The mypy plugin: annotations in the notation are types, and library calls on arrays have theirs.

[tool.mypy]
plugins = ["named_types.mypy_plugin"]
"""

from __future__ import annotations

from mypy.plugin import Plugin

from named_types.mypy_plugin import compatibility  # noqa: F401  (first: it says so where mypy is another one)
from named_types.mypy_plugin.lazy import LazyPlugin
from named_types.mypy_plugin.version import __version__

__all__ = ["__version__", "plugin"]


def plugin(version: str) -> type[Plugin]:
    """What mypy calls to get the plugin class."""
    return LazyPlugin
