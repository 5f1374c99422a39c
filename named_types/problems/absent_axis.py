from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from named_types.algebra import ArrayType, AxisName
from named_types.problems.problem import Problem, Severity, listed
from named_types.problems.written_operation import written


@dataclass(frozen=True)
class AbsentAxis(Problem):
    """A reduction or another collective over axes of which the operand has none.

    ## What it does
    Finds calls that go along named axes which are in scope, and which none of the arrays in the call has. Reported only
    where that is so in every call of the function.

    ## Why is this bad?
    The operand is the same for all instances of the axis. So a sum over it multiplies by its size, and a mean or a
    maximum does nothing: most likely another value was meant, or the axis has been reduced already.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def total(x):
        mean = jnp.mean(x, axis="batch")
        return jnp.sum(mean, axis="batch")  # warning: [absent-axis]

    xmap(total, in_axes=["batch", ...], out_axes=[...])(jnp.ones((20, 5)))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import lax, xmap

    def total(x):
        mean = jnp.mean(x, axis="batch")
        return mean * lax.axis_size("batch")

    xmap(total, in_axes=["batch", ...], out_axes=[...])(jnp.ones((20, 5)))
    ```

    ## When to suppress
    Where a function is for values with and without the axis, and no call here shows it.
    """

    code = "absent-axis"
    severity: ClassVar[Severity] = "warning"

    operation: str
    """The dotted path of what is called."""
    operands: tuple[ArrayType, ...]
    axes: tuple[AxisName, ...]

    @property
    def message(self) -> str:
        kind = "axis" if len(self.axes) == 1 else "axes"
        along = f"{kind} {listed([repr(axis) for axis in self.axes])}"
        return f"{written(self.operation, tuple(map(str, self.operands)))} goes along {along}, which it does not have"

    @property
    def help(self) -> str:
        return "its instances are equal: a sum multiplies by their number, and a mean or a maximum does nothing"
