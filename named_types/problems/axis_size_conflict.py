from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName, Dim
from named_types.problems.problem import Problem, listed


@dataclass(frozen=True)
class AxisSizeConflict(Problem):
    """One axis name with two sizes.

    ## What it does
    Compares the sizes that one axis name gets from the arguments of an `xmap` and from `axis_sizes`, and the sizes it
    has in values that are broadcast by name.

    ## Why is this bad?
    One name has one size in the whole mapped function: that is what makes broadcasting by name safe. It is einsum's
    rule that `'i,i->i'` needs operands of one length.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    multiply = xmap(lambda x, y: x * y, in_axes=(["i", ...], ["i", ...]), out_axes=["i", ...])
    multiply(jnp.arange(5), jnp.arange(7))  # error: [axis-size-conflict]
    ```

    ## Use instead
    Give axes that are not one another's a name each; every entry then meets every other.
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    multiply = xmap(lambda x, y: x * y, in_axes=(["i", ...], ["j", ...]), out_axes=["i", "j", ...])
    multiply(jnp.arange(5), jnp.arange(7))
    ```
    """

    code = "axis-size-conflict"

    axis: AxisName
    sizes: tuple[tuple[str, Dim], ...]
    """Where each size comes from (``'argument 0'``), and the size."""

    @property
    def message(self) -> str:
        return f"axis {self.axis!r} has {listed([f'size {size} in {origin}' for origin, size in self.sizes])}"

    @property
    def help(self) -> str:
        return "one axis name has one size in the whole mapped function"
