"""Measured cells of a run's sections in the shape that the figures take."""

from typing import Any

import numpy as np

from isost_core import keys
from isost_core.figures.sections import SectionCells
from isost_core.figures.tissue import MeasuredCells
from isost_core.runs.run import Run
from isost_core.sections.stack import Sections

TOTAL = "all genes together"


def strip(sections: Sections, gene: str | None) -> tuple[list[SectionCells], str, str]:
    """Sections as the strip takes them, and its title words: coloured by a gene, or by all genes together."""
    rows = [(name, sections.rows(name), float(depth)) for name, depth in zip(sections.names, sections.depths,
                                                                            strict=True)]
    values = expression(sections, gene) if gene else total(sections)
    xy = np.asarray(sections.cells.obsm[keys.SPATIAL])
    parts: list[SectionCells] = [{"name": name, "depth_um": depth, "xy": xy[at], "values": values[at]}
                                 for name, at, depth in rows]
    return parts, gene or TOTAL, "log1p" if gene else "sum of log1p"


def section(sections: Sections, number: int, gene: str) -> tuple[str, float, np.ndarray, np.ndarray]:
    """(name, depth µm, xy, values) of one measured section."""
    name, at = sections.names[number], sections.rows(sections.names[number])
    return (name, float(sections.depths[number]), np.asarray(sections.cells.obsm[keys.SPATIAL])[at],
            expression(sections, gene)[at])


def cloud(run: Run, gene: str | None = None) -> MeasuredCells:
    """Measured cells in 3D, coloured by a gene or grey."""
    if gene is None:
        return {"xyz": run.measured_xyz}
    return {"xyz": run.measured_xyz, "values": expression(run.sections, gene), "name": gene}


def expression(sections: Sections, gene: str) -> np.ndarray:
    """log1p expression of a gene in every cell."""
    x: Any = sections.cells.X
    column = x[:, sections.cells.var_names.get_loc(gene)]
    return column.toarray().ravel() if hasattr(column, "toarray") else column


def total(sections: Sections) -> np.ndarray:
    """Sum over all genes in every cell."""
    x: Any = sections.cells.X
    return x.sum(axis=1).A1 if hasattr(x, "toarray") else x.sum(axis=1)
