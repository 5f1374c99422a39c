"""Faults to put into the programs of `examples`, one at a time, and what there is to find then.

A fault replaces a piece of one file. What is found is one problem, or several, each a code at the line that contains a
piece of text; a line of another file is given with its path.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A piece of a file and what stands in its place."""

    program: str
    file: str
    old: str
    new: str
    found: tuple[tuple[str, str, str], ...]
    """For each problem its code, its file, and a text that only its line contains."""

    @property
    def name(self) -> str:
        return f"{self.program}/{self.file}: {self.new.strip().splitlines()[0] if self.new.strip() else self.old}"


def _faults(program: str, *rows: tuple[str, str, str, str | tuple[str, ...]]) -> list[Fault]:
    """Each row has the file, what is replaced, by what, and what is found: ``'code'`` or ``'code @ text'``.

    Without a text the problem is at the first line of what was put in; ``'code @ file: text'`` is one elsewhere.
    """
    return [Fault(program, file, old, new, tuple(_read(file, new, one) for one in _several(found)))
            for file, old, new, found in rows]  # fmt: skip


def _several(found: str | tuple[str, ...]) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found


def _read(file: str, new: str, found: str) -> tuple[str, str, str]:
    code, _, where = found.partition(" @ ")
    module, is_elsewhere, text = where.partition(".py: ")
    if not is_elsewhere:
        module, text = file.removesuffix(".py"), where
    return code, f"{module}.py", text or new.strip().splitlines()[0]


INVALID = "invalid-operation"


def _in_every_transform(code: str, *others: str) -> tuple[str, ...]:
    """Where the transforms of matrices, of vectors by transposing, and of Poisson's equation are called."""
    places = ("transpose.py: spectrum = mapped(", "transpose.py: return lambda x: mapped(",
              "poisson.py: solution, energy = mapped(", *others)  # fmt: skip
    return tuple(f"{code} @ {place}" for place in places)


