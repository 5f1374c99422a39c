"""The analyzer's verdict, reported through mypy: both say the same by construction.

Each module that mypy checks and that uses arrays, or imports what does, is analyzed once, when mypy begins with it,
and what the analyzer finds is reported there and then; what it finds in another module, at the call that leads there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mypy.errors import Errors
from mypy.nodes import Context, Expression, MypyFile
from mypy.options import Options
from mypy.plugin import AnalyzeTypeContext
from mypy.semanal import SemanticAnalyzer
from mypy.typeanal import TypeAnalyser

from named_types.diagnostics import Place
from named_types.mypy_plugin.agreement import Agreement
from named_types.mypy_plugin.answers import Answers
from named_types.mypy_plugin.choices import name_choices
from named_types.mypy_plugin.daemon import depend_on_texts, expose_text, is_daemon
from named_types.mypy_plugin.dependencies import Dependencies
from named_types.mypy_plugin.expressions import unnamed_callees
from named_types.mypy_plugin.guard import log_failure
from named_types.mypy_plugin.imports import is_library, is_of_program, uses_arrays
from named_types.mypy_plugin.messages import rewrite_messages
from named_types.mypy_plugin.problems import Reporter, place_of
from named_types.mypy_plugin.rebinding import rebinding_calls, returned_names
from named_types.mypy_plugin.symbolic import declare_variables
from named_types.mypy_plugin.texts import text_of
from named_types.mypy_plugin.trees import assigned_calls, gradual_expressions, names_of_notation
from named_types.mypy_plugin.type_expressions import quote_array_types
from named_types.problems import Problem
from named_types.semantics.abstract_array import UNKNOWN

if TYPE_CHECKING:
    from named_types.analyzer import Analysis
    from named_types.analyzer.program import Program

_FIRST_NAME = "__name__"
"""The first name that mypy gives to a module."""


class Analyses:
    """The analyses of the modules of one run of mypy."""

    def __init__(
        self,
        dependencies: Dependencies,
        of_mypy: Callable[[], Mapping[str, MypyFile]],
        options: Options,
        answers: Answers,
    ) -> None:
        self.answers = answers
        self.reporter = Reporter()
        self._agreement = Agreement(self.reporter)
        self._dependencies = dependencies
        self._of_mypy = of_mypy
        self._options = options
        self._sources: Program | None = None
        self._analyses: dict[str, Analysis] = {}
        self._with_arrays: set[str] = set()
        self._modules: set[str] = set()
        self._gradual: dict[str, frozenset[Place]] = {}
        self._callees: dict[str, frozenset[Place]] = {}
        self._kept: dict[str, frozenset[Place]] = {}
        self._unpacked: dict[str, frozenset[Place]] = {}
        self._rebinding: dict[str, frozenset[Place]] = {}
        self._begun: set[str] = set()

    def of(self, path: str) -> Analysis | None:
        """The analysis of a file; None if it uses no arrays or could not be analyzed."""
        return self._analyses.get(path)

    def value_at(self, path: str, context: Context) -> Any:
        """What the analyzer knows of the value of an expression."""
        return self._value_at(place_of(path, context))

    def decorated_at(self, path: str, decorator: Expression) -> Any:
        """What the analyzer knows of what a decorator makes of what it stands above."""
        place = place_of(path, decorator)
        return self._value_at(replace(place, column=place.column - len("@")))

    def _value_at(self, place: Place) -> Any:
        analysis = self.of(place.path)
        if analysis is None:
            return UNKNOWN
        return analysis.type_at(place.line, place.column, place.end_line, place.end_column)

    def is_gradual(self, place: Place) -> bool:
        """Whether the type of the expression at a place becomes that of something which may hold other arrays later."""
        return place in self._gradual.get(place.path, ())

    def is_kept(self, place: Place) -> bool:
        """Whether what the call at a place gives is kept by a variable without an annotation."""
        return place in self._kept.get(place.path, ())

    def is_rebound(self, place: Place) -> bool:
        """Whether what the call at a place gives is assigned to a name that may be something else elsewhere."""
        return place in self._rebinding.get(place.path, ())

    def is_unpacked(self, place: Place) -> bool:
        """Whether what the call at a place gives is unpacked at once."""
        return place in self._unpacked.get(place.path, ())

    def is_called(self, place: Place) -> bool:
        """Whether the expression at a place gives a function that has no name, and is called at once."""
        return place in self._callees.get(place.path, ())

    def has_arrays(self, path: str) -> bool:
        """Whether a file is part of the checked program, not of a library, and may have to do with arrays."""
        return path in self._with_arrays

    def is_of_program(self, fullname: str) -> bool:
        """Whether something is defined in the checked program; a name without a module is local to a function."""
        parts = fullname.split(".")
        modules = (".".join(parts[:end]) for end in range(1, len(parts)))
        return len(parts) == 1 or any(one in self._modules or self._is_remembered(one) for one in modules)

    def _is_remembered(self, module: str) -> bool:
        """Whether a module is of the program and mypy, which has it in its cache, did not begin with it."""
        tree = self._of_mypy().get(module)
        if tree is None or module in self._begun or is_library(module):
            return False
        return is_of_program(tree.path)

    def start_module(self, ctx: AnalyzeTypeContext) -> None:
        """mypy is about to analyze a module, which has no names yet; its daemon may do so several times."""
        assert isinstance(ctx.api, TypeAnalyser)
        assert isinstance(ctx.api.api, SemanticAnalyzer)
        analyzer, tree = ctx.api.api, ctx.api.cur_mod_node
        if _FIRST_NAME in tree.names:
            return
        self._begun.add(tree.fullname)
        errors = analyzer.errors
        self._agreement.begin(errors)
        rewrite_messages(errors, self._agreement.leaves_out)
        if is_library(tree.fullname):
            return
        if names_of_notation(tree) or self._dependencies.reach_arrays(tree.path):
            declare_variables(analyzer, tree, quote_array_types(analyzer, tree))
        if is_daemon(analyzer):
            expose_text(analyzer, tree, self._dependencies.digest(tree.path))
        if tree.path not in errors.ignored_files and not tree.is_stub:
            self._modules.add(tree.fullname)
            self._begin(analyzer, tree)
            if is_daemon(analyzer) and tree.path in self._with_arrays:
                depend_on_texts(analyzer, tree)

    def _begin(self, analyzer: SemanticAnalyzer, tree: MypyFile) -> None:
        self.reporter.forget(tree.path)
        self._analyses.pop(tree.path, None)
        self._agreement.forget(tree.path)
        self._with_arrays.discard(tree.path)
        if uses_arrays(tree) or self._dependencies.reach_arrays(tree.path):
            self._with_arrays.add(tree.path)
            self._agreement.has_arrays(tree.path, _places(tree, returned_names(tree)))
            name_choices(analyzer, tree)
            self._gradual[tree.path] = _places(tree, gradual_expressions(tree))
            self._callees[tree.path] = _places(tree, unnamed_callees(tree))
            self._kept[tree.path] = _places(tree, assigned_calls(tree, is_unpacked=False))
            self._rebinding[tree.path] = _places(tree, rebinding_calls(tree))
            self._unpacked[tree.path] = _places(tree, assigned_calls(tree, is_unpacked=True))
            self._report(tree, analyzer.errors)

    def _report(self, tree: MypyFile, errors: Errors) -> None:
        try:
            source, analysis = self._analyze(tree.path)
        except Exception:
            log_failure(f"the analysis of {tree.path} failed")
            return
        self._analyses[tree.path] = analysis
        self._agreement.analyzed(tree.path, source)
        for diagnostic in analysis.diagnostics:
            if isinstance(diagnostic.problem, Problem) and not self._agreement.silences(diagnostic):
                self.reporter.report(errors, diagnostic.problem, diagnostic.place, diagnostic.related)

    def _analyze(self, path: str) -> tuple[str, Analysis]:
        """Analyze a file with what it imports of the program, which is read once as long as no file changes."""
        from named_types.analyzer import analyze  # here, for most modules do not need it
        from named_types.analyzer.program import Program

        if self._sources is None or not self._sources.is_current():
            self._sources = Program(directories=map(Path, self._options.mypy_path))
        source = text_of(path, self._options)
        with self.answers.at_hand():
            return source, analyze(path, source, self._sources)


def _places(tree: MypyFile, nodes: Iterable[Context]) -> frozenset[Place]:
    return frozenset(place_of(tree.path, one) for one in nodes)
