"""Array types as values: dims, shapes, named shapes, axis mappings and resources.

Everything here is a frozen value of the standard library alone. Nothing raises: an operation that has no
result answers None, or says in a string what is wrong; who asks makes a problem of it.

The named shape is the unordered half of an array type. Four operations are all there is to it:

- *introduce* and *eliminate* undo each other: they are what xmap's in_axes and out_axes do;
- *union* is broadcasting by name: it commutes and associates, and the empty named shape is its unit;
- *conflicts* tells which axes of one named shape are mapped to a common resource.
"""

from named_types.algebra.array_type import UNKNOWN_ARRAY, ArrayType
from named_types.algebra.axis_mapping import (
    AxisMapping,
    eliminate,
    introduce,
    introduced,
    is_axis_mapping,
    read_axis_mapping,
)
from named_types.algebra.axis_resources import (
    AxisResources,
    SerialLoop,
    Sharing,
    read_axis_resources,
)
from named_types.algebra.dim import (
    UNKNOWN_DIM,
    Dim,
    SymbolicDim,
    UnknownDim,
    dims_equal,
    parse_dim,
)
from named_types.algebra.element_type import (
    ELEMENT_TYPES,
    SHAPED,
    ElementType,
    element_type_of,
)
from named_types.algebra.named_shape import (
    NO_NAMES,
    AxisName,
    NamedShape,
    size_conflicts,
    union,
)
from named_types.algebra.shape import ANY_SHAPE, Shape, broadcast

__all__ = [
    "ANY_SHAPE",
    "ELEMENT_TYPES",
    "NO_NAMES",
    "SHAPED",
    "UNKNOWN_ARRAY",
    "UNKNOWN_DIM",
    "ArrayType",
    "AxisMapping",
    "AxisName",
    "AxisResources",
    "Dim",
    "ElementType",
    "NamedShape",
    "SerialLoop",
    "Shape",
    "Sharing",
    "SymbolicDim",
    "UnknownDim",
    "broadcast",
    "dims_equal",
    "element_type_of",
    "eliminate",
    "introduce",
    "introduced",
    "is_axis_mapping",
    "parse_dim",
    "read_axis_mapping",
    "read_axis_resources",
    "size_conflicts",
    "union",
]
