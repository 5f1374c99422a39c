"""The dimension variables of a class, in the annotations of its attributes: each instance has sizes of its own.

In the methods of the class they are the same variables: with ``weights: f32[('n', 'm')]`` in its body, a method that
takes an ``f32[('n',)]`` takes as many as the weights of the instance have rows. Elsewhere they are unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from named_types.algebra import ArrayType
from named_types.analyzer.class_values import Class, ClassMethod, Instance, Record, StaticMethod, class_of
from named_types.analyzer.classes import CELL
from named_types.analyzer.declared_attributes import declared_forms
from named_types.analyzer.values import Function, Value
from named_types.semantics.forms import array_types, declared_arrays

if TYPE_CHECKING:
    from named_types.analyzer.interpreter import Interpreter


def sizes_of_receiver(
    interp: Interpreter, function: Function, receiver: Value
) -> Iterator[tuple[ArrayType, ArrayType]]:
    """What a method's class and those it inherits from declare, each with what the instance has there."""
    cls, made_of = function.scope.bindings.get(CELL), class_of(receiver)
    if not isinstance(cls, Class) or made_of is None or cls not in made_of.mro:
        return
    if isinstance(cls.attributes.get(function.name), (ClassMethod, StaticMethod)):
        return
    held = _attributes(receiver)
    is_self = isinstance(receiver, Instance) and receiver.is_self
    for one in made_of.mro[made_of.mro.index(cls) :]:
        for name, form in declared_forms(interp, one).items():
            if is_self:
                yield from ((declared, declared) for declared in array_types(form))
            elif name in held:
                yield from declared_arrays(form, held[name])


def _attributes(receiver: Value) -> dict[str, Value]:
    if isinstance(receiver, (Instance, Record)):
        return receiver.attributes
    return dict(zip(getattr(receiver, "_fields", ()), receiver, strict=True)) if isinstance(receiver, tuple) else {}
