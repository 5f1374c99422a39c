from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType, AxisName
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class MissingNamedAxis(Problem):
    """A value lacks a named axis that it must have.

    ## What it does
    Compares the named shape of a value with the axes that an operation needs of it: an einsum that mentions a name for
    an operand needs the operand to have it.

    ## Why is this bad?
    An axis that is absent would count as one that is broadcast, and summing over it would multiply by its size, which
    nobody meant.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import xmap

    def contract(x: f32[(4,), {"k": 3}], y: f32[(4,)]) -> f32[()]:
        return jnp.einsum("n{k},n{k}->", x, y)  # error: [missing-named-axis]

    xmap(contract, in_axes=({1: "k"}, [...]), out_axes=[...])(jnp.ones((4, 3)), jnp.ones((4,)))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import xmap

    def contract(x: f32[(4,), {"k": 3}], y: f32[(4,), {"k": 3}]) -> f32[()]:
        return jnp.einsum("n{k},n{k}->", x, y)

    xmap(contract, in_axes=({1: "k"}, {1: "k"}), out_axes=[...])(jnp.ones((4, 3)), jnp.ones((4, 3)))
    ```
    """

    code = "missing-named-axis"

    axis: AxisName
    value: ArrayType
    where: str

    @property
    def message(self) -> str:
        return f'{self.where} has type "{self.value}", which lacks axis {self.axis!r}'
