"""Aliases of array types with dimension variables: ``Square = f32[('n', 'n')]``.

A dimension variable in an alias is one of the function in whose signature the alias stands, by its name. To mypy, such
an alias is a generic one, ``Square[n]``: its variables are declared where it is prepared, and a signature that mentions
it gives it the variables of that name. Elsewhere the sizes are unknown, which is what the variables are by default.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from mypy.nodes import (
    GDEF,
    INVARIANT,
    TYPE_VAR_KIND,
    AssignmentStmt,
    CallExpr,
    Import,
    ImportFrom,
    MemberExpr,
    MypyFile,
    NameExpr,
    SymbolTableNode,
    TypeAlias,
    TypeAliasStmt,
    TypeParam,
    TypeVarExpr,
    TypeVarLikeExpr,
)
from mypy.semanal import SemanticAnalyzer
from mypy.util import correct_relative_import

from named_types.algebra import SymbolicDim, parse_dim
from named_types.mypy_plugin.encoding import unknown
from named_types.mypy_plugin.trees import statements_of

ALIAS_PREFIX: Final = "size·"
"""The variables of an alias are named so, and not as those of a function, for they are something by default."""

ANY_SIZE: Final = "None | None"
"""What is read as an unknown size, and has no name that mypy would look up."""

_VARIABLE = re.compile(rf"\b{ALIAS_PREFIX}\w+")
_TYPE_VARIABLES = frozenset({"ParamSpec", "TypeVar", "TypeVarTuple"})


class Aliases:
    """The aliases with dimension variables that a module may use, and these variables, in their order."""

    def __init__(self, analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
        self._modules = analyzer.modules
        self._tree = tree
        self._own: dict[str, tuple[str, ...]] = {}

    def declare(self, name: str, variables: tuple[str, ...]) -> None:
        """The module defines an alias; one of several that share a name is not known by it."""
        self._own[name] = () if name in self._own else variables

    def variables_of(self, name: str) -> tuple[str, ...]:
        """The dimension variables of what is called so, none where it is no such alias."""
        if name in self._own:
            return self._own[name]
        node = self._imported(name)
        if not isinstance(node, TypeAlias):
            return ()
        names = [one.name for one in node.alias_tvars]
        return tuple(one.removeprefix(ALIAS_PREFIX) for one in names) if all(map(_is_of_alias, names)) else ()

    def has_type_variables(self, names: frozenset[str]) -> bool:
        """Whether any of these names is that of a type variable of the program."""
        declared = {target.name for one in statements_of(self._tree) for target in _type_variables(one)}
        return not declared.isdisjoint(names) or any(
            isinstance(self._imported(name), TypeVarLikeExpr) for name in names
        )

    def _imported(self, name: str) -> object:
        head, _, attribute = name.rpartition(".")
        for statement in self._tree.imports:
            if isinstance(statement, Import) and head:
                modules = [module for module, alias in statement.ids if (alias or module) == head]
                names = [attribute]
            elif isinstance(statement, ImportFrom):
                is_package = self._tree.is_package_init_file()
                module, _ = correct_relative_import(self._tree.fullname, statement.relative, statement.id, is_package)
                modules = [f"{module}.{one}" for one, alias in statement.names if head and (alias or one) == head]
                names = [attribute] if head else [one for one, alias in statement.names if (alias or one) == name]
                modules = modules if head else [module] * len(names)
            else:
                continue
            for module in modules:
                tree = self._modules.get(module)
                symbol = None if tree is None else tree.names.get(names[0])
                if symbol is not None:
                    return symbol.node
        return None


class BoundDims(ast.NodeTransformer):
    """Writes the dims of an array type with their variables beside them: ``'n+1'`` as ``['n+1', size·n]``."""

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        node.values = [self.visit(value) for value in node.values]
        return node

    def visit_List(self, node: ast.List) -> ast.expr:
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if node.value == "_":
            return ast.parse(ANY_SIZE, mode="eval").body
        dim = parse_dim(node.value) if isinstance(node.value, str) else None
        if not isinstance(dim, SymbolicDim):
            return node
        text = f"{dim}+0" if str(dim).isidentifier() else str(dim)
        return ast.List([ast.Constant(text), *(ast.Name(ALIAS_PREFIX + name) for name in sorted(dim.variables))])


def variables_in(text: str) -> tuple[str, ...]:
    """The variables that `BoundDims` has put into a text, in their order."""
    return tuple(dict.fromkeys(one.removeprefix(ALIAS_PREFIX) for one in _VARIABLE.findall(text)))


def parameters(variables: tuple[str, ...]) -> list[TypeParam]:
    """The parameters of a type statement that defines an alias."""
    return [TypeParam(ALIAS_PREFIX + name, TYPE_VAR_KIND, None, [], unknown()) for name in variables]


def has_parameters(statement: TypeAliasStmt) -> bool:
    """Whether the program gives a type statement parameters of its own."""
    return not all(_is_of_alias(one.name) for one in statement.type_args)


def declare_in(analyzer: SemanticAnalyzer, tree: MypyFile, variables: tuple[str, ...]) -> None:
    """Declare the variables of an alias in its module."""
    bound = analyzer.named_type("builtins.object")
    for name in (ALIAS_PREFIX + one for one in variables):
        declared = TypeVarExpr(name, f"{tree.fullname}.{name}", [], bound, unknown(), INVARIANT)
        tree.names.setdefault(name, SymbolTableNode(GDEF, declared, module_public=False, module_hidden=True))


def _is_of_alias(name: str) -> bool:
    return name.startswith(ALIAS_PREFIX)


def _type_variables(statement: object) -> Iterator[NameExpr]:
    match statement:
        case AssignmentStmt(lvalues=[NameExpr() as target], rvalue=CallExpr(callee=NameExpr() | MemberExpr() as made)):
            if made.name in _TYPE_VARIABLES:
                yield target
