"""What holds around a piece of the program while it is interpreted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import libcst as cst

from named_types.algebra import NO_NAMES, AxisName, AxisResources, NamedShape
from named_types.algebra.axis_resources import Resource
from named_types.analyzer.scopes import Scope
from named_types.analyzer.snapshots import Snapshot
from named_types.analyzer.suspicions import Suspicions
from named_types.analyzer.values import Value
from named_types.semantics.forms import Form
from named_types.semantics.lifting import Lifting


@dataclass(frozen=True)
class AxisOrigin:
    """Where an axis comes from: the xmap that introduces it, and with which argument it enters."""

    xmap: cst.CSTNode
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """The axes and resources in scope, and how certain it is that the code runs.

    With ``is_complete`` false, more axis names may be in scope than ``axis_env`` tells: the function is
    checked by itself, its callers unknown. ``resources_in_scope`` is None where that is unknown.
    """

    axis_env: NamedShape = NO_NAMES
    is_complete: bool = True
    axis_resources: AxisResources = field(default_factory=AxisResources)
    resources_in_scope: Mapping[Resource, int | None] | None = field(default_factory=dict)
    loops_in_scope: frozenset[Resource] = frozenset()
    """Those of the resources in scope that are serial loops."""
    taken: frozenset[Resource] = frozenset()
    """The resources that the xmaps around are spread over."""
    origins: Mapping[AxisName, AxisOrigin] = field(default_factory=dict)
    errors_are_handled: bool = False
    """Inside a ``try`` that catches what JAX raises."""
    is_trial: bool = False
    """While a function is interpreted only to learn what it does: nothing that is found is told."""
    is_certain: bool = True
    """False in a branch that a type test guards and that may never run with these types."""
    suspicions: Suspicions = field(default_factory=Suspicions, compare=False)
    """What may turn out to be wrong when the mapped function ends."""
    call_site: cst.CSTNode | None = None
    """The last call on the way here that leads from the file being checked into another module."""

    @property
    def key(self) -> Hashable:
        """All of it that bears on what a call gives and reports."""
        scope = None if self.resources_in_scope is None else tuple(self.resources_in_scope.items())
        flags = self.is_complete, self.errors_are_handled, self.is_trial, self.is_certain
        return self.axis_env, self.axis_resources, scope, self.loops_in_scope, self.taken, flags


@dataclass
class Loop:
    """The states that ``break`` and ``continue`` left with."""

    broken: list[Snapshot] = field(default_factory=list)
    continued: list[Snapshot] = field(default_factory=list)


@dataclass
class Frame:
    """One call of a function (or the module) being interpreted."""

    scope: Scope
    name: str = "<module>"
    declared_return: Form = None
    lifting: Lifting = field(default_factory=Lifting)
    """What the call tells about the signature."""
    returns: list[Value] = field(default_factory=list)
    handed_out: list[Value] | None = field(default_factory=list)
    """What the generator has yielded; None once that is not known."""
    at_yield: Callable[[Value], None] | None = None
    """Called with what the generator yields, where a block of the caller runs then."""
    is_uncertain: bool = False
    """Inside a branch or round that may not run, or more than once."""
    is_guarded: bool = False
    """Inside a branch that may not run, or after one that may have left: the program may know why."""
    loops: list[Loop] = field(default_factory=list)
    """The loops around, the innermost last."""
    is_class: bool = False
    receiver: Value = None
    """The first argument: of a method, what it is a method of."""

    @contextmanager
    def maybe(self, is_guarded: bool = True) -> Iterator[None]:
        """While a branch or round is run that may not run, or run more than once."""
        outer = self.is_uncertain, self.is_guarded
        self.is_uncertain, self.is_guarded = True, self.is_guarded or is_guarded
        try:
            yield
        finally:
            self.is_uncertain, self.is_guarded = outer

    def hand_out(self, items: list[Value] | None) -> None:
        """Note what is yielded, which is known as long as it is certain to be yielded just once."""
        if items is None or self.handed_out is None or self.is_uncertain:
            self.handed_out = None
        else:
            self.handed_out += items

    @property
    def closure(self) -> Scope:
        """What a function defined here closes over: methods do not see the names of their class."""
        return self.scope.outer if self.is_class and self.scope.outer is not None else self.scope
