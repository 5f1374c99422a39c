"""Aliases of array types with dimension variables: ``Square = f32[('n', 'n')]``, and of types that hold such.

A dimension variable in an alias is one of the function in whose signature the alias stands, by its name. To mypy, such
an alias is a generic one, ``Square[n]``: its variables are declared where it is prepared, and a signature that mentions
it gives it the variables of that name. Elsewhere the sizes are unknown, which is what the variables are by default.
The variables of an alias in another alias are those of the other one too. Type variables come before them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class AliasParameters:
    """The parameters of an alias: how many type variables it has, and its dimension variables, which come after."""

    types: int = 0
    dims: tuple[str, ...] = ()

    def dims_beside(self, arguments: int) -> tuple[str, ...]:
        """What an alias with so many arguments lacks; nothing where these are not its type arguments."""
        return self.dims if arguments == self.types else ()


class Aliases:
    """The aliases with dimension variables that a module may use."""

    def __init__(self, analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
        self._modules = analyzer.modules
        self._tree = tree
        self._own: dict[str, AliasParameters] = {}

    def declare(self, name: str, parameters: AliasParameters) -> None:
        """The module defines an alias; one of several that share a name is not known by it."""
        self._own[name] = AliasParameters() if name in self._own else parameters

    def parameters_of(self, name: str) -> AliasParameters:
        """The parameters of what is called so, none where it is no alias with dimension variables."""
        if name in self._own:
            return self._own[name]
        node = self._imported(name)
        names = [one.name for one in node.alias_tvars] if isinstance(node, TypeAlias) else []
        dims = [one.removeprefix(ALIAS_PREFIX) for one in names if _is_of_alias(one)]
        return AliasParameters(len(names) - len(dims), tuple(dims)) if dims else AliasParameters()

    def type_variables(self, names: Iterable[str]) -> tuple[str, ...] | None:
        """Those of these names that are type variables of the program; None if one stands for several types."""
        kinds = {name: kind for one in statements_of(self._tree) for name, kind in _type_variables(one)}
        found = {name: kinds.get(name) or _kind_of(self._imported(name)) for name in dict.fromkeys(names)}
        if not {"ParamSpec", "TypeVarTuple"}.isdisjoint(found.values()):
            return None
        return tuple(name for name, kind in found.items() if kind is not None)

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
        return ast.List([ast.Constant(text), *size_names(sorted(dim.variables))])


def size_names(variables: Iterable[str]) -> list[ast.expr]:
    """The names by which an alias refers to its dimension variables."""
    return [ast.Name(ALIAS_PREFIX + name) for name in variables]


def variables_in(text: str) -> tuple[str, ...]:
    """The dimension variables that an alias mentions in a text, in their order."""
    return tuple(dict.fromkeys(one.removeprefix(ALIAS_PREFIX) for one in _VARIABLE.findall(text)))


def add_parameters(statement: TypeAliasStmt, variables: tuple[str, ...]) -> AliasParameters:
    """Give a type statement dimension variables beside its own parameters; what it has then."""
    own = [one for one in statement.type_args if not _is_of_alias(one.name)]
    added = [TypeParam(ALIAS_PREFIX + name, TYPE_VAR_KIND, None, [], unknown()) for name in variables]
    statement.type_args = [*own, *added]
    return AliasParameters(len(own), variables)


def can_have_dims(statement: TypeAliasStmt) -> bool:
    """Whether dimension variables may come after a type statement's own parameters."""
    return all(one.kind == TYPE_VAR_KIND for one in statement.type_args)


def declare_in(analyzer: SemanticAnalyzer, tree: MypyFile, variables: tuple[str, ...]) -> None:
    """Declare the variables of an alias in its module."""
    bound = analyzer.named_type("builtins.object")
    for name in (ALIAS_PREFIX + one for one in variables):
        declared = TypeVarExpr(name, f"{tree.fullname}.{name}", [], bound, unknown(), INVARIANT)
        tree.names.setdefault(name, SymbolTableNode(GDEF, declared, module_public=False, module_hidden=True))


def _is_of_alias(name: str) -> bool:
    return name.startswith(ALIAS_PREFIX)


def _type_variables(statement: object) -> Iterator[tuple[str, str]]:
    """The name of the type variable that a statement defines, and which kind it is of."""
    match statement:
        case AssignmentStmt(lvalues=[NameExpr() as target], rvalue=CallExpr(callee=NameExpr() | MemberExpr() as made)):
            if made.name in _TYPE_VARIABLES:
                yield target.name, made.name


def _kind_of(node: object) -> str | None:
    return type(node).__name__.removesuffix("Expr") if isinstance(node, TypeVarLikeExpr) else None
