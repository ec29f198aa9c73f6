"""What registration gives: where each section of a stack lies in the common frame, and how sure that is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isost_core.sections.stack import Sections


@dataclass(frozen=True)
class PairFit:
    """How two neighbouring sections fit.

    agreement, null : see isost_core.sections.agreement
    residual_um : distance by which the two, or their tiles (median), still fit better elsewhere
    mirrored : whether one lies mirrored to the other in the frames they came in
    confidence : 'high' or 'low'; why : the reason for a low one
    """

    first: str
    second: str
    agreement: float
    null: float
    residual_um: float
    mirrored: bool
    confidence: str
    why: str = ""


@dataclass(frozen=True)
class Warp:
    """A smooth displacement: the weighted mean of shifts (n, 2) um known at centres (n, 2) um, over `reach_um`."""

    centres: list[list[float]]
    shifts: list[list[float]]
    reach_um: float

    def at(self, xy: np.ndarray) -> np.ndarray:
        """Displacement (n, 2) um at points (n, 2) um."""
        centres, shifts = np.array(self.centres), np.array(self.shifts)
        to = np.linalg.norm(xy[:, None] - centres, axis=2) / self.reach_um
        weight = np.exp(-0.5 * (to**2 - (to**2).min(1, keepdims=True)))
        return weight @ shifts / weight.sum(1, keepdims=True)


@dataclass(frozen=True)
class Alignment:
    """Transformations of a stack, um -> um, from the frame each section came in to the common frame.

    matrices : (sections, 3, 3) homogeneous; warps : {name: Warp}, applied after the matrix
    pairs : PairFits in the order of depth; placed_last : held-out sections; by_hand : sections corrected by hand
    """

    names: tuple[str, ...]
    matrices: np.ndarray
    warps: dict[str, Warp] = dataclasses.field(default_factory=dict)
    pairs: tuple[PairFit, ...] = ()
    placed_last: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()

    @classmethod
    def identity(cls, sections: Sections) -> Alignment:
        """Every section where it is."""
        return cls(tuple(sections.names), np.tile(np.eye(3), (len(sections.names), 1, 1)))

    def points(self, name: str, xy: np.ndarray) -> np.ndarray:
        """Places (n, 2) um in the common frame of points (n, 2) um of a section."""
        matrix = self.matrices[self.names.index(name)]
        made = np.asarray(xy, dtype=np.float64) @ matrix[:2, :2].T + matrix[:2, 2]
        return made + self.warps[name].at(made) if name in self.warps else made

    def with_correction(self, name: str, centre: Sequence[float] | np.ndarray, shift_um: Sequence[float],
                        angle_deg: float, mirror: bool) -> Alignment:
        """This alignment with one section moved by hand: mirrored (x to the other side) and turned about a centre
        (x, y) um of the common frame, then shifted by (x, y) um. A smooth displacement of it is dropped."""
        angle, k = np.radians(angle_deg), self.names.index(name)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turn = turn @ np.diag([-1.0 if mirror else 1.0, 1.0])
        move = np.eye(3)
        move[:2, :2], move[:2, 2] = turn, np.asarray(centre) - turn @ np.asarray(centre) + np.asarray(shift_um)
        matrices = self.matrices.copy()
        matrices[k] = move @ matrices[k]
        pairs = tuple(p for p in self.pairs if name not in (p.first, p.second))
        return dataclasses.replace(self, matrices=matrices, pairs=pairs,
                                   warps={n: w for n, w in self.warps.items() if n != name},
                                   by_hand=tuple(dict.fromkeys([*self.by_hand, name])))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON keeps them."""
        return {"names": list(self.names), "matrices": self.matrices.tolist(),
                "warps": {name: dataclasses.asdict(warp) for name, warp in self.warps.items()},
                "pairs": [dataclasses.asdict(pair) for pair in self.pairs], "placed_last": list(self.placed_last),
                "by_hand": list(self.by_hand)}

    @classmethod
    def from_dict(cls, held: dict[str, Any]) -> Alignment:
        """The alignment that `to_dict` gave."""
        return cls(tuple(held["names"]), np.array(held["matrices"]),
                   {name: Warp(**warp) for name, warp in held["warps"].items()},
                   tuple(PairFit(**pair) for pair in held["pairs"]), tuple(held["placed_last"]),
                   tuple(held["by_hand"]))
