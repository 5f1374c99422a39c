"""Poisson's equation on a torus: there and back through the spectrum, which stays in blocks in between."""

from __future__ import annotations

from jax import Array

from named_types.runtime import lax, xmap
from named_types.runtime import numpy as jnp

from .layout import AXIS_RESOURCES, BLOCK, COLUMNS_IN_BLOCKS, Grid
from .transpose import Transform, fft2_block, ifft2_block


def wave_numbers(size: int) -> Array:
    """The whole numbers that the entries of a spectrum belong to."""
    return jnp.fft.fftfreq(size, 1 / size)


def laplacian(grid: Grid) -> Array:
    """What the Laplace operator multiplies a block of rows of a spectrum by; 1 where that would be nothing."""
    height = grid.rows // grid.blocks
    start = lax.axis_index(BLOCK) * height
    along_rows = lax.dynamic_slice_in_dim(wave_numbers(grid.rows), start, height)
    along_columns = wave_numbers(grid.columns)
    squares = along_rows[:, None] ** 2 + along_columns**2
    return jnp.where(squares == 0, 1.0, -squares)


def solve_block(grid: Grid, source: Array) -> tuple[Array, Array]:
    """One block of the solution without a mean, and the mean square of all of it."""
    spectrum = fft2_block(source) / laplacian(grid)
    solution = jnp.real(ifft2_block(spectrum))
    mean = lax.pmean(jnp.mean(solution), BLOCK)
    solution = solution - mean
    return solution, lax.pmean(jnp.mean(solution**2), BLOCK)


def solver(grid: Grid, axis_resources: dict[str, str] = AXIS_RESOURCES) -> Transform:
    """The solution of Poisson's equation for a source on the grid."""
    mapped = xmap(
        lambda source: solve_block(grid, source),
        in_axes=COLUMNS_IN_BLOCKS,
        out_axes=(COLUMNS_IN_BLOCKS, {}),
        axis_resources=axis_resources,
    )

    def solve(source: Array) -> Array:
        solution, energy = mapped(source.reshape(grid.by_columns))
        scale = jnp.where(energy > 0, 1.0, 0.0)
        return scale * solution.reshape(grid.rows, grid.columns)

    return solve
