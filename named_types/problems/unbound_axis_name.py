from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from named_types.algebra import AxisName
from named_types.problems.problem import Problem, in_scope


@dataclass(frozen=True)
class UnboundAxisName(Problem):
    """An axis name that no enclosing xmap or vmap introduces.

    ## What it does
    Looks up every axis name that a reduction, a collective, `out_axes` or `axis_resources` mentions among those in
    scope.

    ## Why is this bad?
    A name without an axis has no size and no values to reduce over. Mostly it is misspelled, or belongs to an `xmap`
    that is not around this code.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def total(x):
        return jnp.sum(x, axis="bacth")  # error: [unbound-axis-name]

    xmap(total, in_axes=["batch", ...], out_axes=[...])(jnp.ones((20, 5)))
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    def total(x):
        return jnp.sum(x, axis="batch")

    xmap(total, in_axes=["batch", ...], out_axes=[...])(jnp.ones((20, 5)))
    ```
    """

    code = "unbound-axis-name"

    axis: AxisName
    bound: tuple[AxisName, ...]
    operation: str | None = None

    @property
    def message(self) -> str:
        where = f" in {self.operation}" if self.operation else ""
        return f"axis {self.axis!r} is unbound{where}: {in_scope(self.bound) or 'no axis name is in scope'}"

    @property
    def help(self) -> str | None:
        names = {str(name): name for name in self.bound}
        similar = get_close_matches(str(self.axis), names, n=1)
        return f"did you mean {names[similar[0]]!r}?" if similar else None