TRANSFORMER = _faults(
    "transformer",
    ("layers.py", 'return lax.psum(partial_output, "shard")', 'return lax.psum(partial_output, "shards")',
     "unbound-axis-name"),
    ("layers.py", 'return lax.psum(hidden @ params["down"], "shard")',
     'return lax.pmean(hidden @ params["down"], "heads")', "unbound-axis-name"),
    ("layers.py", 'return lax.psum(hidden @ params["down"], "shard")', 'return hidden @ params["down"]',
     "leaked-named-axis @ model.py: out_axes=[...],"),
    ("layers.py", 'jnp.einsum("td,dhk->thk", x, params["query"])', 'jnp.einsum("td,hdk->thk", x, params["query"])',
     INVALID),
    ("layers.py", 'jnp.einsum("thk,shk->hts", query, key)', 'jnp.einsum("thk,skh->hts", query, key)', INVALID),
    ("layers.py", 'jnp.einsum("hts,shk->thk", weights, value)', 'jnp.einsum("hts,shk->thk", value, weights)', INVALID),
    ("layers.py", 'jnp.einsum("thk,hkd->td", mixed, params["output"])',
     'jnp.einsum("thk,hkd->td", mixed, params["value"])', INVALID),
    ("layers.py", "jnp.ones((length, length), dtype=bool)", "jnp.ones((length, length + 1), dtype=bool)",
     f"{INVALID} @ weights = jax.nn.softmax"),
    ("layers.py", "mean = jnp.mean(x, axis=-1, keepdims=True)", "mean = jnp.mean(x, axis=-1)",
     f"{INVALID} @ normal = (x - mean)"),
    ("layers.py", "variance = jnp.var(x, axis=-1, keepdims=True)", "variance = jnp.var(x, axis=2, keepdims=True)",
     INVALID),
    ("layers.py", 'hidden = jax.nn.gelu(x @ params["up"] + params["bias"])',
     'hidden = jax.nn.gelu(x @ params["up"].T + params["bias"])', INVALID),
    ("layers.py", '"bias": jnp.zeros((self.hidden,)),', '"bias": jnp.zeros((self.width,)),',
     f"{INVALID} @ hidden = jax.nn.gelu"),
    ("model.py", 'return x @ params["embedding"].T', 'return x @ params["embedding"]', INVALID),
    ("model.py", "return self.block(norms, shard, x), None", "return self.block(norms, shard, x)[None], None",
     f"{INVALID} @ x, _ = lax.scan"),
    ("model.py", "return self.block(norms, shard, x), None", "return self.block(norms, shard, x)",
     f"{INVALID} @ x, _ = lax.scan"),
    ("model.py", 'jax.random.normal(positions, (config.length, config.width))',
     'jax.random.normal(positions, (config.width, config.length))',
     f'{INVALID} @ x = params["embedding"][tokens]'),
    ("model.py", "one_hot = jax.nn.one_hot(targets, self.config.vocabulary)",
     "one_hot = jax.nn.one_hot(targets, self.config.width)", f"{INVALID} @ losses = -jnp.sum"),
    ("model.py", 'return lax.pmean(jnp.mean(losses), "batch")', "return jnp.mean(losses)",
     "leaked-named-axis @ out_axes=[...],"),
    ("model.py", 'return lax.pmean(jnp.mean(losses), "batch")', 'return lax.pmean(losses, "batch")',
     f"{INVALID} @ train.py: value, gradient = jax.value_and_grad"),
    ("model.py", 'in_axes=(self.in_axes, ["batch", ...], ["batch", ...]),', 'in_axes=(self.in_axes, ["batch", ...]),',
     "axis-mapping-structure @ train.py: value, gradient ="),
    ("config.py", '{"batch": "data", "shard": "model"}', '{"batch": "data", "shard": "modle"}',
     ("unknown-resource @ train.py: value, gradient =", "unknown-resource @ model.py: following = jnp.argmax(")),
    ("config.py", '{"batch": "data", "shard": "model"}', '{"batch": "data", "shard": "data"}',
     ("indivisible-axis @ train.py: value, gradient =", *(f"resource-conflict @ layers.py: {line}" for line in
      ("query = jnp.einsum(", "key = jnp.einsum(", "value = jnp.einsum(", "hidden = jax.nn.gelu(")))),
    ("config.py", "batch: int = 16", "batch: int = 18", "indivisible-axis @ train.py: value, gradient ="),
    ("optimizer.py", "lambda m, g: first * m + (1 - first) * g, state.mean, gradient",
     "lambda m, g: first * m + (1 - first) * g.T, state.mean, gradient", INVALID),
)  # fmt: skip

