"""The numbers behind every picture, as tables: exactly what is drawn, with units in the column names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from isost_core.axis import DEPTH, Axis

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from isost_core.reconstruction.isosurfaces import Surface
    from isost_core.reconstruction.slices import Slice


def slice_table(slice_: Slice, axis: Axis = DEPTH) -> pd.DataFrame:
    """One row per pixel of a virtual slice that lies in the tissue: position (µm), predicted value, its sd, and the
    known share of the pattern."""
    import pandas as pd

    i, j = np.nonzero(slice_.mask)
    at = (np.asarray(slice_.origin, float)
          + slice_.spacing_um * (i[:, None] * np.asarray(slice_.v) + j[:, None] * np.asarray(slice_.u)))
    known = {} if slice_.known is None else {f"{slice_.gene}_known_share": slice_.known[i, j]}
    return pd.DataFrame({"row": i, "column": j, "x_um": at[:, 0], "y_um": at[:, 1], axis.column: at[:, 2],
                         f"{slice_.gene}_predicted_log1p": slice_.values[i, j],
                         f"{slice_.gene}_sd_log1p": slice_.sd[i, j], **known})


def mesh_table(surfaces: Sequence[Surface], axis: Axis = DEPTH) -> pd.DataFrame:
    """One row per triangle: the surface, its level, and the corners a, b, c in µm."""
    import pandas as pd

    along = axis.column.removeprefix(axis.name)  # '_um'
    names = [f"{name}_{corner}{unit}" for corner in "abc"
             for name, unit in (("x", "_um"), ("y", "_um"), (axis.name, along))]
    parts = [pd.DataFrame(np.asarray(s.vertices, float)[s.faces].reshape(-1, 9).round(2), columns=pd.Index(names))
             for s in surfaces]
    for part, surface in zip(parts, surfaces, strict=True):
        part.insert(0, "surface", surface.name)
        part.insert(1, "level_log1p", np.nan if surface.level is None else surface.level)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=pd.Index(["surface", "level_log1p"]))


def section_table(xy: ArrayLike, values: ArrayLike, gene: str, unit: str = "log1p") -> pd.DataFrame:
    """One row per cell of a measured section: position in µm and value."""
    import pandas as pd

    x, y = np.asarray(xy, float).T
    return pd.DataFrame({"x_um": x, "y_um": y, f"{gene}_measured_{unit}": values})
