"""Array types where Python has an expression: in aliases, base classes, type arguments, casts and their like.

mypy reads such an expression as a type, and gives up at what no type of its own has between brackets, a tuple or a
dict. Strings it parses as it parses annotations. So, before mypy's analysis, each array type in such a place is
replaced by a string of it: ``list[f32[(2,), {'b': 4}]]`` becomes ``list["f32[(2,), {'b': 4}]"]``.

``Images = f32[(128, 784)]`` is a type alias too, where mypy, to which ``f32`` is a variable, would see a variable.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from mypy.nodes import (
    GDEF,
    AssignmentStmt,
    CallExpr,
    ClassDef,
    DictExpr,
    Expression,
    IndexExpr,
    ListExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    OpExpr,
    RefExpr,
    ReturnStmt,
    Statement,
    StrExpr,
    SymbolTableNode,
    TupleExpr,
    TypeAliasStmt,
    get_member_expr_fullname,
)
from mypy.options import Options
from mypy.semanal import SemanticAnalyzer
from mypy.types import UnboundType

from named_types.mypy_plugin.aliases import (
    ANY_SIZE,
    Aliases,
    BoundDims,
    declare_in,
    has_parameters,
    parameters,
    variables_in,
)
from named_types.mypy_plugin.expressions import expressions_of
from named_types.mypy_plugin.texts import text_of
from named_types.mypy_plugin.trees import names_of_notation, statements_of

_TYPE_ARGUMENTS = {
    "NamedTuple": slice(1, None),
    "NewType": slice(1, 2),
    "TypeAliasType": slice(1, 2),
    "TypeVar": slice(1, None),
    "TypedDict": slice(1, 2),
    "assert_type": slice(1, 2),
    "cast": slice(0, 1),
}
"""Which arguments are types, of functions that take such."""

_GENERIC = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
"""Classes that take type arguments and have no class's name."""

_TYPE_ALIAS = "TypeAlias·"
"""``typing.TypeAlias`` in a module that need not import it."""

_NAME = re.compile(r"[^\W\d][\w.]*")


def quote_array_types(analyzer: SemanticAnalyzer, tree: MypyFile) -> Aliases:
    """Prepare a module for the array types in its expressions; what it defines aliases of."""
    quoting = _Quoting(tree, analyzer.options)
    aliases = Aliases(analyzer, tree)
    _declare_aliases(analyzer, tree, quoting)
    for statement in statements_of(tree):
        if isinstance(statement, AssignmentStmt) and _is_alias(statement):
            is_bound = not aliases.has_type_variables(quoting.names_in(statement.rvalue))
            statement.rvalue, variables = quoting.alias(statement.rvalue, is_bound=is_bound)
            declare_in(analyzer, tree, variables)
            if isinstance(target := statement.lvalues[0], NameExpr):
                aliases.declare(target.name, variables)
        elif isinstance(statement, TypeAliasStmt):
            returned = statement.value.body.body[-1]
            assert isinstance(returned, ReturnStmt)
            assert returned.expr is not None
            returned.expr, variables = quoting.alias(returned.expr, is_bound=not has_parameters(statement))
            statement.type_args = statement.type_args or parameters(variables)
            aliases.declare(statement.name.name, variables)
    for expression in expressions_of(tree):
        if isinstance(expression, IndexExpr) and _is_generic(expression.base):
            expression.index = quoting.quoted(expression.index)
        elif isinstance(expression, CallExpr):
            types = _TYPE_ARGUMENTS.get(_dotted_name(expression.callee).rpartition(".")[2], slice(0))
            expression.args[types] = map(quoting.quoted, expression.args[types])
    return aliases


def _declare_aliases(analyzer: SemanticAnalyzer, tree: MypyFile, quoting: _Quoting) -> None:
    """Make aliases of the names that a module, or a class, binds once to an array type, and uses as nothing else."""
    symbol = analyzer.lookup_fully_qualified_or_none("typing.TypeAlias")
    if symbol is None:
        return
    tree.names[_TYPE_ALIAS] = SymbolTableNode(GDEF, symbol.node, module_public=False, module_hidden=True)
    uses = Counter(one.name for one in expressions_of(tree) if isinstance(one, NameExpr))
    for statement in _outside_functions(tree.defs):
        if isinstance(statement, AssignmentStmt) and quoting.is_array_type(statement.rvalue):
            target = statement.lvalues[0]
            if statement.unanalyzed_type is None and isinstance(target, NameExpr) and uses[target.name] == 1:
                statement.unanalyzed_type = UnboundType(_TYPE_ALIAS, line=statement.line, column=statement.column)


