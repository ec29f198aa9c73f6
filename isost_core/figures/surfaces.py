"""A surface in the tissue as it is drawn."""

from dataclasses import dataclass, field

from isost_core.figures.colours import TISSUE
from isost_core.reconstruction.isosurfaces import Surface


@dataclass(frozen=True, eq=False)
class ColouredSurface(Surface):
    """A surface with its colour (CSS) and opacity (0 to 1); with a known share it is coloured by that, from grey to its
    colour."""

    colour: str = field(default=TISSUE, kw_only=True)
    opacity: float = field(default=0.85, kw_only=True)
