"""Transforms of one and two dimensions whose blocks are exchanged all at once.

A block has all rows of some columns. It transforms its columns, trades pieces with every other block so that it has
all columns of some rows, and transforms those. `all_to_all` is the only communication.
"""

from __future__ import annotations

from collections.abc import Callable

from jax import Array

from named_types.runtime import lax, xmap
from named_types.runtime import numpy as jnp

from .layout import AXIS_RESOURCES, BLOCK, COLUMNS_IN_BLOCKS, ROWS_IN_BLOCKS, Grid

Transform = Callable[[Array], Array]


def rows_to_columns(x: Array) -> Array:
    """From all rows of a block of columns to all columns of a block of rows."""
    return lax.all_to_all(x, BLOCK, split_axis=0, concat_axis=1, tiled=True)


def columns_to_rows(x: Array) -> Array:
    """From all columns of a block of rows to all rows of a block of columns."""
    return lax.all_to_all(x, BLOCK, split_axis=1, concat_axis=0, tiled=True)


def twiddles(grid: Grid, columns: Array) -> Array:
    """The roots of unity between the two halves of a long transform, for some of the columns."""
    rows = jnp.arange(grid.rows)
    angles = -2 * jnp.pi * jnp.outer(rows, columns) / grid.size
    return jnp.exp(1j * angles)


def fft_columns_then_rows(grid: Grid, block: Array) -> Array:
    """One block of a transform of ``grid.size`` numbers, which stand in the grid row by row."""
    width = grid.columns // grid.blocks
    columns = lax.axis_index(BLOCK) * width + jnp.arange(width)
    spectrum = jnp.fft.fft(block, axis=0) * twiddles(grid, columns)
    return jnp.fft.fft(rows_to_columns(spectrum), axis=1)


def fft(grid: Grid, axis_resources: dict[str, str] = AXIS_RESOURCES) -> Transform:
    """The Fourier transform of a vector of ``grid.size`` numbers."""
    mapped = xmap(
        lambda block: fft_columns_then_rows(grid, block),
        in_axes=COLUMNS_IN_BLOCKS,
        out_axes=ROWS_IN_BLOCKS,
        axis_resources=axis_resources,
    )

    def transform(x: Array) -> Array:
        spectrum = mapped(x.reshape(grid.by_columns))
        return spectrum.reshape(grid.rows, grid.columns).T.reshape(grid.size)

    return transform


def fft2_block(block: Array) -> Array:
    """One block of a transform in two dimensions: columns in blocks come in, rows in blocks go out."""
    return jnp.fft.fft(rows_to_columns(jnp.fft.fft(block, axis=0)), axis=1)


def ifft2_block(block: Array) -> Array:
    """The way back: rows in blocks come in, columns in blocks go out."""
    return jnp.fft.ifft(columns_to_rows(jnp.fft.ifft(block, axis=1)), axis=0)


def fft2(grid: Grid, axis_resources: dict[str, str] = AXIS_RESOURCES) -> Transform:
    """The Fourier transform of a matrix."""
    mapped = xmap(fft2_block, COLUMNS_IN_BLOCKS, ROWS_IN_BLOCKS, axis_resources=axis_resources)
    return lambda x: mapped(x.reshape(grid.by_columns)).reshape(grid.rows, grid.columns)
