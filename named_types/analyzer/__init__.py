"""The analyzer: what every value of a program is, found without running it.

`check_source` gives the diagnostics of a module; `analyze` also the type of every expression.
"""

from named_types.analyzer.analysis import Analysis, analyze, check_source

__all__ = ["Analysis", "analyze", "check_source"]
