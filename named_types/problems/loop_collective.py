from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import AxisName
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class LoopCollective(Problem):
    """A collective over an axis that is mapped to a serial loop.

    ## What it does
    Looks at every operation that combines the instances of a named axis, such as a named reduction, `psum` or `pdot`,
    and at the resources of that axis.

    ## Why is this bad?
    A serial loop evaluates the instances of an axis in steps, one after the other. While one step runs, the instances
    of the others are gone or not computed yet.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import SerialLoop, xmap

    def total(x):
        return jnp.sum(x, "i")  # error: [loop-collective]

    xmap(total, in_axes=["i"], out_axes=[], axis_resources={"i": SerialLoop(4)})(jnp.ones((8,)))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import SerialLoop, xmap

    squares = xmap(lambda x: x**2, in_axes=["i"], out_axes=["i"], axis_resources={"i": SerialLoop(4)})
    jnp.sum(squares(jnp.ones((8,))))
    ```
    """

    code = "loop-collective"

    operation: str
    axis: AxisName

    @property
    def message(self) -> str:
        return f"{self.operation} over axis {self.axis!r}, which is mapped to a serial loop"

    @property
    def help(self) -> str:
        return f"the steps of a loop do not see one another: map {self.axis!r} to a mesh axis, or to nothing"
