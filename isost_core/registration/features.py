"""What registration sees of a section: a sample of its cells, and leading components of smoothed expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isost_core import keys
from isost_core.registration.rasters import Cells, raster_of
from isost_core.sections.agreement import values_of
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import Sections

MOST_CELLS, MOST_GENES, CHANNELS, NEAREST = 4000, 1000, 12, 8


@dataclass(frozen=True, eq=False)
class OwnFrames:
    """Cells of each section about its own centre, along its own axes, and the (3, 3) matrices that lay them there."""

    cells: list[Cells]
    matrices: list[np.ndarray]


def section_cells(sections: Sections, fitted: Sequence[int], seed: int = 0) -> OwnFrames:
    """What registration sees of each section, in its own frame.

    fitted : numbers of the sections that genes are chosen and components made from

    Notes
    -----
    The frame a section came in does not matter: it is turned to its principal axes first.
    """
    genes, parts, frames = _variable_genes(sections, fitted), [], []
    for rows in sampled_rows(sections, seed):
        xy = np.asarray(sections.cells.obsm[keys.SPATIAL][rows], dtype=np.float64)
        frame = _own_frame(xy)
        frames.append(frame)
        parts.append((xy @ frame[:2, :2].T + frame[:2, 2], _smoothed(sections, rows, genes, xy)))
    gram = sum(parts[k][1].T @ parts[k][1] / len(parts[k][1]) for k in fitted)
    axes = np.linalg.eigh(gram)[1][:, ::-1][:, :CHANNELS]
    return OwnFrames([_cells(xy, values @ axes) for xy, values in parts], frames)


def sampled_rows(sections: Sections, seed: int = 0) -> list[np.ndarray]:
    """Rows of the cells that registration looks at, per section."""
    return [rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:MOST_CELLS])]
            for rows in map(sections.rows, sections.names)]


def _cells(xy: np.ndarray, values: np.ndarray) -> Cells:
    spacing = max(float(np.median(neighbour_distances(xy))), 1e-6)
    made = Cells(xy, values, spacing)
    pitch = 1.2 * spacing
    return Cells(xy, values, spacing, float(raster_of(xy, made, pitch).tissue.sum() * pitch**2))


def _variable_genes(sections: Sections, fitted: Sequence[int]) -> np.ndarray:
    X = sections.cells.X
    if len(fitted) < len(sections.names):
        X = X[np.concatenate([sections.rows(sections.names[k]) for k in fitted])]
    mean = np.asarray(X.mean(0), np.float64).ravel()
    square = np.asarray((X.multiply(X) if hasattr(X, "multiply") else X * X).mean(0), np.float64).ravel()
    return np.sort(np.argsort(mean**2 - square, kind="stable")[:MOST_GENES])


def _smoothed(sections: Sections, rows: np.ndarray, genes: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Values (n, genes) smoothed over the nearest cells, centred, over their standard deviation before: what is noise
    from cell to cell comes out small."""
    from scipy.spatial import cKDTree

    values = values_of(sections, rows, genes)
    index = cKDTree(xy).query(xy, k=min(NEAREST, len(xy)))[1].reshape(len(xy), -1)
    smooth = sum(values[column] for column in index.T) / index.shape[1]
    sd = values.std(0)
    return np.where(sd > 1e-6, (smooth - smooth.mean(0)) / np.maximum(sd, 1e-6), 0).astype(np.float64)


def _own_frame(xy: np.ndarray) -> np.ndarray:
    """(3, 3) matrix to the centre and the principal axes; the first axis points where the section is longer."""
    centre = xy.mean(0)
    vectors = np.linalg.eigh(np.cov((xy - centre).T))[1][:, ::-1]
    first = vectors[:, 0]
    along = (xy - centre) @ first
    first = -first if (along**3).sum() < 0 else first
    frame = np.eye(3)
    frame[:2, :2] = np.array([first, [-first[1], first[0]]])
    frame[:2, 2] = -frame[:2, :2] @ centre
    return frame