class _Quoting:
    """Puts strings for the array types of one module."""

    def __init__(self, tree: MypyFile, options: Options) -> None:
        self._path = tree.path
        self._options = options
        self._notation = names_of_notation(tree)
        self._dims: ast.NodeTransformer = _Dims()
        self._strings: list[str] = []

    def alias(self, expression: Expression, *, is_bound: bool) -> tuple[Expression, tuple[str, ...]]:
        """What an alias stands for, and its dimension variables, of which it has none if they are not to be bound."""
        self._dims = BoundDims() if is_bound else _Dims()
        self._strings.clear()
        quoted = self.quoted(expression)
        self._dims = _Dims()
        return quoted, variables_in(" ".join(self._strings))

    def names_in(self, expression: Expression) -> frozenset[str]:
        """All the names in the text of an expression, quoted or not."""
        return frozenset(_NAME.findall(self._text_of(expression)))

    def is_array_type(self, expression: Expression) -> bool:
        """Whether an expression is in the notation, or a union with such."""
        if isinstance(expression, OpExpr):
            return expression.op == "|" and (
                self.is_array_type(expression.left) or self.is_array_type(expression.right)
            )
        return self._is_notation(expression)

    def quoted(self, expression: Expression) -> Expression:
        """An expression that stands for a type, with strings for the array types in it."""
        match expression:
            case StrExpr():
                return self._string(expression.value, expression)
            case RefExpr() | IndexExpr() if self._is_notation(expression):
                return self._string(self._text_of(expression), expression)
            case IndexExpr():
                expression.index = self.quoted(expression.index)
            case TupleExpr() | ListExpr():
                expression.items = list(map(self.quoted, expression.items))
            case DictExpr():
                expression.items = [(key, self.quoted(value)) for key, value in expression.items]
            case OpExpr():
                expression.left, expression.right = self.quoted(expression.left), self.quoted(expression.right)
        return expression

    def _is_notation(self, expression: Expression) -> bool:
        return _dotted_name(expression.base if isinstance(expression, IndexExpr) else expression) in self._notation

    def _string(self, text: str, original: Expression) -> Expression:
        """The string that mypy is to parse; where it holds no array type, what stood there before."""
        try:
            parsed = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return original
        rewriter = _Rewriter(self._notation, self._dims)
        string = StrExpr(ast.unparse(rewriter.visit(parsed)))
        string.set_line(original)
        self._strings.append(string.value)
        return string if rewriter.found else original

    def _text_of(self, expression: Expression) -> str:
        assert expression.end_line is not None
        assert expression.end_column is not None
        lines = self._lines[expression.line - 1 : expression.end_line]
        lines[-1] = lines[-1][: expression.end_column]
        lines[0] = lines[0][expression.column :]
        return " ".join(line.decode(errors="replace") for line in lines)

    @cached_property
    def _lines(self) -> list[bytes]:
        return text_of(self._path, self._options).encode().split(b"\n")


class _Rewriter(ast.NodeTransformer):
    """Writes array types so that mypy can read them, with ``dims`` for what is between the brackets."""

    def __init__(self, notation: frozenset[str], dims: ast.NodeTransformer) -> None:
        self.found = False
        self._notation = notation
        self._dims = dims

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._with_brackets(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._with_brackets(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if ast.unparse(node.value) not in self._notation:
            node.slice = self.visit(node.slice)
            return node
        self.found = True
        node.slice = self._dims.visit(node.slice)
        return node

    def _with_brackets(self, node: ast.expr) -> ast.expr:
        """A bare ``f32``: an alias of the name alone would be one of ``jax.Array``."""
        if ast.unparse(node) not in self._notation:
            return node
        self.found = True
        return ast.Subscript(node, ast.Tuple([ast.Constant(...), ast.Constant(...)]))


class _Dims(ast.NodeTransformer):
    """Writes dims so that mypy looks up no dimension variables as names: ``'n'`` as ``'n+0'``."""

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        node.values = [self.visit(value) for value in node.values]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if node.value == "_":
            return ast.parse(ANY_SIZE, mode="eval").body
        if isinstance(node.value, str) and node.value.isidentifier():
            return ast.Constant(f"{node.value}+0")
        return node


def _outside_functions(statements: list[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        if isinstance(statement, ClassDef):
            yield from _outside_functions(statement.defs.body)


def _is_alias(statement: AssignmentStmt) -> bool:
    declared = statement.unanalyzed_type
    return isinstance(declared, UnboundType) and declared.name.rpartition(".")[2] in ("TypeAlias", _TYPE_ALIAS)


def _is_generic(base: Expression) -> bool:
    """Whether what stands in brackets after it is a type: it is called like a class."""
    name = _dotted_name(base).rpartition(".")[2].lstrip("_")
    return name in _GENERIC or (name[:1].isupper() and (len(name) == 1 or not name.isupper()))


def _dotted_name(expression: Expression) -> str:
    if isinstance(expression, NameExpr):
        return expression.name
    return (get_member_expr_fullname(expression) or "") if isinstance(expression, MemberExpr) else ""
