"""What one measured place of a section is called: a cell, a spot, a bead or a bin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from isost_core import keys
from isost_core.sections.nearest import some_distances
from isost_core.sections.value_scale import single_value

CELL, SPOT, BEAD, BIN = NOUNS = ("cell", "spot", "bead", "bin")
LEAST_SPOT_UM = 50.0  # from one spot to the next; bins and cells lie closer
ON_LATTICE, SAME = 0.9, 0.01  # share of places whose nearest neighbour is equally far, relative
_CELL = re.compile(r"(?<![\w.'/-])([Cc])ell(s?)(?![\w'/-]|\.\w)")
EVEN = 0.25  # standard deviation of the distance to the nearest place over its mean; of cells at random it is 0.52


def said_noun(uns: Mapping[str, Any]) -> str:
    """What `uns` (plain, of a file or of a zarr store) says that the places are: as this program writes it, or by the
    scale factors of scanpy's uns['spatial']; '' where it says nothing."""
    said = single_value(uns.get(keys.NOUN))
    if said in NOUNS:
        return str(said)
    libraries: Any = uns.get(keys.SPATIAL)
    for library in libraries.values() if hasattr(libraries, "values") else ():
        factors: Any = library.get("scalefactors") if hasattr(library, "get") else None
        if hasattr(factors, "keys"):
            if "bin_size_um" in factors:
                return BIN
            across = single_value(factors.get("spot_diameter_fullres"))
            return SPOT if isinstance(across, int | float) and across > 1 else ""
    return ""


def told_by(xy: np.ndarray, um_per_unit: float | None = 1.0) -> str:
    """What places xy (n, 2) are by how they lie: on a lattice are bins or spots, far apart and evenly are spots, and
    all others are cells. um_per_unit : None where it is not known yet"""
    xy = xy[np.isfinite(xy).all(1)]
    if len(xy) < 3:
        return CELL
    near = some_distances(xy)
    apart = float(np.median(near))
    far = um_per_unit is None or apart * um_per_unit >= LEAST_SPOT_UM
    if apart <= 0:
        return CELL
    if (np.abs(near / apart - 1) <= SAME).mean() >= ON_LATTICE:
        return SPOT if far else BIN
    kept = near[near <= np.quantile(near, 0.95)]
    return SPOT if far and um_per_unit is not None and kept.std() <= EVEN * kept.mean() else CELL


def of_all(nouns: Iterable[str]) -> str:
    """The one noun for places of which each has its own: a cell where they differ."""
    found = set(nouns)
    return found.pop() if len(found) == 1 else CELL


def called(text: str, noun: str) -> str:
    """A text about cells, as one about what was measured: 'A spot far from all other spots'. Names of files, columns
    and sections in it stay."""

    def other(found: re.Match[str]) -> str:
        return (noun.capitalize() if found[1] == "C" else noun) + found[2]

    return text if noun == CELL else _CELL.sub(other, text)
