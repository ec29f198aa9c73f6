"""How many times its true depth a stack is drawn in 3D unless the visitor says otherwise: a thin one is a sheet."""

import math

import numpy as np

from isost_core.runs.run import Run

THINNEST = 0.25  # of the width: a stack that is less deep is drawn stretched
STEP, MOST = 0.5, 10.0


def usual(run: Run) -> float:
    """1, or what makes a thin stack THINNEST of its width deep, in halves."""
    wide, high, deep = np.ptp(run.extent_um, axis=0)
    needed = THINNEST * max(wide, high) / max(deep, 1e-9)
    return min(max(1.0, float(STEP * math.ceil(needed / STEP - 1e-6))), MOST)
