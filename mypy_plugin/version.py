"""The version of everything an answer of the plugin depends on: mypy forgets what it cached when this changes.

mypy itself looks at the plugin's main file only.
"""

from __future__ import annotations

import sys

import named_types
from named_types.versions import version_of

__version__ = version_of(named_types.__path__, sys.path)
