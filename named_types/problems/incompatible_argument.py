from __future__ import annotations

from dataclasses import dataclass

from named_types.algebra import ArrayType
from named_types.problems.problem import Problem


@dataclass(frozen=True)
class IncompatibleArgument(Problem):
    """An argument that does not have the type of its parameter.

    ## What it does
    Compares the array type of an argument with the annotation of the parameter it is passed for. An argument may have
    more named axes than the parameter declares, as long as the function does not mention them itself: the call then
    acts as if vmapped over them, and its results have them too.

    ## Why is this bad?
    The function was written, and checked, for arrays of another type.

    ## Example
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    def norm(x: f32[(3,)]) -> f32[()]:
        return jnp.sqrt(jnp.sum(x * x))

    norm(jnp.ones((4,)))  # error: [incompatible-argument]
    ```

    ## Use instead
    ```python
    import named_types.runtime.numpy as jnp
    from named_types import f32

    def norm(x: f32[("n",)]) -> f32[()]:
        return jnp.sqrt(jnp.sum(x * x))

    norm(jnp.ones((4,)))
    ```
    """

    code = "incompatible-argument"

    expected: ArrayType
    actual: ArrayType
    parameter: str
    function: str

    @property
    def argument(self) -> str:
        """The parameter as messages name it; one that has no name, by its number."""
        return f'"{self.parameter}"' if self.parameter.isidentifier() else self.parameter

    @property
    def message(self) -> str:
        return f'argument {self.argument} of "{self.function}" has type "{self.actual}", expected "{self.expected}"'
