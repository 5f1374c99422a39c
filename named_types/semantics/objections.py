"""What JAX objects to, in our words.

JAX's exceptions are read in two steps: whether one says anything about the types of the program at all, and if so,
why the call cannot be. The reasons are a table of patterns, each with the phrase that stands for it; what no pattern
fits has no reason of ours, and JAX's words alone have to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from named_types.algebra import ArrayType, Shape, element_type_of
from named_types.algebra.dim import parse_dim
from named_types.problems import InvalidOperation
from named_types.problems.problem import listed
from named_types.semantics.abstract_array import AbstractArray


@dataclass(frozen=True)
class Objection:
    """Why JAX rejects a call."""

    said: str
    """JAX's own words, in one line."""
    reason: str
    advice: str | None = None

    def problem(self, operation: str, arguments: tuple[str, ...]) -> InvalidOperation:
        """As the problem of a call of ``operation`` with these arguments."""
        return InvalidOperation(operation, arguments, self.reason, self.said, self.advice)


def objection(error: Exception, leaves: Sequence[object]) -> Objection | None:
    """What an exception says about a call with these leaves; None where JAX only misses a value, or is at a loss."""
    if type(error) not in (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    raw = str(error).strip()
    text = _TRACER_TYPE.sub("'Array'", _TRACER.sub(r"\1[\2]", raw))
    if _ASKS_FOR_VALUES.search(_first_line(text if not raw.startswith(_NO_SIZE) else raw.removeprefix(_NO_SIZE))):
        return None
    reason, advice = _reason(text, leaves)
    return Objection(_first_line(text), reason, advice)


_ASKS_FOR_VALUES = re.compile(r"\bconcrete\b|Tracer")
"""In messages about a value that is not known before the program runs."""
_NO_SIZE = "Shapes must be 1D sequences of concrete values of integer type"
_TRACER = re.compile(r"(?:GradTracer\(primal=)?\bJitTracer\((\w+)\[([\w,]*)\]\)(?:, typeof\(tangent\)=[^)]*\))?")
_TRACER_TYPE = re.compile(r"'\w*Tracer'|<class '[\w.]*Tracer'>")
_LONGEST = 240


def _first_line(text: str) -> str:
    said = text.strip().partition("\n")[0].rstrip(" :")
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."


Reading = tuple[str, str | None]


def _reason(text: str, leaves: Sequence[object]) -> Reading:
    for pattern, phrase, advice in _PHRASES:
        if match := pattern.search(text):
            return phrase(match, leaves) if callable(phrase) else (_filled(phrase, match), advice)
    return "", None


def _filled(phrase: str, match: re.Match[str]) -> str:
    return phrase.format(*(in_notation(group or "") for group in match.groups()))


def in_notation(text: str) -> str:
    """JAX's ``float32[10,3]`` as ``f32[(10, 3)]``, and ``float32`` as ``f32``."""
    text = _TYPE.sub(lambda match: _array(match[1], match[2]), text)
    return _DTYPE.sub(lambda match: str(element_type_of(match[0])), text)


_DTYPE_NAME = r"(?:bool|u?int\d+|b?float\d+\w*|complex\d+)"
_DTYPE = re.compile(rf"\b{_DTYPE_NAME}\b")
_TYPE = re.compile(rf"\b({_DTYPE_NAME})\[([\w,]*)\]")


def _array(dtype: str, sizes: str) -> str:
    dims = [parse_dim(size) for size in sizes.split(",") if size]
    known = [dim for dim in dims if dim is not None]
    return str(ArrayType(element_type_of(dtype), Shape(tuple(known)))) if len(known) == len(dims) else dtype


def _no_axis(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    rank = int(match[2])
    return f"there is no axis {match[1]}, for there {_are(rank, 'axis', 'axes')}", None


def _too_many_indices(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    return f"{match[2]} indices, but there {_are(int(match[1]), 'axis', 'axes')}", None


def _are(count: int, one: str, several: str) -> str:
    return f"is 1 {one}" if count == 1 else f"are {count} {several}"


def _axis_beyond_rank(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    """JAX has looked for an axis in the shape, and found none."""
    ranks = _ranks(leaves)
    beyond = [leaf for leaf in leaves if type(leaf) is int and ranks and not -ranks[0] <= leaf < ranks[0]]
    if beyond:
        return f"there is no axis {beyond[0]}, for there {_are(ranks[0], 'axis', 'axes')}", None
    return ("a scalar has no leading axis", None) if 0 in ranks else ("", None)


def _ranks(leaves: Sequence[object]) -> list[int]:
    return [leaf.type.shape.rank or 0 for leaf in leaves if isinstance(leaf, AbstractArray)]


def _no_broadcast(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    """The last axes whose sizes neither agree nor are one."""
    shapes = [re.findall(r"[\w*+]+", shape) for shape in re.findall(r"\(([^()]*)\)", match[1])]
    if _is_not_square(shapes) and len(_ranks(leaves)) == 1:
        return "the matrix is not square", None
    for position in range(1, 1 + max((len(sizes) for sizes in shapes), default=0)):
        sizes = dict.fromkeys(sizes[-position] for sizes in shapes if len(sizes) >= position)
        wide = [size for size in sizes if size != "1"]
        if len(wide) > 1:
            return f"sizes {listed(wide)} of axis -{position} do not broadcast", _BROADCAST_ADVICE
    return "the shapes do not broadcast", None


def _is_not_square(shapes: Sequence[Sequence[str]]) -> bool:
    """Whether a matrix met its own transpose."""
    return len(shapes) == 2 and len(shapes[0]) == 2 and [*shapes[0]] == [*reversed(shapes[1])]


_BROADCAST_ADVICE = "sizes that meet are equal, or one of them is 1"


def _contracted(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    first, second = match[1].rstrip(","), match[2].rstrip(",")
    return f"the axes that are summed over have sizes {first} and {second}", _transposed(leaves)


def _transposed(leaves: Sequence[object]) -> str | None:
    shapes = [leaf.type.shape for leaf in leaves if isinstance(leaf, AbstractArray)]
    if [shape.rank for shape in shapes] == [2, 2] and shapes[0].dims[1] == shapes[1].dims[1]:
        return "the second operand would fit transposed"
    return None


def _mapped_sizes(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    sizes = sorted(set(re.findall(r"had size (\w+)", match.string)))
    return f"the axes that are mapped over have sizes {listed(sizes)}", None


def _branch_types(match: re.Match[str], leaves: Sequence[object]) -> Reading:
    names = [re.sub(r"branch ?(\d+)", r"branch \1", match[index]) for index in (1, 3)]
    types = [in_notation(match[index]) for index in (2, 4)]
    reason = " and ".join(f"{name} gives {type}" for name, type in zip(names, types, strict=True))
    return reason, "branches give results of the same types"


_Phrase = str | Callable[[re.Match[str], Sequence[object]], Reading]


def _table(*rows: tuple[str, _Phrase] | tuple[str, str, str]) -> list[tuple[re.Pattern[str], _Phrase, str | None]]:
    return [(re.compile(row[0], re.DOTALL), row[1], row[2] if len(row) == 3 else None) for row in rows]


_NO_PROMOTION = "the functions of jax.lax do not broadcast; those of jax.numpy do"

_PHRASES = _table(
    # Shapes and axes
    (r"axis (-?\d+) is out of bounds for array of dimension (\d+)", _no_axis),
    (r"ncompatible shapes for broadcasting: (.*)$", _no_broadcast),
    (r"tuple index out of range|is out of bounds for axis", _axis_beyond_rank),
    (r"Incompatible types for broadcasting: input type=(\S+) and requested type=(\S+)", "{} does not broadcast to {}"),
    (r"cannot reshape array of shape \S.*? \(size (\d+)\) into shape (\(.*?\)) \(size (\d+)\)",
     "{0} entries do not make {1}, which has {2}"),
    (r"cannot reshape array of shape \S.*? \(size (\d+)\) .* axis sizes \((\d+)\) does not evenly divide",
     "{1} does not divide the {0} entries"),
    (r"can only specify one unknown axis size", "only one size can be left open with -1"),
    (r"transpose permutation isn't .* permutation (\(.*?\)) for operand", "{} is no permutation of the axes"),
    (r"duplicate value in 'axis'", "an axis is named twice"),
    (r"size not equal to one, got shape=(\(.*?\)) and dimensions=\((\d+),\)",
     "axis {1} of the shape {0} does not have size 1"),
    (r"concatenating along dimension (\d+) for shapes (.*?)\.?$", "the shapes {1} differ beside axis {0}"),
    (r"different numbers of dimensions: got (.*?)\.?$", "the shapes {} have different ranks"),
    (r"All input arrays must have the same shape\. Got (.*?)\.?$", "the shapes {} differ"),
    (r"array split does not result in an equal division: rest is (\d+)", "the parts are not equal: a rest of {}"),
    (r"got \((?:.*), ?\)?, ?\) inhomogeneous|inhomogeneous shape", "the nested lists have different lengths"),
    (r"values of integer type, got (\(.*?\))", "a size is an integer, and {} holds others",
     "divide sizes with //, which gives an integer"),
    (r"every element be nonnegative, got (\(.*?\))", "{} has a negative size"),
    (r"arrays must have the same number of dimensions, got \{(.*?)\}", "the ranks {} differ", _NO_PROMOTION),
    (r"select cases must have the same shapes, got \[(.*)\]\.$", "the cases have the shapes {}", _NO_PROMOTION),
    (r"got min\.shape=(\(.*?\)), operand\.shape=(\(.*?\))\.", "the bound has shape {} and the array {}"),
    (r"operand of shape (\(.*?\)), target broadcast shape (\(.*?\)), broadcast_dimensions (\(.*?\))",
     "{0} does not broadcast into axes {2} of {1}"),
    (r"with the same size as a\.shape\[axis\]\. p has shape (\(.*?\)) and a\.shape\[axis\] is (\d+)",
     "the probabilities have shape {} for {} choices"),
    (r"must have rank at least (\d+), but got shape=(\(.*?\))", "a rank of {} or more is asked for, and this is {}"),
    (r"equal to the number of dimensions of x;  (\(.*?\)) vs (\(.*?\))", "the sizes {} do not have the rank of {}"),
    (r"xp and fp must be one-dimensional arrays of equal size", "the tables have different lengths"),
    (r"pad_width with nd=(\d+) has unsupported shape \((\d+)", "there are widths for {1} axes, and {0} axes"),
    (r"diagonal requires an array of at least two", "a vector has no diagonal", "jnp.diag makes a matrix of a vector"),
    (r"Dimension must be either 2 or 3 for cross", "a cross product is of vectors of 2 or 3 entries"),
    (r"only support 1-dimensional inputs", "it takes vectors", "jax.vmap maps it over further axes"),
    (r"is not a valid JAX array type", "it is no array and no number"),
    # Indices
    (r"Too many indices: array is (\d+)-dimensional, but (\d+) were indexed", _too_many_indices),
    (r"boolean index did not match .* got (\(.*?\)), expected \[(.*?)\]",
     "the mask has shape {} where the array has ({},)"),
    (r"got indexer with type (\w+)", "an index is an integer or a mask, not {}"),
    (r"Using a non-tuple sequence", "a list is no index", "make it an array, or a tuple of an index for each axis"),
    (r"does not support string indexing", "a string is no index"),
    (r"same number of dimensions; (\d+) vs\. (\d+)", "the indices have rank {} and the array has rank {}",
     "an axis of size 1 for each that is missing: indices[:, None]"),
    (r"Length of slice indices .* \((\d+) vs \((.*?)\)\)", "it has {} starts for the shape ({})"),
    (r"got slice_sizes (\(.*?\)) for operand shape (\(.*?\))", "a slice of {} is larger than {}"),
    (r"got update shape (\(.*?\)) for operand shape (\(.*?\))", "an update of {} is larger than {}"),
    (r"got limit_indices (\(.*?\)) for operand shape (\(.*?\))", "the limits {} lie beyond {}"),
    (r"got k=(\d+) with shape=\[(.*?)\] and axis=(\d+)", "{0} are asked for of axis {2} of the shape ({1})"),
    # Contractions
    (r"contracting dimensions to have the same shape, got \((.*?)\) and \((.*?)\)", _contracted),
    (r"batch dimensions to have the same shape, got (\(.*?\)) and (\(.*?\))", "the batch axes have sizes {} and {}"),
    (r"Incompatible types for matmul arguments: (\S+) and (\S+)", "the axes before the last two do not broadcast"),
    (r"Size of label '(\w)' for operand (\d+) \((\S+?)\) does not match previous terms \((\S+?)\)",
     "{0!r} has size {3}, and size {2} in operand {1}"),
    (r"subscript '(\w*)' does not contain the correct number of indices for operand (\d+)",
     "{0!r} does not have one letter for each axis of operand {1}"),
    (r"Output character '(\w)' did not appear in the input", "{0!r} of the result is in no operand"),
    (r"einsum subscripts, (\d+), must be equal to the number of operands, (\d+)", "{} terms for {} operands"),
    (r"but (\d+) // 1 != (\d+)", "the images have {} channels and the kernel has {}"),
    (r"operand (\d+) must have ndim at least 1, but it has ndim 0", "operand {} is a scalar",
     "* multiplies by a scalar"),
    (r"axes lists to have equal length, got (\[.*?\]) and (\[.*?\])", "the axes {} and {} do not pair"),
    (r"window and window_strides .* but got (\d+) and (\d+)", "{} axes are convolved and there are {} strides"),
    (r"lhs and rhs ndim to be equal, got (\d+) and (\d+)", "the images have rank {} and the kernel has rank {}"),
    (r"value shape should be \[(.*?)\]: but got (\(.*?\))", "the values have shape {1}, and the keys ({0})"),
    (r"wrong number of window_dimensions .* shape (\(.*?\)) with window_dimensions (\(.*?\))",
     "the window {1} does not have the rank of {0}"),
    # Loops and branches
    (r"input carry .*?has type (\S+) but .* has type (\S+),", "the carry comes in as {} and goes out as {}",
     "a loop keeps the types of what it carries"),
    (r"input carry .*?is (a .*?) but the .* is (a .*?), so", "the carry comes in as {} and goes out as {}",
     "a loop keeps the structure of what it carries"),
    (r"The output of (.*?) has type (\S+) but .* output of (.*?) has type (\S+),", _branch_types),
    (r"must have the same pytree structure", "the results of the branches have different structures",
     "branches give results of the same structure"),
    (r"scan body output must be a pair, got (\S+?)\.?$", "the body gives {}, not a carry and an output"),
    (r"different leading axis sizes: (.*?)\.?$", "the leading axes have sizes {}"),
    (r"`length` argument of (\d+) .* sizes \[(.*?)\]", "the length is {}, and the leading axes have size {}"),
    (r"boolean scalar, but got output type\(s\) \[ShapedArray\((\S+)\)\]", "the condition gives {}, not one boolean"),
    (r"Pred must be a scalar, got (\w+\[.*?\])", "the condition is {}, not one boolean"),
    # Gradients and maps
    (r"scalar-output functions\. Output had shape: (\(.*?\))",
     "the function gives a result of shape {}, and a gradient is that of a scalar",
     "reduce the result to a scalar, for instance to its mean"),
    (r"grad requires real- or complex-valued inputs .* but got (\w+)", "a gradient by {} does not exist",
     "make the argument floating, 1.0 instead of 1"),
    (r"grad requires real-valued outputs .* but got (\w+)", "the function gives {}, which has no gradient"),
    (r"argnums=(\d+) requires at least \d+ .* got only (\d+)", "there is no argument {}, for there are {}"),
    (r"expected function with aux output to return a two-element tuple",
     "the function does not give a pair of a value and what comes with it",
     "return a pair, or leave has_aux out"),
    (r"vmap got inconsistent sizes", _mapped_sizes),
    (r"map its argument along axis (\d+), .* but is only (\d+)", "there is no axis {} to map over, for the rank is {}"),
    (r"but got len\(in_axes\)=(\d+), len\(args\)=(\d+)", "in_axes has {} entries for {} arguments"),
    (r"at least one non-None value in in_axes", "no argument has an axis to map over"),
    (r"primal shape (\(.*?\)) and tangent shape as (\(.*?\))", "the argument has shape {} and its tangent {}"),
    (r"argument to VJP function: got (\S+), but expected (\S+) because", "the result has type {1}, and this is {0}"),
    # Element types and keys
    (r"requires arguments to have the same dtypes, got (.*?)\. \(Tip: (\S+)", "the element types {0} differ",
     "convert with astype; the functions of jax.numpy promote"),
    (r"does not accept dtypes? (key<\w+>)", "random keys are no numbers",
     "jax.random.split and jax.random.fold_in make new keys"),
    (r"does not accept dtypes? (\w+).*? are subtypes of (.*?)\.$", "{} is none of {}"),
    (r"must be same dtype: got (\w+) and (\w+)", "the element types {} and {} differ"),
    (r"unsupported operand type\(s\) for", "there is no such operation on these types"),
    (r"invalid PRNG key data", "the first argument is no random key", "make one with jax.random.key(seed)"),
    (r"accepts a single key, but was given a key array of shape (\(.*?\))",
     "one key is asked for, and these are several", "map over the keys with jax.vmap"),
    # Matrices
    (r"must have shape \[\.\.\., n, n\], got (\(.*?\))", "the matrix is not square"),
    (r"inconsistent size for core dimension '\w+': (\S+) vs (\S+) ", "sizes {} and {} have to be one"),
    # Arguments
    (r"missing \d+ required .*?arguments?: (.*)$", "it lacks {}"),
    (r"unexpected keyword argument (.*)$", "there is no argument {}"),
)  # fmt: skip
