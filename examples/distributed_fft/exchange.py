"""A transform of one dimension whose blocks trade with one partner at a time.

The vector has an axis of blocks that is itself transformed, by halves: in each stage a block and the block whose number
differs in one bit make a butterfly. `pshuffle` brings the partner, and puts the blocks into bit-reversed order first.
"""

from __future__ import annotations

from jax import Array

from named_types.runtime import lax, xmap
from named_types.runtime import numpy as jnp

from .layout import AXIS_RESOURCES, BLOCK
from .transpose import Transform


def reversed_bits(count: int) -> list[int]:
    """The numbers below ``count``, a power of two, with their bits in the opposite order."""
    bits = count.bit_length() - 1
    return [int(format(number, f"0{bits}b")[::-1], 2) if bits else number for number in range(count)]


def partners(count: int, distance: int) -> list[int]:
    """For each block, the one whose number differs in the bit ``distance``."""
    return [number ^ distance for number in range(count)]


def butterfly(x: Array, blocks: int, distance: int) -> Array:
    """One stage: the transform of ``2 * distance`` neighbouring blocks from those of their halves."""
    index = lax.axis_index(BLOCK)
    partner = lax.pshuffle(x, BLOCK, partners(blocks, distance))
    is_upper = index // distance % 2 == 1
    root = jnp.exp(-1j * jnp.pi * (index % distance) / distance)
    even = jnp.where(is_upper, partner, x)
    odd = root * jnp.where(is_upper, x, partner)
    return jnp.where(is_upper, even - odd, even + odd)


def fft_over_blocks(x: Array, blocks: int) -> Array:
    """The transform along the axis of blocks itself, at every position of a block."""
    x = lax.pshuffle(x, BLOCK, reversed_bits(blocks))
    distance = 1
    while distance < blocks:
        x = butterfly(x, blocks, distance)
        distance *= 2
    return x


def fft_block(x: Array, blocks: int) -> Array:
    """One block of the transform of a vector that is dealt out to the blocks row by row."""
    width = x.shape[0]
    inner = fft_over_blocks(x, blocks)
    angle = lax.axis_index(BLOCK) * jnp.arange(width) / (blocks * width)
    return jnp.fft.fft(inner * jnp.exp(-2j * jnp.pi * angle))


def fft(size: int, blocks: int, axis_resources: dict[str, str] = AXIS_RESOURCES) -> Transform:
    """The Fourier transform of a vector of ``size`` numbers in ``blocks`` blocks, a power of two."""
    mapped = xmap(
        lambda x: fft_block(x, blocks),
        in_axes={0: BLOCK},
        out_axes={1: BLOCK},
        axis_resources=axis_resources,
    )
    return lambda x: mapped(x.reshape(blocks, size // blocks)).reshape(size)
