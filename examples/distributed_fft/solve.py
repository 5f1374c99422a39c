"""Transform vectors and solve Poisson's equation on eight devices: `python -m examples.distributed_fft.solve`."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=8")

import jax
import numpy as np

from named_types.runtime import mesh
from named_types.runtime import numpy as jnp

from . import exchange, poisson, transpose
from .layout import Grid


def compare(what: str, found: object, wanted: object, tolerance: float = 1e-3) -> bool:
    """Print how far two arrays are from each other; tells whether that is next to nothing."""
    difference = float(np.max(np.abs(np.asarray(found) - np.asarray(wanted))))
    print(f"{what:<40} largest difference {difference:.1e}")
    return difference < tolerance


def compare_transforms() -> bool:
    """Both ways to transform a vector, and the one for a matrix, against NumPy."""
    grid = Grid(rows=32, columns=16, blocks=8)
    real, imaginary = jax.random.normal(jax.random.key(0), (2, grid.size))
    x = real + 1j * imaginary
    image = x.reshape(grid.rows, grid.columns)
    results = [
        compare("vector, exchanged all at once", transpose.fft(grid)(x), np.fft.fft(x)),
        compare("vector, exchanged by pairs", exchange.fft(grid.size, grid.blocks)(x), np.fft.fft(x)),
        compare("matrix", transpose.fft2(grid)(image), np.fft.fft2(image)),
    ]
    return all(results)


def compare_solution() -> bool:
    """A source whose solution is known."""
    grid = Grid(rows=64, columns=32, blocks=8)
    y = jnp.linspace(0, 2 * jnp.pi, grid.rows, endpoint=False)
    x = jnp.linspace(0, 2 * jnp.pi, grid.columns, endpoint=False)
    wanted = jnp.sin(3 * y)[:, None] * jnp.cos(2 * x)
    solve = poisson.solver(grid)
    return compare("Poisson's equation", solve(-13.0 * wanted), wanted)


def main() -> int:
    devices = np.array(jax.devices()[:8])
    with mesh(devices, ("devices",)):
        return 0 if all([compare_transforms(), compare_solution()]) else 1


if __name__ == "__main__":
    sys.exit(main())