DISTRIBUTED_FFT = _faults(
    "distributed_fft",
    ("transpose.py", "lax.axis_index(BLOCK) * width", 'lax.axis_index("blocks") * width', "unbound-axis-name"),
    ("transpose.py", "return lax.all_to_all(x, BLOCK, split_axis=0, concat_axis=1, tiled=True)",
     'return lax.all_to_all(x, "row", split_axis=0, concat_axis=1, tiled=True)', "unbound-axis-name"),
    ("transpose.py", "split_axis=0, concat_axis=1, tiled=True", "split_axis=2, concat_axis=1, tiled=True", INVALID),
    ("transpose.py", "jnp.fft.fft(block, axis=0) * twiddles(grid, columns)",
     "jnp.fft.fft(block, axis=0).T * twiddles(grid, columns)", INVALID),
    ("transpose.py", "jnp.outer(rows, columns) / grid.size", "jnp.outer(columns, rows) / grid.size",
     f"{INVALID} @ spectrum = jnp.fft.fft(block, axis=0)"),
    ("transpose.py", "return jnp.fft.fft(rows_to_columns(spectrum), axis=1)",
     "return jnp.fft.fft(rows_to_columns(spectrum), axis=2)", INVALID),
    ("transpose.py", "spectrum = mapped(x.reshape(grid.by_columns))", "spectrum = mapped(x)", "rank-mismatch"),
    ("transpose.py", "xmap(fft2_block, COLUMNS_IN_BLOCKS, ROWS_IN_BLOCKS, axis_resources=axis_resources)",
     "xmap(fft2_block, COLUMNS_IN_BLOCKS, {}, axis_resources=axis_resources)", "leaked-named-axis"),
    ("transpose.py", "mapped(x.reshape(grid.by_columns)).reshape(grid.rows, grid.columns)",
     "mapped(x.reshape(grid.by_columns)).reshape(grid.rows, grid.blocks)", INVALID),
    ("layout.py", 'COLUMNS_IN_BLOCKS = {1: BLOCK}', 'COLUMNS_IN_BLOCKS = {3: BLOCK}',
     _in_every_transform("rank-mismatch")),
    ("layout.py", 'AXIS_RESOURCES = {BLOCK: "devices"}', 'AXIS_RESOURCES = {BLOCK: "device"}',
     _in_every_transform("unknown-resource", "exchange.py: return lambda x: mapped(")),
    ("layout.py", "return (self.rows, self.blocks, self.columns // self.blocks)",
     "return (self.rows, self.columns, self.columns // self.blocks)", _in_every_transform(INVALID)),
    ("exchange.py", "partner = lax.pshuffle(x, BLOCK, partners(blocks, distance))",
     'partner = lax.pshuffle(x, "b", partners(blocks, distance))', "unbound-axis-name"),
    ("exchange.py", "partner = lax.pshuffle(x, BLOCK, partners(blocks, distance))",
     "partner = lax.pshuffle(x, BLOCK, partners(blocks - 1, distance))", INVALID),
    ("exchange.py", "odd = root * jnp.where(is_upper, x, partner)", "odd = root * jnp.where(is_upper, x, partner[1:])",
     INVALID),
    ("exchange.py", "out_axes={1: BLOCK}", "out_axes={2: BLOCK}", "rank-mismatch"),
    ("exchange.py", "jnp.arange(width) / (blocks * width)", "jnp.arange(blocks) / (blocks * width)",
     f"{INVALID} @ return jnp.fft.fft(inner"),
    ("poisson.py", "squares = along_rows[:, None] ** 2 + along_columns**2",
     "squares = along_rows**2 + along_columns**2", INVALID),
    ("poisson.py", "along_rows = lax.dynamic_slice_in_dim(wave_numbers(grid.rows), start, height)",
     "along_rows = wave_numbers(grid.rows)", f"{INVALID} @ spectrum = fft2_block(source)"),
    ("poisson.py", "mean = lax.pmean(jnp.mean(solution), BLOCK)", 'mean = lax.pmean(jnp.mean(solution), "rows")',
     "unbound-axis-name"),
    ("poisson.py", "return solution, lax.pmean(jnp.mean(solution**2), BLOCK)", "return solution, jnp.mean(solution**2)",
     "leaked-named-axis @ out_axes=(COLUMNS_IN_BLOCKS, {})"),
    ("poisson.py", "out_axes=(COLUMNS_IN_BLOCKS, {}),", "out_axes=(COLUMNS_IN_BLOCKS,),", "axis-mapping-structure"),
    ("solve.py", "Grid(rows=32, columns=16, blocks=8)", "Grid(rows=32, columns=16, blocks=4)",
     tuple(f"indivisible-axis @ {place}" for place in ("transpose.py: spectrum = mapped(",
      "transpose.py: return lambda x: mapped(", "exchange.py: return lambda x: mapped("))),
)  # fmt: skip

