from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class LoopCollective(Problem):
    """A collective over an axis that is mapped to a serial loop.

    ## What it does
    Finds collectives (`psum`, `pmax`, `ppermute`, `all_gather` and the like) over an axis that `axis_resources` maps to
    a `SerialLoop`.

    ## Why is this bad?
    A loop evaluates one chunk of the axis after the other. A collective needs all chunks at once, but the later ones do
    not exist yet.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import SerialLoop, lax, xmap

    def centre(x):
        return x - lax.pmean(x, "i")  # error: [loop-collective]

    xmap(centre, in_axes=["i", ...], out_axes=["i", ...], axis_resources={"i": SerialLoop(2)})(jnp.ones(8))
    ```

    ## Use instead
    Map the axis to a mesh axis or to nothing, or take the collective out of the mapped function.
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import lax, xmap

    def centre(x):
        return x - lax.pmean(x, "i")

    xmap(centre, in_axes=["i", ...], out_axes=["i", ...])(jnp.ones(8))
    ```
    """

    code = "loop-collective"

    axis: AxisName
    operation: str

    @property
    def message(self) -> str:
        return f"{self.operation} over axis {self.axis!r}, which is mapped to a serial loop"

    @property
    def help(self) -> str:
        return f"the steps of a loop do not see one another: map {self.axis!r} to a mesh axis, or to nothing"
