"""Where every value of a program lives, and what its devices exchange, without running it.

The values are those of the mapped function as it is written. What XLA fuses is never made, and a value of which only
a sum over a name is used may be summed while it is made: of these, the bytes are what they would take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import jax
from jax.core import ShapedArray
from jax.extend.core import JaxprEqn

from named_types.algebra import ArrayType, AxisName, NamedShape
from named_types.algebra.axis_resources import Resource
from named_types.runtime.exchanges import Exchange, bytes_of, exchanges_of
from named_types.runtime.places import place_of
from named_types.runtime.recorded_maps import RecordedMap, recorded_maps
from named_types.semantics.avals import array_of_aval
from named_types.semantics.collectives import collective_of
from named_types.semantics.propagation import called_jaxpr, propagate_variables
from named_types.semantics.transfers import Names, axis_names


@dataclass(frozen=True)
class Value:
    """One value inside a mapped function."""

    made_by: str
    """An operation, ``argument 0['weights']``, ``constant`` or ``result``."""

    place: str
    """The line of the program that makes it; empty for arguments and results."""

    type: ArrayType
    partitioned: tuple[Resource, ...]
    """The mesh axes and serial loops over which it is spread, each device and step having a part of its own."""

    replicated: tuple[Resource, ...]
    """Those over which it is the same."""

    bytes_per_device: int
    """In each step, where there are serial loops."""


@dataclass(frozen=True)
class Explanation:
    """All values of the mapped functions that a program calls, and what is exchanged while it runs."""

    values: tuple[Value, ...]
    exchanges: tuple[Exchange, ...]

    def __str__(self) -> str:
        tables = [_value_rows(self.values), *([_exchange_rows(self.exchanges)] if self.exchanges else [])]
        return "\n\n".join(map(_table, tables))


def explain(function: Callable[..., Any], *arguments: Any) -> Explanation:
    """Tell where every value of ``function`` lives when it is called with ``arguments``::

        with mesh(np.array(jax.devices()).reshape((4, 2)), ("x", "y")):
            print(explain(train_step, weights, images))

    ``function`` is what `xmap` returns, or one that calls such functions. It is traced and not run, so arguments
    may be ``jax.ShapeDtypeStruct``. A mapped function inside another one is told as a part of that.
    """
    with recorded_maps() as found:
        jaxpr = jax.make_jaxpr(function)(*arguments)
        values = tuple(value for recorded in found for value in _values_of(recorded))
    return Explanation(values, exchanges_of(jaxpr.jaxpr))


def _values_of(recorded: RecordedMap) -> Iterator[Value]:
    """Arguments and constants, what every equation makes, the results."""
    traced, jaxpr = recorded.traced, recorded.traced.jaxpr.jaxpr
    for label, variable in zip(recorded.argument_labels, jaxpr.invars, strict=True):
        yield _value(recorded, label, variable.aval, axis_names(traced.names[variable]))
    for variable in jaxpr.constvars:
        yield _value(recorded, "constant", variable.aval, frozenset())
    yield from _made_by_equations(recorded)
    for label, atom, mapping in zip(recorded.result_labels, jaxpr.outvars, traced.out_mappings, strict=True):
        yield _value(recorded, label, atom.aval, frozenset(mapping.names))


def _made_by_equations(recorded: RecordedMap) -> list[Value]:
    """In the order in which they are made; an equation that stands for a jaxpr is told by what is in there.

    What has no line of the program, inside functions that a library jits, has that of the next equation that has one.
    """
    found: list[Value] = []
    unplaced: list[Value] = []

    def visit(eqn: JaxprEqn, operands: Sequence[Names], results: Sequence[Names]) -> None:
        if called_jaxpr(eqn) is None:
            collective = collective_of(eqn)
            made_by = eqn.primitive.name if collective is None else collective.operation
            unplaced.extend(
                _value(recorded, made_by, variable.aval, axis_names(names))
                for variable, names in zip(eqn.outvars, results, strict=True)
                if isinstance(variable.aval, ShapedArray)
            )
        if place := place_of(eqn):
            found.extend(replace(value, place=place) for value in unplaced)
            unplaced.clear()

    jaxpr = recorded.traced.jaxpr.jaxpr
    propagate_variables(jaxpr, [recorded.traced.names[variable] for variable in jaxpr.invars], visit=visit)
    return found + unplaced


def _value(recorded: RecordedMap, made_by: str, aval: Any, held: frozenset[AxisName]) -> Value:
    sizes, spread = NamedShape(recorded.traced.sizes), recorded.resources.resources_of(held)
    return Value(
        made_by,
        "",
        array_of_aval(aval, sizes.restrict(held)).type,
        tuple(resource for resource in recorded.used if resource in spread),
        tuple(resource for resource in recorded.used if resource not in spread),
        bytes_of(aval) * prod(recorded.axes[name].local_size for name in held),
    )


def _value_rows(values: Iterable[Value]) -> Iterator[tuple[str, ...]]:
    yield "value", "type", "partitioned over", "replicated over", "bytes per device", "line"
    for value in values:
        spread, same = _listed(value.partitioned), _listed(value.replicated)
        yield value.made_by, str(value.type), spread, same, f"{value.bytes_per_device:,}", value.place


def _exchange_rows(exchanges: Iterable[Exchange]) -> Iterator[tuple[str, ...]]:
    yield "collective", "over", "devices", "bytes per device", "bytes moved", "times", "line"
    for one in exchanges:
        sizes = (str(one.devices), f"{one.bytes_per_device:,}", f"{one.bytes_moved:,}")
        yield one.kind, _listed(one.mesh_axes), *sizes, str(one.times or "?"), one.place


def _listed(resources: Iterable[Resource]) -> str:
    return ", ".join(map(str, resources))


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    """Columns of equal width, those of numbers to the right."""
    columns = []
    for header, *entries in zip(*rows, strict=True):
        width = max(map(len, (header, *entries)))
        align = str.rjust if all(text.replace(",", "").isdigit() for text in entries) else str.ljust
        columns.append([align(text, width) for text in (header, *entries)])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))
