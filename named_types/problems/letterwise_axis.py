from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem, listed


@dataclass(frozen=True)
class LetterwiseAxis(Problem):
    """A bare string axis that JAX reads letter by letter.

    ## What it does
    Finds calls of JAX's own reductions whose `axis` is a string of several letters.

    ## Why is this bad?
    JAX takes `axis` for a sequence of axes, and the sequence of `"batch"` is `"b"`, `"a"`, `"t"`, `"c"`, `"h"`. At best
    these names are unbound; at worst they are names of other axes.

    ## Example
    ```python
    import jax.numpy as jnp
    from named_types.runtime import xmap

    def total(x):
        return jnp.sum(x, axis="batch")  # error: [letterwise-axis]

    xmap(total, in_axes=["batch", ...], out_axes=[...])(jnp.ones((20, 5)))
    ```

    ## Use instead
    In the functions of `named_types.runtime`, a string is one name. JAX's own functions want a tuple.
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def total(x):
        return jnp.sum(x, axis="batch")

    xmap(total, in_axes=["batch", ...], out_axes=[...])(jnp.ones((20, 5)))
    ```

    ## When to suppress
    Where every letter really is the name of an axis. A tuple of letters says so without a suppression.
    """

    code = "letterwise-axis"

    axis: str
    operation: str

    @property
    def message(self) -> str:
        return f"{self.operation} reads axis={self.axis!r} as the axes {listed([repr(letter) for letter in self.axis])}"

    @property
    def help(self) -> str:
        return f"write axis=({self.axis!r},), or import the function from named_types.runtime"
