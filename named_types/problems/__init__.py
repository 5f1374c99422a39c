"""Everything that can be wrong with a named-axis program, and the catalogue of it.

One problem, one code, one file. `CATALOGUE` maps each code to its class.
"""

from named_types.problems.absent_axis import AbsentAxis
from named_types.problems.axis_mapping_structure import AxisMappingStructure
from named_types.problems.axis_size_conflict import AxisSizeConflict
from named_types.problems.duplicate_axis_name import DuplicateAxisName
from named_types.problems.empty_reduction import EmptyReduction
from named_types.problems.incompatible_argument import IncompatibleArgument
from named_types.problems.incompatible_assignment import IncompatibleAssignment
from named_types.problems.incompatible_return import IncompatibleReturn
from named_types.problems.indivisible_axis import IndivisibleAxis
from named_types.problems.invalid_annotation import InvalidAnnotation
from named_types.problems.invalid_axis_mapping import InvalidAxisMapping
from named_types.problems.invalid_einsum import InvalidEinsum
from named_types.problems.invalid_operation import InvalidOperation
from named_types.problems.leaked_named_axis import LeakedNamedAxis
from named_types.problems.letterwise_axis import LetterwiseAxis
from named_types.problems.loop_collective import LoopCollective
from named_types.problems.missing_named_axis import MissingNamedAxis
from named_types.problems.partial_contraction import PartialContraction
from named_types.problems.problem import NamedAxisError, Problem
from named_types.problems.rank_mismatch import RankMismatch
from named_types.problems.removed_api import RemovedApi
from named_types.problems.repeated_resource import RepeatedResource
from named_types.problems.resource_conflict import ResourceConflict
from named_types.problems.shadowed_axis_name import ShadowedAxisName
from named_types.problems.syntax_error import SyntaxProblem
from named_types.problems.unbound_axis_name import UnboundAxisName
from named_types.problems.unknown_resource import UnknownResource
from named_types.problems.unreadable_file import UnreadableFile
from named_types.problems.unreduced_gradient import UnreducedGradient

CATALOGUE: dict[str, type[Problem]] = {
    problem.code: problem
    for problem in (
        AbsentAxis,
        AxisMappingStructure,
        AxisSizeConflict,
        DuplicateAxisName,
        EmptyReduction,
        IncompatibleArgument,
        IncompatibleAssignment,
        IncompatibleReturn,
        IndivisibleAxis,
        InvalidAnnotation,
        InvalidAxisMapping,
        InvalidEinsum,
        InvalidOperation,
        LeakedNamedAxis,
        LetterwiseAxis,
        LoopCollective,
        MissingNamedAxis,
        PartialContraction,
        RankMismatch,
        RemovedApi,
        RepeatedResource,
        ResourceConflict,
        ShadowedAxisName,
        SyntaxProblem,
        UnboundAxisName,
        UnknownResource,
        UnreadableFile,
        UnreducedGradient,
    )
}
"""Every problem class by its code."""

__all__ = [
    "CATALOGUE",
    "AbsentAxis",
    "AxisMappingStructure",
    "AxisSizeConflict",
    "DuplicateAxisName",
    "EmptyReduction",
    "IncompatibleArgument",
    "IncompatibleAssignment",
    "IncompatibleReturn",
    "IndivisibleAxis",
    "InvalidAnnotation",
    "InvalidAxisMapping",
    "InvalidEinsum",
    "InvalidOperation",
    "LeakedNamedAxis",
    "LetterwiseAxis",
    "LoopCollective",
    "MissingNamedAxis",
    "NamedAxisError",
    "PartialContraction",
    "Problem",
    "RankMismatch",
    "RemovedApi",
    "RepeatedResource",
    "ResourceConflict",
    "ShadowedAxisName",
    "SyntaxProblem",
    "UnboundAxisName",
    "UnknownResource",
    "UnreadableFile",
    "UnreducedGradient",
]
