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
    AssignmentStmt,
    FuncDef,
    Import,
    ImportAll,
    ImportFrom,
    MypyFile,
    SymbolTableNode,
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
from named_types.mypy_plugin.encoding import VARIABLE_PREFIX
from named_types.mypy_plugin.trees import statements_of
from named_types.notation import NOTATION


def declare_variables(analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
    """Prepare a module for the dimension variables in its annotations."""
    if not _uses_notation(tree):
        return
    names = _Names(tree)
    for annotation in _annotations(tree):
        names.prepare(annotation)
    bound = analyzer.named_type("builtins.object")
    for name in names.variables:
        declared = TypeVarExpr(
            name, f"{tree.fullname}.{name}", [], bound, AnyType(TypeOfAny.from_omitted_generics), INVARIANT
        )
        tree.names.setdefault(name, SymbolTableNode(GDEF, declared, module_public=False, module_hidden=True))


def bound_variables(ctx: AnalyzeTypeContext, array: ArrayType) -> Mapping[str, Type]:
    """The type variables that the signature around an annotation binds, for the dimension variables in it."""
    assert isinstance(ctx.api, TypeAnalyser)
    module = ctx.api.cur_mod_node.fullname
    bindings = {
        name: ctx.api.tvar_scope.get_binding(f"{module}.{VARIABLE_PREFIX}{name}") for name in sorted(array.variables)
    }
    return {name: binding.copy_modified(id=binding.id) for name, binding in bindings.items() if binding is not None}


class _Names:
    """Rewrites the annotations of one module that use the notation."""

    def __init__(self, tree: MypyFile) -> None:
        self.variables: dict[str, None] = {}
        self._notation = _names_of_notation(tree)

    def prepare(self, annotation: Type | None) -> None:
        if isinstance(annotation, CallableType):
            for part in (*annotation.arg_types, annotation.ret_type):
                self.prepare(part)
        elif isinstance(annotation, UnboundType):
            is_array = self._is_notation(annotation.name)
            annotation.args = tuple(
                self._prepare_part(part) if is_array else self._prepared(part) for part in annotation.args
            )
        elif isinstance(annotation, (TypeList, TupleType, UnionType)):
            for part in annotation.items:
                self.prepare(part)

    def _prepared(self, annotation: Type) -> Type:
        self.prepare(annotation)
        return annotation

    def _is_notation(self, name: str) -> bool:
        return name in self._notation or ("." in name and name.rpartition(".")[2] in NOTATION)

    def _prepare_part(self, part: Type) -> Type:
        """A dim, a shape or a named shape."""
        if isinstance(part, TupleType):
            part.items = [self._prepare_part(item) for item in part.items]
        elif isinstance(part, TypedDictType):
            part.items = {name: self._prepare_part(size) for name, size in part.items.items()}
        elif isinstance(part, UnboundType) and part.original_str_expr is not None and part.name.isidentifier():
            if part.name != "_" and not part.args:
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
        self.variables[prefixed] = None
        return prefixed


def _uses_notation(tree: MypyFile) -> bool:
    if _names_of_notation(tree):
        return True
    modules = (name for one in tree.imports if isinstance(one, Import) for name, _ in one.ids)
    return any(name == "named_types" or name.startswith("named_types.") for name in modules)


def _names_of_notation(tree: MypyFile) -> frozenset[str]:
    """The names under which a module imports the notation."""
    names: set[str] = set()
    for imported in tree.imports:
        if isinstance(imported, ImportFrom):
            names.update(alias or name for name, alias in imported.names if name in NOTATION)
        elif isinstance(imported, ImportAll):
            names.update(NOTATION)
    return frozenset(names)


def _annotations(tree: MypyFile) -> Iterator[Type | None]:
    """Every annotation of a module."""
    for statement in statements_of(tree):
        if isinstance(statement, FuncDef):
            yield statement.type
            if statement.unanalyzed_type is not statement.type:
                yield statement.unanalyzed_type
        elif isinstance(statement, AssignmentStmt):
            yield statement.unanalyzed_type
