"""A region drawn on the slice as text, short enough for a link: the browser tells it (`regionText` in region.js)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_CORNERS, FARTHEST_UM = 64, 1e6


@dataclass(frozen=True)
class Drawn:
    """A polygon on a plane: corners (m, 3) in µm, unit vectors of the plane, and the number of the measured section
    beside it, or None."""

    points: np.ndarray
    u: np.ndarray
    v: np.ndarray
    section: int | None

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.u, self.v)


def read(text: str, sections: int) -> Drawn | None:
    """The region that a text means, in a stack of so many sections; None where it means none."""
    name, *rest = text.split("_")
    try:
        section = int(name) if name else None
        numbers = np.array([float(part) for part in rest])
    except ValueError:
        return None
    corners = (len(numbers) - 9) // 2 + 1
    if len(numbers) % 2 == 0 or not 3 <= corners <= MOST_CORNERS or not (np.abs(numbers) < FARTHEST_UM).all():
        return None
    u, v, first = numbers[:9].reshape(3, 3)
    across = np.array([u @ u, v @ v, u @ v])
    if np.abs(across - [1, 1, 0]).max() > 1e-3 or section is not None and not 0 <= section < sections:
        return None
    return Drawn(np.vstack([first, first + numbers[9:].reshape(-1, 2) @ np.stack([u, v])]), u, v, section)
