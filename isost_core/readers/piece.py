"""One section of one file, as the plan of a stack has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isost_core.readers.header import Header
from isost_core.readers.left_out import LeftOut
from isost_core.readers.options import Source
from isost_core.sections.images import FoundImage


@dataclass(frozen=True, eq=False)
class Piece:
    """The rows of one section in one file.

    section_key : column that tells the sections of the file apart, None where the file is one section
    aliases : other names that the section goes by
    depth : (n,) µm of each cell, None where nobody said; depth_source : where it is from, in words
    depth_key : of the array whose third coordinate the depth is; depth_in_units : (n,) depth in the unit of x and y,
    where it lies in one array with them
    um_per_unit : of x and y, None where nobody said
    left_out : cells of the section that are not in `rows`, or are kept in spite of something
    by_depth : whether its depth alone tells it from the other sections of its file
    """

    name: str
    header: Header
    rows: np.ndarray
    section_key: str | None
    aliases: tuple[str, ...]
    depth: np.ndarray | None = None
    depth_source: str = "unknown"
    depth_from: Source = Source.ASKED
    um_per_unit: float | None = None
    unit_from: Source = Source.ASKED
    depth_key: str | None = None
    depth_in_units: np.ndarray | None = None
    left_out: tuple[LeftOut, ...] = ()
    by_depth: bool = False

    @property
    def where(self) -> str:
        return f"{self.header.file}, section '{self.name}'"

    @property
    def depth_um(self) -> float | None:
        """Mean depth, None where that of a cell is not known."""
        return None if self.depth is None or not np.isfinite(self.depth).all() else float(self.depth.mean())

    @property
    def image(self) -> FoundImage | None:
        """The histology image that came with it."""
        return self.header.images.get(self.name, self.header.images.get(None))
