"""What tells the sections of one file apart: a column that names them, or depths that all cells of a section share."""

from __future__ import annotations

import re

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers.header import Header, numbers
from isost_core.readers.options import ReadOptions
from isost_core.sections.spacing import neighbour_distances
from isost_core.sections.stack import MIN_CELLS

SECTION_KEYS = (keys.SECTION, "slice_id", "section_id", "brain_section_label", "library_id", "sample_id", "batch",
                "slice", "section_name", "slice_name", "orig.ident")
MOST = 2000  # sections in one file
MOST_NAMED = 5  # columns that a refusal names
SOME = 20_000  # cells that are looked at for pieces of tissue
REACH = 8.0  # cell spacings that bridge a gap inside a section
LEAST_PIECE = 0.05  # of the cells, for a piece of tissue to be a section


def section_column(header: Header, named: str | None) -> str | None:
    """The column that names the sections, or None where the file is one section or only depths tell them apart."""
    obs = header.obs
    if named is not None:
        if named not in obs:
            raise InputError(f"{header.file} has no column '{named}' that names the sections. Columns found: "
                             f"{', '.join(map(str, obs.columns)) or 'none'}.")
        return named
    if keys.SECTION in obs:
        return keys.SECTION
    several = [k for k in SECTION_KEYS if k in obs and obs[k].nunique() > 1]
    known = list(map(_folded, SECTION_KEYS))
    alike = sorted((c for c in obs.columns if _folded(c) in known and obs[c].nunique() > 1),
                   key=lambda c: known.index(_folded(c)))
    return next(iter([*several, *alike]), None)


def _folded(column: object) -> str:
    """'Slice_ID', 'sliceID' and 'slices' are one name."""
    return re.sub(r"[\W_]", "", str(column)).casefold().removesuffix("s")


def depth_labels(header: Header, options: ReadOptions) -> np.ndarray | None:
    """Name of each cell's section by its depth, where the depths that are named are those of several sections; else
    None."""
    column = options.depth_key or keys.Z_UM
    if column in header.obs:
        depth = numbers(header.obs[column], column, header.file)
    elif options.depth_key in header.coordinates and header.coordinates[column].shape[1] == 3:
        depth = header.coordinates[column][:, 2]
    else:
        return None
    return np.array([f"z {value:.10g}" for value in depth], dtype=object) if _is_stepped(depth) else None


def _is_stepped(depth: np.ndarray) -> bool:
    """Whether cells lie at a few depths only, many at each."""
    if not np.isfinite(depth).all():
        return False
    counts = np.unique(depth, return_counts=True)[1]
    return 2 <= len(counts) <= MOST and int(counts.min()) >= MIN_CELLS


def what_could(header: Header) -> str:
    """What in a file of one section could tell several apart, in words: '' where nothing could."""
    return "".join(f" {words}" for words in (_columns(header), _third(header), _pieces(header)) if words)


def _columns(header: Header) -> str:
    found = []
    for column, values in header.obs.items():
        if not 2 <= values.nunique() <= MOST:
            continue
        counts = values.value_counts().to_numpy()
        if counts[counts > 0].min() >= MIN_CELLS:
            found.append((str(column), int((counts > 0).sum())))
    if not found:
        return ""
    shown = ", ".join(f"'{name}' ({n} values)" for name, n in found[:MOST_NAMED])
    return f"Columns of {header.file} that could: {shown}{', ...' if len(found) > MOST_NAMED else ''}."


def _third(header: Header) -> str:
    key = next((k for k, xyz in header.coordinates.items() if xyz.shape[1] == 3 and _is_stepped(xyz[:, 2])), None)
    return (f"The third column of '{key}' has few values, each for many cells. If it is their depth, name '{key}' as "
            "the depth column.") if key else ""


def _pieces(header: Header) -> str:
    xy = next((xyz[:, :2] for xyz in header.coordinates.values() if np.isfinite(xyz).all()), np.empty((0, 2)))
    n = n_pieces(xy[::-(-len(xy) // SOME) or 1])
    return (f"The cells of {header.file} lie in {n} separate pieces. If each is a section, add a column that says "
            "which cell belongs to which.") if n > 1 else ""


def n_pieces(xy: np.ndarray) -> int:
    """How many pieces of tissue the cells (n, 2) lie in, with a wide gap between them; small ones don't count."""
    from scipy.ndimage import label

    places = np.unique(xy, axis=0)
    if len(places) < 2 * MIN_CELLS:
        return min(len(places), 1)
    side = max(REACH * float(np.median(neighbour_distances(places))), float(np.ptp(places, axis=0).max()) / 2000)
    index = np.floor((places - places.min(0)) / side).astype(int)
    filled = np.zeros(index.max(0) + 1, dtype=bool)
    filled[tuple(index.T)] = True
    labelled = np.asarray(label(filled, np.ones((3, 3)))[0])  # pyright: ignore[reportIndexIssue]
    cells = np.bincount(labelled[tuple(index.T)])
    return int((cells >= max(MIN_CELLS, LEAST_PIECE * len(places))).sum())
