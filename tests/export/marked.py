"""A volume with one bright voxel, `SPOT`, at `SPOT_UM`; its axes have three different lengths."""

from types import SimpleNamespace

import numpy as np

SHAPE = (70, 9, 5)
SPACING = 12.5
ORIGIN = np.array([-40.0, 15.0, 200.0])
SPOT = (66, 7, 1)
SPOT_UM = ORIGIN + SPACING * np.array(SPOT)  # 785, 102.5, 212.5


def marked_volume(genes=("Gad1",)):
    """The volume; each further gene is ten times as bright."""
    values = np.zeros((len(genes), *SHAPE), np.float32)
    values[(slice(None), *SPOT)] = 10.0 ** np.arange(len(genes))
    return SimpleNamespace(genes=genes, values=values, sd=values / 10, known=None, mask=np.ones(SHAPE, bool),
                           spacing_um=SPACING, origin_um=ORIGIN)


def brightest(values):
    """Index of the largest value."""
    return np.array(np.unravel_index(np.nanargmax(values), values.shape))
