"""Array types in mypy's words become the notation; everything else stays as it is."""

from __future__ import annotations

import pytest

from named_types.mypy_plugin.messages import in_notation

F32 = "tuple[Literal['num'], Literal['inexact'], Literal['floating'], Literal['f32']]"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"Array[{F32}, tuple[Dim[Literal[2]], Dim[Literal[5]]], tuple[()], Any]", "f32[(2, 5)]"),
        (f"jax._src.basearray.Array[{F32}, tuple[()], tuple[()], Literal[True]]", "f32[()]"),
        (f"Array[{F32}, Any, Any, Any]", "f32[..., ...]"),
        ("Array[Any, Any, Any, Any]", "Array"),
        (f"Array[{F32}, tuple[Unpack[tuple[Any, ...]], Dim[Literal[5]]], tuple[()], Any]", "f32[(..., 5)]"),
        (f"Array[{F32}, tuple[*tuple[Any, ...], Dim[Literal[5]]], tuple[()], Any]", "f32[(..., 5)]"),
        (f"Array[{F32}, tuple[Dim[Any], object], tuple[()], Any]", "f32[('_', '_')]"),
        (f"Array[{F32}, tuple[Dim[dim·n]], tuple[tuple[Literal['b'], Dim[dim·m@f]]], Any]", "f32[('n',), {'b': 'm'}]"),
        (
            f"Array[{F32}, tuple[Dim[DimExpression[Literal['2*n+m'], tuple[Literal[3], dim·n]]]], tuple[()], Any]",
            "f32[('2*n+3',)]",
        ),
        (
            f'Array[{F32}, tuple[()], tuple[tuple[Literal["it\'s ]"], Dim[Literal[3]]]], Any]',
            'f32[(), {"it\'s ]": 3}]',
        ),
        (f'expected "list[Array[{F32}, tuple[()], tuple[()], Any] | None]"', 'expected "list[f32[()] | None]"'),
        ('Cannot infer value of type parameter "dim·n" of "f"', 'Cannot infer value of type parameter "n" of "f"'),
        ('Name "Array[" is not defined', 'Name "Array[" is not defined'),
        ("Array[int]", "Array[int]"),
        ("numpy.Array[Any, Any, Any, Any]", "numpy.Array[Any, Any, Any, Any]"),
    ],
)
def test_array_types_are_printed_in_the_notation(message: str, expected: str) -> None:
    assert in_notation(message) == expected
