"""How arrays are spread: which of their positions is the axis 'block', on the way in and on the way out."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK = "block"
"""The axis over which everything is spread: one block of columns, or of rows, for each of its points."""

AXIS_RESOURCES = {BLOCK: "devices"}

COLUMNS_IN_BLOCKS = {1: BLOCK}
"""(rows, block, columns of a block): each point of the axis has all rows of some columns."""

ROWS_IN_BLOCKS = {0: BLOCK}
"""(block, rows of a block, columns): each point of the axis has all columns of some rows."""


@dataclass(frozen=True)
class Grid:
    """A matrix of ``rows`` by ``columns`` in ``blocks`` blocks of either."""

    rows: int
    columns: int
    blocks: int

    def __post_init__(self) -> None:
        if self.rows % self.blocks or self.columns % self.blocks:
            raise ValueError(f"{self.blocks} blocks do not divide {self.rows} rows and {self.columns} columns")

    @property
    def size(self) -> int:
        return self.rows * self.columns

    @property
    def by_columns(self) -> tuple[int, int, int]:
        """The positional shape of a matrix whose columns are in blocks."""
        return (self.rows, self.blocks, self.columns // self.blocks)

    @property
    def by_rows(self) -> tuple[int, int, int]:
        """The positional shape of a matrix whose rows are in blocks."""
        return (self.blocks, self.rows // self.blocks, self.columns)
