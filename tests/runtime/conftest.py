"""Meshes of eight devices, and the check that resources never change results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import numpy as np
import pytest

from named_types.runtime import NamedAxisError, mesh, xmap

Resources = Mapping[Any, Any]


@pytest.fixture(scope="module", autouse=True)
def caches() -> Iterator[None]:
    """The programs that JAX has compiled for the tests of one module, some hundreds of MB, are not kept for others."""
    yield
    jax.clear_caches()


def in_scope(shape: Mapping[str, int]) -> AbstractContextManager[Any]:
    """A mesh of this shape over the first devices; no mesh for an empty shape."""
    if not shape:
        return nullcontext()
    size = int(np.prod(list(shape.values())))
    return mesh(np.array(jax.devices()[:size]).reshape(tuple(shape.values())), tuple(shape))


@pytest.fixture
def scope() -> Callable[..., AbstractContextManager[Any]]:
    """``scope(x=4, y=2)``: a mesh of that shape, as a context manager."""
    return lambda **shape: in_scope(shape)


@pytest.fixture
def same_everywhere() -> Callable[..., Any]:
    """Run a mapped function without resources and then with each of several; all must agree."""

    def run(
        function: Callable[..., Any],
        in_axes: Any,
        out_axes: Any,
        arguments: tuple[Any, ...],
        mappings: list[tuple[Mapping[str, int], Resources]],
        **options: Any,
    ) -> Any:
        local = xmap(function, in_axes, out_axes, **options)(*arguments)
        for shape, resources in mappings:
            with in_scope(shape):
                spread = xmap(function, in_axes, out_axes, axis_resources=resources, **options)(*arguments)
            jax.tree_util.tree_map(
                lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5), spread, local
            )
        return local

    return run


@pytest.fixture
def rejection() -> Callable[..., NamedAxisError]:
    """The error that a call raises."""

    def run(call: Callable[[], Any]) -> NamedAxisError:
        with pytest.raises(NamedAxisError) as caught:
            call()
        return caught.value

    return run


@pytest.fixture
def place() -> Callable[[Callable[..., Any], str], str]:
    """``place(function, text)``: where the line of a function that contains a text is, as ``file:line``."""

    def find(function: Callable[..., Any], text: str) -> str:
        lines, first = inspect.getsourcelines(function)
        (offset,) = (offset for offset, line in enumerate(lines) if text in line)
        return f"{inspect.getsourcefile(function)}:{first + offset}"

    return find
