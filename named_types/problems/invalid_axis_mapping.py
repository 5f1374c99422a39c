from __future__ import annotations

from dataclasses import dataclass

from named_types.problems.problem import Problem


@dataclass(frozen=True)
class InvalidAxisMapping(Problem):
    """An entry of in_axes, out_axes, axis_sizes, axis_resources or donate_argnums that is not what it should be.

    ## What it does
    Reads the arguments of `xmap`. An axis mapping is a dict from positions to names (`{0: 'x', 2: 'y'}`), or a list of
    names, in which `None` leaves a position as it is and a final `...` leaves all the others; without `...` the list
    also asserts the rank. A resource is the name of a mesh axis, a `SerialLoop`, or a tuple of these.

    ## Why is this bad?
    `xmap` cannot read the entry and raises an error.

    ## Example
    ```python
    from named_types.runtime import xmap

    transpose = xmap(lambda x: x, in_axes={"batch": 0}, out_axes={1: "batch"})  # error: [invalid-axis-mapping]
    ```

    ## Use instead
    ```python
    from named_types.runtime import xmap

    transpose = xmap(lambda x: x, in_axes={0: "batch"}, out_axes={1: "batch"})
    ```
    """

    code = "invalid-axis-mapping"

    argument: str
    """The argument of `xmap`, with the path to the entry."""
    reason: str

    @property
    def message(self) -> str:
        return f"{self.argument}: {self.reason}"
