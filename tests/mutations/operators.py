"""What a mutation changes: a table from the name of an operator to a function from a place to what may stand there.

An operator answers with what replaces the node of a place, as many as there are; most places give it nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst
from mutations import arguments, axes, sizes, values
from mutations.sites import Site

Operator = Callable[[Site], Iterator[cst.CSTNode]]

OPERATORS: dict[str, Operator] = {
    "axis name swapped": axes.swapped,
    "axis name misspelt": axes.misspelt,
    "axis name dropped": axes.dropped,
    "einsum index dropped": axes.einsum_dropped,
    "einsum indices swapped": axes.einsum_swapped,
    "axis mapping entry dropped": axes.entry_dropped,
    "axis mapping entries swapped": axes.entries_swapped,
    "resource dropped": axes.resource_dropped,
    "resource repeated": axes.resource_repeated,
    "resources swapped": axes.resources_swapped,
    "dim changed": sizes.changed,
    "dim dropped": sizes.dropped,
    "dims swapped": sizes.swapped,
    "index dropped": sizes.index_dropped,
    "indices swapped": sizes.indices_swapped,
    "argument dropped": arguments.dropped,
    "arguments swapped": arguments.swapped,
    "operands swapped": arguments.operands_swapped,
    "reduction dropped": values.reduction_dropped,
    "reduction axis changed": values.axis_changed,
    "transposition dropped": values.transposition_dropped,
    "transposition reordered": values.transposition_reordered,
}
