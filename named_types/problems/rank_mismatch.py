from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class RankMismatch(Problem):
    """An axis mapping that does not fit the rank of its array.

    ## What it does
    Compares the positions of an axis mapping with the positional axes of its array. On the way in, every position must
    exist; on the way out, every position must exist once the named axes have got theirs. A list without `...` also
    asserts the rank.

    ## Why is this bad?
    There is no axis at the position to name, or no place for a named axis to go.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    double = xmap(lambda x: 2 * x, in_axes=["i", None], out_axes=["i", None])
    double(jnp.ones((3,)))  # error: [rank-mismatch]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types.runtime import xmap

    double = xmap(lambda x: 2 * x, in_axes=["i", ...], out_axes=["i", ...])
    double(jnp.ones((3,)))
    ```
    """

    code = "rank-mismatch"

    argument: str
    mapping: str
    value: ArrayType
    reason: str

    @property
    def message(self) -> str:
        return f'{self.argument} is {self.mapping}, but "{self.value}" {self.reason}'
