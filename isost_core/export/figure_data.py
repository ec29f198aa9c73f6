"""The numbers behind every picture, as tables: exactly what is drawn, with units in the column names."""

import numpy as np
import pandas as pd

from isost_core.figures.tissue import drawn_points


def slice_table(slice_):
    """One row per pixel of a virtual slice that lies in the tissue: position (µm), predicted value, its sd, and the
    known share of the pattern."""
    i, j = np.nonzero(slice_.mask)
    at = (np.asarray(slice_.origin, float)
          + slice_.spacing_um * (i[:, None] * np.asarray(slice_.v) + j[:, None] * np.asarray(slice_.u)))
    known = {} if slice_.known is None else {f"{slice_.gene}_known_share": slice_.known[i, j]}
    return pd.DataFrame({"row": i, "column": j, "x_um": at[:, 0], "y_um": at[:, 1], "depth_um": at[:, 2],
                         f"{slice_.gene}_predicted_log1p": slice_.values[i, j],
                         f"{slice_.gene}_sd_log1p": slice_.sd[i, j], **known})


def mesh_table(surfaces) -> pd.DataFrame:
    """One row per triangle: the surface, its level, and the corners a, b, c in µm."""
    parts = [pd.DataFrame(np.asarray(s.vertices, float)[s.faces].reshape(-1, 9).round(2),
                          columns=[f"{axis}_{corner}_um" for corner in "abc" for axis in ("x", "y", "depth")])
             .assign(surface=s.name, level_log1p=s.level) for s in surfaces]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["surface", "level_log1p"])
    return table.loc[:, ["surface", "level_log1p", *[c for c in table if c not in ("surface", "level_log1p")]]]


def points_table(points):
    """One row per measured cell drawn in 3D: position in µm and, where coloured by a gene, its value."""
    xyz, values = drawn_points(points)
    table = pd.DataFrame(np.asarray(xyz, float), columns=["x_um", "y_um", "depth_um"])
    return table if values is None else table.assign(**{f"{points['name']}_measured_log1p": values})


def section_table(xy, values, gene, unit="log1p"):
    """One row per cell of a measured section: position in µm and value."""
    x, y = np.asarray(xy, float).T
    return pd.DataFrame({"x_um": x, "y_um": y, f"{gene}_measured_{unit}": values})
