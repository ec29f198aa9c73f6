"""Cells of Visium HD (Space Ranger 4): a folder segmented_outputs with the matrix of cells and their outlines."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.readers import pairs, tenx_h5
from isost_core.readers.find_file import by_key
from isost_core.readers.header import Header, check_genes
from isost_core.readers.limits import check_size
from isost_core.readers.options import ReadOptions
from isost_core.readers.unpack import plain
from isost_core.sections import noun

FOLDER = "segmented_outputs"
OUTLINES = r"cell_segmentations\.geojson(\.gz)?$"
SCALES = r"scale_?factors(_json)?\.json(\.gz)?$"
UNPACKED = 10  # bytes of memory per byte of outlines


def is_one(path: Path) -> bool:
    """Whether a path is of this format."""
    return path.is_dir() and _base(path) is not None


def read_headers(path: Path, options: ReadOptions) -> list[Header]:
    """Header of the section in the folder: each cell lies in the middle of its outline."""
    import pandas as pd

    base = _base(path)
    if base is None:
        raise InputError(f"{path.name} has no matrix of cells or no outlines. Copy the whole folder again.")
    matrix, outlines, scales = base
    held = tenx_h5.describe(matrix)
    check_genes(held.genes, matrix.name)
    um = _um_per_pixel(scales) if scales else None
    middles = _middles(outlines)
    joined = pairs.join(pd.Index([_number(b, matrix.name) for b in held.barcodes]), pd.Index(list(middles)),
                        matrix.name, outlines.name)
    pixels = np.array(list(middles.values()))[joined.rows]
    obs = pd.DataFrame(index=pd.Index(held.barcodes[joined.kept]))
    notes = (f"{path.name}: cells were read, each in the middle of its outline.",
             *pairs.left_out(path.name, joined.n_left, "cells without an outline or counts were"),
             *pairs.left_out(path.name, int((~held.keep).sum()), "features that are not genes were"))
    return [Header(path=path, genes=held.genes, obs=obs, coordinates={keys.SPATIAL: pixels * (um or 1.0)},
                   is_log1p=False, is_table=False, notes=notes, um_per_unit=um and 1.0, other_names=held.other_names,
                   load=partial(tenx_h5.load, matrix, np.flatnonzero(joined.kept), held.keep),
                   kind="Visium HD cells", noun=noun.CELL, y_down=True,
                   sources=(*tenx_h5.files_of(matrix), outlines, *([scales] if scales else [])))]


def _base(path: Path) -> tuple[Path, Path, Path | None] | None:
    """Matrix, outlines, and scale factors where there are some."""
    for base in (path / "outs" / FOLDER, path / FOLDER, path):
        outlines = next(iter(by_key(base, OUTLINES).values()), None)
        matrix = next(iter(tenx_h5.matrices(base).values()), None) if outlines else None
        if outlines and matrix:
            scales = next((found[0] for place in (base / "spatial", base) for found in by_key(place, SCALES).values()),
                          None)
            return matrix, outlines[0], scales
    return None


def _number(barcode: str, file: str) -> int:
    """The number of a cell: 'cellid_000000012-1' -> 12."""
    match = re.search(r"(\d+)(-\d+)?$", barcode)
    if match is None:
        raise InputError(f"{file}: '{barcode}' is no name of a cell that Space Ranger gives. Copy the file again.")
    return int(match.group(1))


def _json(path: Path) -> dict[str, Any]:
    file = plain(path)
    check_size(file.stat().st_size, "the outlines of the cells", path.name, UNPACKED)
    try:
        held = json.loads(file.read_bytes())
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"{path.name} is not readable JSON. Copy it again from Space Ranger's output.") from error
    if not isinstance(held, dict):
        raise InputError(f"{path.name} is not built as Space Ranger does it. Copy it again.")
    return held


def _um_per_pixel(path: Path) -> float | None:
    value = _json(path).get("microns_per_pixel")
    return float(value) if isinstance(value, int | float) and 0 < value < 1e9 else None


def _middles(path: Path) -> dict[int, np.ndarray]:
    """{number of a cell: (2,) pixels, the centre of its outline}."""
    found = {}
    try:
        for feature in _json(path)["features"]:
            rings = feature["geometry"]["coordinates"]
            while np.ndim(rings[0][0]):  # the outer ring of a polygon, of the first polygon of several
                rings = rings[0]
            ring = np.asarray(rings, dtype=np.float64)
            if ring.ndim != 2 or ring.shape[1] < 2 or not np.isfinite(ring).all():
                raise ValueError
            found[int(feature["properties"]["cell_id"])] = _centre(ring[:, :2])
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise InputError(f"{path.name} has an outline that is not built as Space Ranger does it. Copy it again from "
                         "Space Ranger's output.") from error
    return found


def _centre(ring: np.ndarray) -> np.ndarray:
    """Centre (2,) of the area in a closed line (n, 2); the mean of its points where it has no area."""
    origin = ring[0]
    (x, y), (x2, y2) = (ring - origin).T, (np.roll(ring, -1, axis=0) - origin).T
    cross = x * y2 - x2 * y
    area = cross.sum()
    if abs(area) < 1e-9:
        return ring.mean(axis=0)
    return origin + np.array([((x + x2) * cross).sum(), ((y + y2) * cross).sum()]) / (3 * area)
