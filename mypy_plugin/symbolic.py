"""Dimension variables as mypy's own type variables, so that mypy infers them.

mypy collects the type variables of a signature by looking up the names in it, before any hook sees the
annotation. So each module's tree is prepared before its analysis: in annotations in the notation, the name
``n`` of ``'n'`` gets the prefix of the encoding, the names in ``'2*n+1'`` are put beside the text, and a type
variable is declared for each of them in the module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mypy.nodes import (
    GDEF,
    INVARIANT,
    TYPE_VAR_KIND,
    AssignmentStmt,
    FuncDef,
    MypyFile,
    Statement,
    SymbolTableNode,
    TypeParam,
    TypeVarExpr,
)
from mypy.plugin import AnalyzeTypeContext
from mypy.semanal import SemanticAnalyzer
from mypy.typeanal import TypeAnalyser
from mypy.types import (
    AnyType,
    CallableType,
    RawExpressionType,
    TupleType,
    Type,
    TypedDictType,
    TypeList,
    TypeOfAny,
    UnboundType,
    UnionType,
)

from named_types.algebra import ArrayType, SymbolicDim, parse_dim
from named_types.mypy_plugin.aliases import ALIAS_PREFIX, Aliases
from named_types.mypy_plugin.encoding import VARIABLE_PREFIX, unknown
from named_types.mypy_plugin.trees import names_of_notation, nested_in


def declare_variables(analyzer: SemanticAnalyzer, tree: MypyFile, aliases: Aliases) -> None:
    """Prepare a module for the dimension variables in its annotations."""
    mentioned = _prepare(tree.defs, _Names(names_of_notation(tree), aliases), frozenset())
    bound = analyzer.named_type("builtins.object")
    for name in mentioned:
        declared = TypeVarExpr(
            name, f"{tree.fullname}.{name}", [], bound, AnyType(TypeOfAny.from_omitted_generics), INVARIANT
        )
        tree.names.setdefault(name, SymbolTableNode(GDEF, declared, module_public=False, module_hidden=True))


def bound_variables(ctx: AnalyzeTypeContext, array: ArrayType) -> Mapping[str, Type]:
    """The type variables that the signature or alias around it binds, for the dimension variables in an array type."""
    assert isinstance(ctx.api, TypeAnalyser)
    bindings: dict[str, Type] = {}
    for name in sorted(array.variables):
        for prefix in (ALIAS_PREFIX, VARIABLE_PREFIX):
            symbol = ctx.api.api.lookup_qualified(prefix + name, ctx.context, suppress_errors=True)
            binding = None if symbol is None else ctx.api.tvar_scope.get_binding(symbol)
            if binding is not None:
                bindings[name] = binding.copy_modified(id=binding.id)
    return bindings


def _prepare(statements: list[Statement], names: _Names, bound: frozenset[str]) -> dict[str, None]:
    """Prepare statements, where the signatures around them bind these type variables; those that they mention."""
    mentioned: dict[str, None] = {}
    for statement in statements:
        variables = names.prepared_in(statement, bound)
        mentioned |= variables
        inside = bound | variables.keys() if isinstance(statement, FuncDef) else bound
        mentioned |= _prepare(nested_in(statement), names, inside)
        if isinstance(statement, FuncDef) and statement.type_args:  # all are to be declared, where some are
            missing = variables.keys() - {one.name for one in statement.type_args}
            params = [TypeParam(name, TYPE_VAR_KIND, None, [], None) for name in sorted(missing)]
            statement.type_args = [*statement.type_args, *params]
    return mentioned


class _Names:
    """Rewrites the annotations of one module that use the notation."""

    def __init__(self, notation: frozenset[str], aliases: Aliases) -> None:
        self._notation = notation
        self._aliases = aliases
        self._variables: dict[str, None] = {}
        self._bound: frozenset[str] = frozenset()
        self._binds = False

    def prepared_in(self, statement: Statement, bound: frozenset[str]) -> dict[str, None]:
        """Prepare the annotations of a statement; the type variables in them, of which parameters bind all."""
        self._variables = {}
        self._bound = bound
        for annotation in _annotations(statement):
            self.prepare(annotation)
        return self._variables

    def prepare(self, annotation: Type | None) -> None:
        if isinstance(annotation, CallableType):
            self._binds = True
            for part in annotation.arg_types:
                self.prepare(part)
            self._binds = False
            self._bound |= self._variables.keys()
            self.prepare(annotation.ret_type)
        elif isinstance(annotation, UnboundType):
            is_array = annotation.name in self._notation
            arguments = [self._prepare_part(part) if is_array else self._prepared(part) for part in annotation.args]
            annotation.args = (*arguments, *self._sizes_of_alias(annotation))
        elif isinstance(annotation, (TypeList, TupleType, UnionType)):
            for part in annotation.items:
                self.prepare(part)

    def _prepared(self, annotation: Type) -> Type:
        self.prepare(annotation)
        if isinstance(annotation, UnboundType) and annotation.name.startswith(VARIABLE_PREFIX):
            self._variable(annotation.name)
        return annotation

    def _sizes_of_alias(self, annotation: UnboundType) -> tuple[Type, ...]:
        """The variables that an alias has where it stands: those of these names, as far as they are bound."""
        sizes: list[Type] = []
        for variable in self._aliases.parameters_of(annotation.name).dims_beside(len(annotation.args)):
            is_bound = self._binds or VARIABLE_PREFIX + variable in self._bound
            name = self._variable(variable) if is_bound else None
            sizes.append(UnboundType(name, line=annotation.line, column=annotation.column) if name else unknown())
        return tuple(sizes)

    def _prepare_part(self, part: Type) -> Type:
        """A dim, a shape or a named shape."""
        if isinstance(part, TupleType):
            part.items = [self._prepare_part(item) for item in part.items]
        elif isinstance(part, TypedDictType):
            part.items = {name: self._prepare_part(size) for name, size in part.items.items()}
        elif isinstance(part, UnboundType) and part.original_str_expr is not None and part.name.isidentifier():
            if part.name == "_":
                return RawExpressionType(part.name, "builtins.str", part.line, part.column)
            if not part.args:
                part.name = self._variable(part.name)
        elif isinstance(part, RawExpressionType) and isinstance(part.literal_value, str):
            dim = parse_dim(part.literal_value)
            if isinstance(dim, SymbolicDim):
                names = [
                    UnboundType(self._variable(name), line=part.line, column=part.column)
                    for name in sorted(dim.variables)
                ]
                return TypeList([part, *names], part.line, part.column)
        return part

    def _variable(self, name: str) -> str:
        prefixed = VARIABLE_PREFIX + name.removeprefix(VARIABLE_PREFIX)
        self._variables[prefixed] = None
        return prefixed


def _annotations(statement: Statement) -> Iterator[Type | None]:
    if isinstance(statement, FuncDef):
        yield statement.type
        if statement.unanalyzed_type is not statement.type:
            yield statement.unanalyzed_type
    elif isinstance(statement, AssignmentStmt):
        yield statement.unanalyzed_type
