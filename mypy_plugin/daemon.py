"""What mypy's daemon checks again when a file changes.

The daemon checks a function again when the interface of something that it uses has changed. What is said about a
module depends on bodies too, for functions are followed where they are called. So each module of the program has one
name more in its interface, whose type is a hash of the module's text; all that a module with arrays defines depends
on that name in the modules that it imports, and so does the name in the module itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from mypy.nodes import GDEF, Import, ImportAll, ImportFrom, MypyFile, SymbolTableNode, Var
from mypy.semanal import SemanticAnalyzer
from mypy.server.trigger import make_trigger
from mypy.types import LiteralType
from mypy.util import correct_relative_import

from named_types.mypy_plugin.trees import definitions_of

_TEXT: Final = "text·"
"""An identifier that no program uses."""


def is_daemon(analyzer: SemanticAnalyzer) -> bool:
    """Whether mypy is, or writes a cache for, a daemon."""
    return analyzer.options.fine_grained_incremental or analyzer.options.cache_fine_grained


def expose_text(analyzer: SemanticAnalyzer, tree: MypyFile, digest: str) -> None:
    """A change of the module's text is one of its interface."""
    variable = Var(_TEXT, LiteralType(digest, analyzer.named_type("builtins.str")))
    variable._fullname = f"{tree.fullname}.{_TEXT}"
    variable.is_ready = True
    tree.names[_TEXT] = SymbolTableNode(GDEF, variable, module_public=False, module_hidden=True)


def depend_on_texts(analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
    """What is said about a module changes with the texts of those that it imports, and of those that they import."""
    own = make_trigger(f"{tree.fullname}.{_TEXT}")
    targets = [tree.fullname, *(f"{tree.fullname}.{name}" for name in definitions_of(tree))]
    for module in set(_imported(tree)) - {tree.fullname}:
        for target in (own, *targets):
            analyzer.add_plugin_dependency(make_trigger(f"{module}.{_TEXT}"), target)


def _imported(tree: MypyFile) -> Iterator[str]:
    for statement in tree.imports:
        if isinstance(statement, Import):
            for name, _ in statement.ids:
                yield from accumulate(name.split("."), "{}.{}".format)
        elif isinstance(statement, (ImportFrom, ImportAll)):
            is_package = tree.is_package_init_file()
            module, _ = correct_relative_import(tree.fullname, statement.relative, statement.id, is_package)
            yield from accumulate(module.split("."), "{}.{}".format)
            if isinstance(statement, ImportFrom):
                yield from (f"{module}.{name}" for name, _ in statement.names)
