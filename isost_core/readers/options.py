"""What the user says about the files, and what was understood of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from isost_core.errors import InputError
from isost_core.sections.noun import of_all

NORMALIZE = ("auto", "log1p", "median_log1p", "none", "log2")


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about the input; None leaves it to the files.

    Attributes
    ----------
    section_key, depth_key : column that names the section, column with the depth in µm
    spatial_key : obsm key of the positions; by default `spatial_aligned` if present, else `spatial`
    um_per_unit : µm per unit of x and y, one number or one per section name; depth is always µm
    depths, gap : depth of each section in µm, in the order of `order` or by its name, or one gap between all
    order : names of all sections in stacking order; by default the numbers in their names (4 < 9 < 14, -0.2 < 0.1)
    hold_out : names of sections that are left out of everything
    normalize : 'auto' (log1p, unless the file or its values say it was done), 'log1p', 'median_log1p' (the counts of
        each cell are scaled to the median total of all cells, then log1p), 'none' (already log1p) or 'log2' (already
        log2 of 1 + value)
    layer : matrix of an AnnData file to read: 'X' (default), 'raw' or the name of a layer; or one for each file by name
    keep_all_cells : keep cells off the tissue, far from all others, or without any counts
    as_genes : names of columns of tables that are genes although they are called like annotation, such as 'area'
    """

    section_key: str | None = None
    depth_key: str | None = None
    spatial_key: str | None = None
    um_per_unit: float | dict[str, float] | None = None
    depths: tuple[float, ...] | dict[str, float] | None = None
    gap: float | None = None
    order: tuple[str, ...] | None = None
    hold_out: tuple[str, ...] = ()
    normalize: str = "auto"
    layer: str | dict[str, str] | None = None
    keep_all_cells: bool = False
    as_genes: tuple[str, ...] = ()

    def layer_of(self, file: str) -> str | None:
        """Matrix to read of a file; None where nobody said."""
        return self.layer.get(file) if isinstance(self.layer, dict) else self.layer

    def __post_init__(self) -> None:
        if self.normalize not in NORMALIZE:
            raise InputError(f"Normalisation '{self.normalize}' is not known. Choose one of "
                             f"{', '.join(NORMALIZE)}.")
        given = [name for name, value in (("depths", self.depths), ("a gap", self.gap),
                                          ("a depth column", self.depth_key)) if value is not None]
        if len(given) > 1:
            raise InputError(f"Both {given[0]} and {given[1]} are given. Give the depth in one way only.")
        if self.gap is not None and not 0 < self.gap < float("inf"):
            raise InputError(f"The gap between sections must be above 0 µm, found {self.gap:g}.")
        depths = self.depths or ()
        for depth in depths.values() if isinstance(depths, dict) else depths:
            if not abs(depth) < float("inf"):
                raise InputError(f"Depths must be finite numbers in µm, found {depth}.")
        scale = self.um_per_unit
        for value in scale.values() if isinstance(scale, dict) else [scale]:
            if value is not None and not 0 < value < float("inf"):
                raise InputError(f"The µm per unit must be above 0, found {value:g}.")


class Source(StrEnum):
    """Where something about a section comes from."""

    DECLARED = "declared"  # the file says it
    OPTION = "option"  # whoever gives the files says it
    NAMES = "names"  # taken from the names of files and sections
    ASKED = "asked"  # nobody said it: it has to be asked for


@dataclass(frozen=True)
class SectionInfo:
    """One row of the plan of a stack, as the app shows it: `um_per_unit` and `depth_um` are None where nobody said."""

    order: int  # place in the stack, from 1
    name: str
    file: str
    n_cells: int
    n_genes: int
    unit: str  # 'µm' or 'unknown'
    um_per_unit: float | None
    unit_from: Source
    depth_um: float | None
    depth_from: Source
    depth_source: str  # in words
    kind: str = ""  # what the file was recognised as
    noun: str = "cell"  # what one of its cells is: a cell, spot, bead or bin
    width: float = 0.0  # of the section, its wider side without the outermost cells, in units of x and y
    spacing: float = 0.0  # from one cell to the next, median, in units of x and y; 0 where cells share places
    has_image: bool = False  # whether a histology image came with it
    depth_in_units: float | None = None  # where the depth has the unit of x and y


@dataclass(frozen=True)
class Scan:
    """What was understood of the files, before their values are read; sections are in stacking order.

    order_from : the depths or an order that the files declare, the names, or the option `order`
    order_doubt : what has to be asked about the order, '' where nothing has
    matrices : of each AnnData file the names of the matrices that it has, of which `layer` names one
    not_genes : columns of numbers of tables that were taken as annotation
    positions : names of the sets of positions that all files have, of which `coordinates_key` is used
    """

    sections: tuple[SectionInfo, ...]
    n_shared_genes: int
    dropped_genes: tuple[str, ...]
    coordinates_key: str
    section_key: str | None
    notes: tuple[str, ...]
    order_from: Source = Source.NAMES
    order_doubt: str = ""
    matrices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_genes: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """What one cell of these sections is: a cell, spot, bead or bin; a cell where they differ."""
        return of_all(info.noun for info in self.sections)


@dataclass(frozen=True)
class FileScans:
    """Scans of several files, each of which was looked at once.

    alone : of each file that can be read, on its own; refused : why each of the others cannot
    together : of all that can be read; None where they don't go together, and `conflict` says why
    """

    alone: dict[Path, Scan]
    refused: dict[Path, str]
    together: Scan | None
    conflict: str = ""