PARTICLE_FILTER = _faults(
    "particle_filter",
    ("filtering.py", "jax.vmap(self.model.log_likelihood, in_axes=(0, None))(particles, observation)",
     "jax.vmap(self.model.log_likelihood, in_axes=(0, 0))(particles, observation)", INVALID),
    ("filtering.py", "jax.vmap(self.model.log_likelihood, in_axes=(0, None))(particles, observation)",
     "jax.vmap(self.model.log_likelihood, in_axes=(1, None))(particles, observation)",
     (f"{INVALID} @ models.py: return log_normal(observation - self.observed @ x",
      f"{INVALID} @ log_weights = state.log_weights + log_likelihoods")),
    ("filtering.py", "jax.vmap(self.model.log_likelihood, in_axes=(0, None))(particles, observation)",
     "jax.vmap(self.model.log_likelihood, in_axes=0)(particles, observation)", INVALID),
    ("filtering.py", "keys = jax.random.split(moving, self.particles)", "keys = jax.random.split(moving, 100)",
     f"{INVALID} @ particles = jax.vmap(self.model.transition)"),
    ("filtering.py", "key, moving, drawing = jax.random.split(state.key, 3)",
     "key, moving, drawing = jax.random.split(state.key)", INVALID),
    ("filtering.py", "mean = weights @ particles", "mean = particles @ weights", INVALID),
    ("filtering.py", 'jnp.einsum("n,ni,nj->ij", weights, centred, centred)',
     'jnp.einsum("n,in,jn->ij", weights, centred, centred)', INVALID),
    ("filtering.py", "jnp.sqrt(jnp.diagonal(covariance))", "jnp.sqrt(jnp.diagonal(weights))", INVALID),
    ("filtering.py", "return State(particles, jnp.zeros((self.particles,)), key)",
     "return State(particles, jnp.zeros((self.particles, 1)), key)",
     f"{INVALID} @ covariance = jnp.einsum"),
    ("filtering.py", "moved = State(particles, log_weights, key)", "moved = State(particles.T, log_weights, key)",
     f"{INVALID} @ resampling.py: return jax.lax.cond("),
    ("filtering.py", "jax.lax.scan(self.step, self.init(key), observations)",
     "jax.lax.scan(self.step, self.init(key), observations[0, 0])", INVALID),
    ("filtering.py", "jax.vmap(self.run, in_axes=(0, None))(keys, observations)",
     "jax.vmap(self.run)(keys, observations)", INVALID),
    ("resampling.py", "positions = (jnp.arange(count) + jax.random.uniform(key)) / count",
     "positions = (jnp.arange(count) + jax.random.uniform(key, (3,))) / count", INVALID),
    ("resampling.py", "log_weights=jnp.zeros_like(state.log_weights)", "log_weights=jnp.zeros((1,))",
     f"{INVALID} @ return jax.lax.cond("),
    ("resampling.py", "effective_count(state.log_weights) < threshold * count,",
     "state.log_weights < threshold * count,", f"{INVALID} @ return jax.lax.cond("),
    ("models.py", "return self.matrix @ x + self.process_noise",
     "return x @ self.observed + self.process_noise", INVALID),
    ("models.py", "jax.random.normal(key, (2,))", "jax.random.normal(key, (3,))",
     f"{INVALID} @ return self.observed @ x + self.observation_noise"),
    ("models.py", "jnp.block([[jnp.eye(2), move], [jnp.zeros((2, 2)), jnp.eye(2)]])",
     "jnp.block([[jnp.eye(2), move], [jnp.zeros((2, 3)), jnp.eye(2)]])", INVALID),
    ("models.py", "jax.random.normal(key, (len(self.stations),))", "jax.random.normal(key, (2,))",
     f"{INVALID} @ return self.angles(x) + self.angle_noise"),
    ("models.py", "return 4", "return 3", f"{INVALID} @ return self.matrix @ x"),
    ("kalman.py", "gain = jnp.linalg.solve(spread, c @ covariance).T",
     "gain = jnp.linalg.solve(spread, c @ covariance)",
     (f"{INVALID} @ mean = mean + gain @ innovation", f"{INVALID} @ covariance = (jnp.eye(model.dimension) - gain")),
    ("kalman.py", "spread = c @ covariance @ c.T + noise", "spread = c.T @ covariance @ c + noise", INVALID),
    ("kalman.py", "return (mean, covariance), (mean, log_density)", "return (mean, spread), (mean, log_density)",
     f"{INVALID} @ _, (means, log_densities) = jax.lax.scan"),
    ("track.py", "means[:, :2] - path[:, :2]", "means[:, :2] - path[:2]", INVALID),
)  # fmt: skip

FAULTS = [*TRANSFORMER, *DISTRIBUTED_FFT, *PARTICLE_FILTER]
