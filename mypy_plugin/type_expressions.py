"""Array types where Python has an expression: in aliases, base classes, type arguments, casts and their like.

mypy reads such an expression as a type, and gives up at what no type of its own has between brackets, a tuple or a
dict. Strings it parses as it parses annotations. So, before mypy's analysis, each array type in such a place is
replaced by a string of it: ``list[f32[(2,), {'b': 4}]]`` becomes ``list["f32[(2,), {'b': 4}]"]``.

``Images = f32[(128, 784)]`` is a type alias too, where mypy, to which ``f32`` is a variable, would see a variable.
"""

from __future__ import annotations

import ast
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
    AliasParameters,
    BoundDims,
    add_parameters,
    can_have_dims,
    declare_in,
    size_names,
    variables_in,
)
from named_types.mypy_plugin.encoding import ORDERED
from named_types.mypy_plugin.expressions import expressions_of, inside
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
_ORDERED = "Ordered·"
_IMPORTED = {_TYPE_ALIAS: "typing.TypeAlias", _ORDERED: ORDERED}
"""Names in a module that need not import them."""


def quote_array_types(analyzer: SemanticAnalyzer, tree: MypyFile) -> Aliases:
    """Prepare a module for the array types in its expressions; what it defines aliases of."""
    aliases = Aliases(analyzer, tree)
    quoting = _Quoting(tree, analyzer.options, aliases)
    outside = {id(statement) for statement in _outside_functions(tree.defs)}
    uses = _uses(tree)
    _import_names(analyzer, tree)
    for statement in statements_of(tree):
        if isinstance(statement, AssignmentStmt):
            if id(statement) in outside:
                _make_alias(statement, quoting, uses)
            if _is_alias(statement):
                statement.rvalue, parameters = quoting.alias(statement.rvalue)
                declare_in(analyzer, tree, parameters.dims)
                if isinstance(target := statement.lvalues[0], NameExpr):
                    aliases.declare(target.name, parameters)
        elif isinstance(statement, TypeAliasStmt):
            returned = statement.value.body.body[-1]
            assert isinstance(returned, ReturnStmt)
            assert returned.expr is not None
            returned.expr, variables = quoting.bound(returned.expr, is_bound=can_have_dims(statement))
            aliases.declare(statement.name.name, add_parameters(statement, variables))
    for expression in expressions_of(tree):
        if isinstance(expression, IndexExpr) and _is_generic(expression.base):
            expression.index = quoting.quoted(expression.index)
        elif isinstance(expression, CallExpr):
            types = _TYPE_ARGUMENTS.get(_dotted_name(expression.callee).rpartition(".")[2], slice(0))
            expression.args[types] = map(quoting.quoted, expression.args[types])
    return aliases


