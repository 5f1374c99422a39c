from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from named_types.algebra import ArrayType
from named_types.problems.problem import Problem, Severity
from named_types.problems.written_operation import written


@dataclass(frozen=True)
class EmptyReduction(Problem):
    """A reduction that reduces nothing: the value has named axes alone, and is reduced over positional ones.

    ## What it does
    Finds reductions without an axis, such as `jnp.mean(x)` and `x.max()`, of values without positional axes that have
    named ones. Reported where a mapped function ends, if nothing in it has reduced any of these axes since, and if
    the reduction has had something to reduce in no other call.

    ## Why is this bad?
    Without an axis a reduction is over all positional axes, and only over them. Here there are none: what comes out is
    what went in, once for each instance, and nothing says so.

    ## Example
    ```python
    import jax.numpy as jnp
    from named_types.runtime import xmap

    def centred(x):
        return x - jnp.mean(x)  # warning: [empty-reduction]

    xmap(centred, in_axes=["batch"], out_axes=["batch"])(jnp.ones(20))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def centred(x):
        return x - jnp.mean(x, axis="batch")

    xmap(centred, in_axes=["batch"], out_axes=["batch"])(jnp.ones(20))
    ```

    ## When to suppress
    Where the function is also for values with positional axes, and no call here shows it.
    """

    code = "empty-reduction"
    severity: ClassVar[Severity] = "warning"

    operation: str
    """The dotted path of what is called."""
    value: ArrayType

    @property
    def message(self) -> str:
        return f"{written(self.operation, (str(self.value),))} reduces nothing: there is no positional axis"

    @property
    def help(self) -> str:
        names = tuple(self.value.named_shape or ())
        axis = repr(names[0]) if len(names) == 1 else repr(names)
        return f"reduce by name with the functions of named_types.runtime, as in axis={axis}, or leave the call out"
