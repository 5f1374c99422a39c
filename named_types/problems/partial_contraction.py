from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class PartialContraction(Problem):
    """A named axis that an einsum mentions for one operand and skips for another that has it.

    ## What it does
    Compares the names in the braces of an einsum with the named shapes of its operands. A name that is mentioned
    nowhere broadcasts, and one that is mentioned must be mentioned for every operand that has it.

    ## Why is this bad?
    It is not clear whether the operands meet along the axis before it is summed over or after, and the two give
    different results.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32
    from named_types.runtime import xmap

    def contract(x: f32[(4,), {"k": 3}], y: f32[(4,), {"k": 3}]) -> f32[()]:
        return jnp.einsum("n{k},n->", x, y)  # error: [partial-contraction]

    xmap(contract, in_axes=({1: "k"}, {1: "k"}), out_axes=[...])(jnp.ones((4, 3)), jnp.ones((4, 3)))
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

    code = "partial-contraction"

    axis: AxisName
    specification: str
    mentioned: int
    skipped: int

    @property
    def message(self) -> str:
        return (
            f"{self.specification!r} mentions axis {self.axis!r} for operand {self.mentioned} "
            f"and skips it for operand {self.skipped}, which has it"
        )

    @property
    def help(self) -> str:
        return f"mention {self.axis!r} for every operand that has it, or for none"