def _import_names(analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
    for name, fullname in _IMPORTED.items():
        symbol = analyzer.lookup_fully_qualified_or_none(fullname)
        if symbol is not None:
            tree.names[name] = SymbolTableNode(GDEF, symbol.node, module_public=False, module_hidden=True)


def _uses(tree: MypyFile) -> Counter[str]:
    """How often a module mentions each name where it may be no type: not as a type argument, nor in another alias."""
    types = [one.index for one in expressions_of(tree) if isinstance(one, IndexExpr) and _is_generic(one.base)]
    for statement in _outside_functions(tree.defs):
        if isinstance(statement, AssignmentStmt) and isinstance(statement.rvalue, (NameExpr, OpExpr)):
            types.append(statement.rvalue)
    in_types = {id(one) for type in types for one in (type, *inside(type))}
    names = (one for one in expressions_of(tree) if isinstance(one, NameExpr))
    return Counter(one.name for one in names if id(one) not in in_types)


def _make_alias(statement: AssignmentStmt, quoting: _Quoting, uses: Counter[str]) -> None:
    """Make an alias of a name that a module, or a class, binds once to an array type, and uses as nothing else."""
    target = statement.lvalues[0]
    is_bound_once = isinstance(target, NameExpr) and uses[target.name] == 1
    if statement.unanalyzed_type is None and is_bound_once and quoting.is_array_type(statement.rvalue):
        statement.unanalyzed_type = UnboundType(_TYPE_ALIAS, line=statement.line, column=statement.column)


class _Quoting:
    """Puts strings for the array types of one module."""

    def __init__(self, tree: MypyFile, options: Options, aliases: Aliases) -> None:
        self._path = tree.path
        self._options = options
        self._notation = names_of_notation(tree)
        self._aliases = aliases
        self._rewriter: type[_Rewriter] = _Rewriter
        self._first: tuple[str, ...] = ()
        self._strings: list[str] = []

    def alias(self, expression: Expression) -> tuple[Expression, AliasParameters]:
        """What an alias stands for, and its parameters."""
        types = self._aliases.type_variables(self._names_in(self._text_of(expression)))
        quoted, dims = self.bound(expression, types or (), is_bound=types is not None)
        return quoted, AliasParameters(len(types or ()), dims)

    def bound(
        self, expression: Expression, types: tuple[str, ...] = (), *, is_bound: bool
    ) -> tuple[Expression, tuple[str, ...]]:
        """What an alias stands for, and its dimension variables, of which it has none if they are not to be bound.

        ``types`` are the type variables that are to be mentioned before them.
        """
        self._rewriter = _AliasRewriter if is_bound else _Rewriter
        self._first = types
        self._strings.clear()
        quoted = self.quoted(expression)
        self._rewriter = _Rewriter
        return quoted, variables_in(" ".join(self._strings))

    def is_array_type(self, expression: Expression) -> bool:
        """Whether an expression is in the notation, an alias with dimension variables, or a type that holds such."""
        match expression:
            case OpExpr(op="|"):
                return self.is_array_type(expression.left) or self.is_array_type(expression.right)
            case TupleExpr() | ListExpr():
                return any(map(self.is_array_type, expression.items))
            case IndexExpr() if _is_generic(expression.base) and not self._is_array_type(expression):
                return self.is_array_type(expression.index)
        return self._is_array_type(expression)

    def quoted(self, expression: Expression) -> Expression:
        """An expression that stands for a type, with strings for the array types in it."""
        match expression:
            case StrExpr():
                return self._string(expression.value, expression)
            case RefExpr() | IndexExpr() if self._is_array_type(expression):
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

    def _names_in(self, text: str) -> Iterator[str]:
        """The names in a type, also those in quotes, without those of axes and sizes."""
        waiting: list[ast.AST] = list(filter(None, [_parsed(text)]))
        while waiting:
            match waiting.pop(0):
                case ast.Name() | ast.Attribute() as node:
                    yield ast.unparse(node)
                case ast.Subscript(base) if ast.unparse(base) in self._notation:
                    pass
                case ast.Constant(str(quoted)):
                    waiting[:0] = filter(None, [_parsed(quoted)])
                case node:
                    waiting[:0] = ast.iter_child_nodes(node)

    def _is_array_type(self, expression: Expression) -> bool:
        name = _dotted_name(expression.base if isinstance(expression, IndexExpr) else expression)
        return name in self._notation or bool(name and self._aliases.parameters_of(name).dims)

    def _string(self, text: str, original: Expression) -> Expression:
        """The string that mypy is to parse; where it holds no array type, what stood there before."""
        parsed = _parsed(text)
        if parsed is None:
            return original
        rewriter = self._rewriter(self._notation, self._aliases)
        rewritten = ast.unparse(rewriter.visit(parsed))
        if not rewriter.found:
            return original
        if self._first and not self._strings:
            rewritten = f"{_ORDERED}[{', '.join(self._first)}, {rewritten}]"
        string = StrExpr(rewritten)
        string.set_line(original)
        self._strings.append(string.value)
        return string

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
    """Writes array types so that mypy can read them."""

    def __init__(self, notation: frozenset[str], aliases: Aliases) -> None:
        self.found = False
        self._notation = notation
        self._aliases = aliases

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

    @property
    def _dims(self) -> ast.NodeTransformer:
        """What writes that which is between the brackets."""
        return _Dims()


class _AliasRewriter(_Rewriter):
    """Does so in an alias, with the dimension variables beside the dims, and beside the arguments of other aliases."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        dims = self._aliases.parameters_of(ast.unparse(node.value)).dims_beside(len(arguments))
        if not dims:
            return super().visit_Subscript(node)
        self.found = True
        return ast.Subscript(node.value, ast.Tuple([*map(self.visit, arguments), *size_names(dims)]))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A quoted type in one that is not."""
        if not isinstance(node.value, str):
            return node
        parsed = _parsed(node.value)
        visited = None if parsed is None else self.visit(parsed)
        return visited if visited is not None and self.found else node

    def _with_brackets(self, node: ast.expr) -> ast.expr:
        dims = self._aliases.parameters_of(ast.unparse(node)).dims_beside(0)
        if not dims:
            return super()._with_brackets(node)
        self.found = True
        return ast.Subscript(node, ast.Tuple(size_names(dims)))

    @property
    def _dims(self) -> ast.NodeTransformer:
        return BoundDims()


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


def _parsed(text: str) -> ast.expr | None:
    """A type in quotes; None where it is no Python."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


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
