"""Geometry of the phantoms: where their tissue is, and the coordinates that their genes follow."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from isost_core.datasets import phantom_brain

KINDS = ("ball", "layers", "tube", "embryo", "brain", "branch", "lobe", "horn")
SPACING_UM = 15.0  # between neighbouring cells, except in the ball, whose size follows from the gap
BALL_CUT = 1.5  # radius of the ball (half length of the embryo) in half stacks: sections cover its middle 2/3
EMBRYO_HOLLOW = 0.7  # the yolk: where the ellipsoidal distance from the centre is below this there are no cells
BRANCH_HOLLOW = 0.65  # inner over outer radius of the branching tube
BRANCHING = 0.3  # of the stack: where the tube begins to part
PARTING = 9.0  # cell spacings a gap by which the branches part
LOBE_LONG, LOBE_TURN = 4.0, 22.0  # length of the lobe over its width; degrees a gap by which it turns
BRAIN_WIDE = 1.12  # square root of the brain's width over its height
HORN_LONG, HORN_WIDE = 3.0, 0.3  # length of the horn beyond the body and half its width, in radii of the body


@dataclass(frozen=True)
class Shape:
    """Geometry of a phantom, µm; the same for every cell count per section asked for.

    motion : of the kinds that change along depth: 'part' (depth where the branches part, µm of parting per µm),
        'turn' (degrees per µm about the middle depth), 'ends' (depths where the horn begins to shrink and ends)
    """

    kind: str
    depths: tuple[float, ...]
    spacing: float  # of cells in a section
    half: tuple[float, ...]  # half extents (x, y, z) of the tissue about `centre`; of one branch, of the horn's body
    centre_line: tuple[tuple[float, ...], ...]  # [z, x, y] densely along depth
    z_range: tuple[float, ...]  # first and last depth that has tissue
    motion: dict[str, Any] = field(default_factory=dict)

    def centre(self, z: np.ndarray) -> np.ndarray:
        """(n, 2) centre of the tissue at each depth."""
        line = np.asarray(self.centre_line)
        return np.column_stack([np.interp(z, line[:, 0], line[:, i]) for i in (1, 2)])

    @property
    def reach(self) -> np.ndarray:
        """(2,) half extents about the centre line that hold all of the tissue at any depth, µm."""
        x, y = self.half[:2]
        if self.kind == "branch":
            y += self.parting(np.array(self.z_range)).max() / 2
        if self.kind == "lobe":
            y = x
        return np.array([x * (1 + HORN_LONG) if self.kind == "horn" else x, y])

    def parting(self, z: np.ndarray) -> np.ndarray:
        """Distance (n,) between the two branches' centres, µm."""
        start, rate = self.motion["part"]
        return np.maximum(z - start, 0) * rate

    def local(self, xyz: np.ndarray) -> np.ndarray:
        """(n, 3) position about the centre line and the middle depth, in units of the half extents.

        In the branching tube about the nearer branch, in the turning lobe along its axes.
        """
        z, middle = xyz[:, 2], sum(self.z_range) / 2
        flat = xyz[:, :2] - self.centre(z)
        if self.kind == "branch":
            flat[:, 1] = np.abs(flat[:, 1]) - self.parting(z) / 2
        if self.kind == "lobe":
            angle = np.radians(self.motion["turn"] * (z - middle))
            flat = np.column_stack([flat[:, 0] * np.cos(angle) + flat[:, 1] * np.sin(angle),
                                    flat[:, 1] * np.cos(angle) - flat[:, 0] * np.sin(angle)])
        return np.column_stack([flat / self.half[:2], (z - middle) / self.half[2]])

    def inside(self, xyz: np.ndarray) -> np.ndarray:
        """(n,) whether each place is tissue."""
        u = self.local(xyz)
        if self.kind == "brain":
            return phantom_brain.inside(u)
        if self.kind == "layers":
            return np.all(np.abs(u) <= 1, axis=1)
        if self.kind in ("ball", "embryo"):
            q = np.sqrt((u ** 2).sum(axis=1))
            return (q <= 1) & (q >= (EMBRYO_HOLLOW if self.kind == "embryo" else 0.0))
        r = np.sqrt((u[:, :2] ** 2).sum(axis=1))
        there = (r <= 1) & (r >= (BRANCH_HOLLOW if self.kind == "branch" else 0.0))
        if self.kind == "horn":
            start, end = self.motion["ends"]
            length = HORN_LONG * np.sqrt(np.clip(1 - (np.maximum(xyz[:, 2] - start, 0) / (end - start)) ** 2, 0, 1))
            there |= (np.abs(u[:, 1]) <= HORN_WIDE) & (u[:, 0] >= 0) & (u[:, 0] <= 1 + length) & (length > 0)
        return there & (np.abs(u[:, 2]) <= 1)

    def coordinates(self, xyz: np.ndarray) -> dict[str, np.ndarray]:
        """The scalars that genes depend on, each (n,) from 0 to 1; of the brain also those of `phantom_brain`."""
        u = self.local(xyz)
        return (phantom_brain.coordinates(u) if self.kind == "brain" else {}) | {
            "spherical": np.sqrt((u ** 2).sum(axis=1)),
            "radial": np.sqrt((u[:, :2] ** 2).sum(axis=1)),
            "depth": (u[:, 2] + 1) / 2,
            "layer": (u[:, 1] + 1) / 2,
        }

    def areas(self, depths: np.ndarray) -> np.ndarray:
        """Area of the tissue at each depth, µm²; on a fine grid."""
        low, high = self.box
        axes = [lo + (np.arange(200) + 0.5) / 200 * (hi - lo) for lo, hi in zip(low[:2], high[:2], strict=True)]
        grid = np.stack([*np.meshgrid(*axes, indexing="ij"), np.zeros((200, 200))], axis=-1).reshape(-1, 3)
        return np.array([self.inside(grid + [0, 0, z]).mean() for z in depths]) * np.prod(high[:2] - low[:2])

    @property
    def volume(self) -> float:
        """Volume of the tissue, µm³; of the kinds that change along depth from the areas of 60 layers."""
        of_box = {"ball": 4 / 3 * np.pi, "embryo": 4 / 3 * np.pi * (1 - EMBRYO_HOLLOW ** 3), "tube": 2 * np.pi,
                  "lobe": 2 * np.pi, "layers": 8}
        if self.kind in of_box:
            return of_box[self.kind] * np.prod(self.half)
        low, high = self.z_range
        return float(self.areas(low + (np.arange(60) + 0.5) / 60 * (high - low)).mean() * (high - low))

    @property
    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner of a box that holds the tissue, µm."""
        line = np.asarray(self.centre_line)[:, 1:]
        return (np.append(line.min(axis=0) - self.reach, self.z_range[0]),
                np.append(line.max(axis=0) + self.reach, self.z_range[1]))


def make_shape(kind: str, n_sections: int, gap: float, n_cells: int) -> Shape:
    """Shape of a kind of phantom whose sections have about `n_cells` cells each and lie `gap` µm apart."""
    depths = np.arange(n_sections) * gap
    middle, half_stack, s = depths[-1] / 2, depths[-1] / 2, SPACING_UM
    if kind == "ball":
        radius = BALL_CUT * half_stack
        s = float(np.sqrt(np.pi * (radius ** 2 - (depths - middle) ** 2).mean() / n_cells))
        half = (radius, radius, radius)
    elif kind == "embryo":
        half_z = BALL_CUT * half_stack
        u2 = ((depths - middle) / half_z) ** 2
        area = np.pi * ((1 - u2) - np.maximum(EMBRYO_HOLLOW ** 2 - u2, 0)).mean() * 0.8
        half_x = s * np.sqrt(n_cells / area)
        half = (half_x, 0.8 * half_x, half_z)
    elif kind == "layers":
        height = s * np.sqrt(n_cells / 1.6)
        half = (0.8 * height, 0.5 * height, half_stack + gap / 2)
    else:
        x, y = (side * s * np.sqrt(n_cells) for side in _sides(kind))
        half = (x, y, half_stack + gap / 2)
    z_range = (float(middle - half[2]), float(middle + half[2]))
    line = _centre_line(kind, depths, gap, s, z_range)
    shape = Shape(kind, tuple(depths.tolist()), s, tuple(float(h) for h in half), line, z_range,
                  _motion(kind, depths, gap, s))
    for _ in range(3 if kind in ("branch", "horn", "brain") else 0):
        scale = np.sqrt(n_cells * s**2 / shape.areas(depths).mean())
        shape = replace(shape, half=(shape.half[0] * scale, shape.half[1] * scale, shape.half[2]))
    return shape


def _sides(kind):
    """Half extents along x and y of a section of one cell, before they are fitted to its area."""
    if kind == "lobe":
        return np.sqrt(LOBE_LONG / np.pi), np.sqrt(1 / (LOBE_LONG * np.pi))
    if kind == "brain":
        return BRAIN_WIDE / 2, 1 / (2 * BRAIN_WIDE)
    return 1 / np.sqrt(np.pi), 1 / np.sqrt(np.pi)


def _motion(kind, depths, gap, s):
    if kind == "branch":
        return {"part": [float(BRANCHING * depths[-1]), PARTING * s / gap]}
    if kind == "lobe":
        return {"turn": LOBE_TURN / gap}
    if kind == "horn":
        before = (len(depths) - 1) // 2
        return {"ends": [float(depths[max(before - 1, 0)]), float(depths[before] + gap / 2)]}
    return {}


def _centre_line(kind: str, depths: np.ndarray, gap: float, s: float,
                 z_range: tuple[float, float]) -> tuple[tuple[float, float, float], ...]:
    """[z, x, y] along depth: straight, but for the tubes, which drift 3 spacings a gap and bend gently.

    The bend departs from the chord over one gap by 0.15 spacings at most, so that a reconstruction between
    sections can be expected to follow it.
    """
    z = np.linspace(z_range[0], z_range[1], 401)
    x, y = np.zeros_like(z), np.zeros_like(z)
    if kind in ("tube", "branch"):
        gaps = len(depths) - 1
        height = min(1.2 * (gaps / np.pi) ** 2, 6.0) * s
        x, y = 3.0 * s * (z / gap - gaps / 2), height * np.sin(np.pi * z / depths[-1])
    return tuple(zip(z.tolist(), x.tolist(), y.tolist(), strict=True))
