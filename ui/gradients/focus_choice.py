"""What a visitor chose to measure distances from; hashable, so that results can be kept by it."""

from dataclasses import dataclass
from typing import TypeAlias

Vector: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class GeneSurface:
    """The isosurface of a gene at a level (log1p)."""

    gene: str
    level: float


@dataclass(frozen=True)
class NicheBorder:
    """The border of a niche: its number among those kept in the folder of this name."""

    number: int
    kept_in: str


@dataclass(frozen=True)
class FocusChoice:
    """A kind of profile and its focus; see isost_core.analysis.focus.

    kind : 'depth', 'radial', 'spherical' or 'surface'
    centre : (x, y, depth) µm; of kind 'surface' the surface
    axis : (x, y, z) any direction, of kind 'radial'; radius_um : cells farther away are left out, None takes all
    """

    kind: str
    centre: Vector | GeneSurface | NicheBorder
    axis: Vector | None = None
    radius_um: float | None = None

    @property
    def place(self) -> Vector | None:
        """(x, y, depth) µm; None of a surface."""
        return self.centre if isinstance(self.centre, tuple) else None


@dataclass(frozen=True)
class AnnotatedCells:
    """The measured cells that have one value of an annotation."""

    column: str
    value: str
