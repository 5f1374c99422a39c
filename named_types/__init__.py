"""Types, a static checker and a runtime for named-axis JAX programs.

    from named_types import f32

    def scale(x: f32[(5,), {"batch": 20}]) -> f32[(5,), {"batch": 20}]: ...

The names here are the notation; importing them loads no jax, no mypy and no libcst. They are loaded when they are
asked for, so that what needs other parts of the package alone, such as mypy on programs without arrays, starts at once.
"""

from importlib import import_module
from pkgutil import extend_path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from named_types.algebra import ArrayType
    from named_types.notation import (
        NotationError,
        bf16,
        bool_,
        c64,
        c128,
        f4_e2m1fn,
        f8_e3m4,
        f8_e4m3,
        f8_e4m3b11fnuz,
        f8_e4m3fn,
        f8_e4m3fnuz,
        f8_e5m2,
        f8_e5m2fnuz,
        f8_e8m0fnu,
        f16,
        f32,
        f64,
        floating,
        i2,
        i4,
        i8,
        i16,
        i32,
        i64,
        inexact,
        integer,
        key,
        num,
        parse,
        shaped,
        u2,
        u4,
        u8,
        u16,
        u32,
        u64,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module("named_types.algebra" if name == "ArrayType" else "named_types.notation")
        globals()[name] = found = getattr(module, name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__path__ = extend_path(__path__, __name__)

__all__ = [
    "ArrayType",
    "NotationError",
    "bf16",
    "bool_",
    "c64",
    "c128",
    "f4_e2m1fn",
    "f8_e3m4",
    "f8_e4m3",
    "f8_e4m3b11fnuz",
    "f8_e4m3fn",
    "f8_e4m3fnuz",
    "f8_e5m2",
    "f8_e5m2fnuz",
    "f8_e8m0fnu",
    "f16",
    "f32",
    "f64",
    "floating",
    "i2",
    "i4",
    "i8",
    "i16",
    "i32",
    "i64",
    "inexact",
    "integer",
    "key",
    "num",
    "parse",
    "shaped",
    "u2",
    "u4",
    "u8",
    "u16",
    "u32",
    "u64",
]
