"""Sections that lie beside each other in one frame, as on one slide, and not over each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

OUTERMOST = 0.02  # of a section's cells at either end of an axis don't count
MOST_OVERLAP = 0.1  # of the narrower section, along an axis on which two lie side by side


def note(names: Sequence[str], positions: Sequence[np.ndarray]) -> str:
    """That neighbouring sections don't lie over each other, in words; '' where they do. positions : (n, 2) µm each"""
    boxes = [np.quantile(xy, (OUTERMOST, 1 - OUTERMOST), axis=0) for xy in positions]
    apart = [k for k in range(len(boxes) - 1) if _are_apart(boxes[k], boxes[k + 1])]
    if not apart:
        return ""
    pairs = ", ".join(f"{names[k]} and {names[k + 1]}" for k in apart[:4]) + (", ..." if len(apart) > 4 else "")
    return (f"Neighbouring sections lie side by side, not over each other: {pairs}. Line the sections up before you "
            "reconstruct, on the page Registration or with the command align.")


def _are_apart(one: np.ndarray, other: np.ndarray) -> bool:
    overlap = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    width = np.minimum(np.ptp(one, axis=0), np.ptp(other, axis=0))
    return bool((overlap < MOST_OVERLAP * width).any())
