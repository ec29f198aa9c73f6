"""One place for every colour: the accent, genes, colour maps, colour ranges.

Colour maps are lists of ``rgb()`` strings. Hexadecimal near-blacks such as #000004, where Magma and Inferno
start, collide with placeholders of the Streamlit theme and would come out pink.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from isost_core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ACCENT = "rgb(20, 148, 140)"
CANVAS = "rgb(14, 17, 23)"
INK_ON_CANVAS = "rgb(226, 232, 240)"
FAINT_ON_CANVAS = "rgb(128, 138, 152)"
MARK = "rgb(255, 214, 90)"  # of what was picked in the Explorer: the plane, the crosshair, a region
TISSUE = "rgb(186, 196, 210)"
UNKNOWN = "rgb(66, 72, 82)"  # of a prediction of which nothing is known; dull beside every gene's colour

# Hues after Okabe and Ito, moved so that any two are told apart in normal sight, protanopia and deuteranopia
# (tests/test_colours.py) and each reads on white and on the dark canvas.
CATEGORICAL = (
    "rgb(204, 137, 53)",
    "rgb(108, 178, 249)",
    "rgb(23, 178, 112)",
    "rgb(182, 125, 161)",
    "rgb(40, 110, 225)",
    "rgb(172, 75, 47)",
    "rgb(221, 179, 0)",
    "rgb(157, 77, 164)",
)

_SHADES = ((0, 0.0), (255, 0.5), (0, 0.4))  # of niches beyond the palette: towards which grey, and how far

COLOUR_MAPS = ("viridis", "magma", "inferno", "plasma", "cividis", "greys", "RdBu")
_STOPS = 33


@functools.cache
def colour_map(name: str = "viridis") -> list[str]:
    """The named map as a list of ``rgb()`` strings, low to high, evenly spaced.

    On the dark canvas 'greys' runs from dark to white; 'RdBu' from blue over white to red, for differences.
    """
    if name not in COLOUR_MAPS:
        raise InputError(f"Colour map '{name}' is not known. Choose one of {', '.join(COLOUR_MAPS)}.")
    from plotly.colors import diverging, sequential

    stops = diverging.RdBu if name == "RdBu" else getattr(sequential, name.capitalize())
    if name in ("greys", "RdBu"):
        stops = stops[::-1]
    known = np.array([channels(stop) for stop in stops], float)
    if name == "greys":  # the lowest grey stays apart from the canvas
        known = 38 + known * (255 - 38) / 255
    at = np.linspace(0, len(known) - 1, _STOPS)
    table = np.stack([np.interp(at, np.arange(len(known)), known[:, c]) for c in range(3)], axis=1)
    return [f"rgb({r}, {g}, {b})" for r, g, b in np.rint(table).astype(int).tolist()]


def plotly_scale(name: str = "viridis") -> list[list[float | str]]:
    """The named map as plotly wants a scale: pairs of position and ``rgb()`` string."""
    colours = colour_map(name)
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


def map_table(name: str = "viridis", steps: int = 256) -> np.ndarray:
    """(steps, 3) uint8 lookup table of the named map."""
    known = np.array([channels(c) for c in colour_map(name)], float)
    at = np.linspace(0, len(known) - 1, steps)
    return np.rint([np.interp(at, np.arange(len(known)), known[:, c]) for c in range(3)]).astype(np.uint8).T


def paint(values: ArrayLike, limits: Sequence[float], name: str = "viridis") -> np.ndarray:
    """(..., 3) uint8 colours of values over the limits (low, high); NaN is painted as the lowest."""
    share = (np.asarray(values, float) - limits[0]) / (limits[1] - limits[0])
    return map_table(name)[np.rint(np.clip(np.nan_to_num(share), 0, 1) * 255).astype(int)]


def channels(colour: str) -> tuple[int, int, int]:
    """(red, green, blue) of an ``rgb()`` or a hexadecimal string."""
    if colour.startswith("#"):
        r, g, b = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    else:
        r, g, b = (int(part) for part in colour[colour.index("(") + 1:-1].split(",")[:3])
    return r, g, b


def faded(colour: str, share: ArrayLike) -> np.ndarray:
    """(n, 3) uint8 colours from that of the unknown (share 0) to `colour` (share 1)."""
    low, high = (np.array(channels(c), float) for c in (UNKNOWN, colour))
    return np.rint(low + np.clip(np.asarray(share, float), 0, 1)[:, None] * (high - low)).astype(np.uint8)


def faded_scale(colour: str) -> list[list[float | str]]:
    """The same as a plotly colour scale."""
    return [[share, "rgb({}, {}, {})".format(*faded(colour, [share])[0])] for share in (0.0, 0.5, 1.0)]


def translucent(colour: str, alpha: float) -> str:
    """The colour as an ``rgba()`` string."""
    r, g, b = channels(colour)
    return f"rgba({r}, {g}, {b}, {alpha:g})"


def gene_colour(gene: Hashable) -> str:
    """The colour of a gene: the same for the same name in every picture, run and session."""
    return CATEGORICAL[_slot(gene)]


def gene_colours(genes: Iterable[str]) -> dict[str, str]:
    """Colours of genes shown together, as a dict; where two clash the later one takes the next free colour."""
    taken: set[int] = set()
    colours: dict[str, str] = {}
    for gene in genes:
        slot = _slot(gene)
        if len(taken) < len(CATEGORICAL):
            while slot in taken:
                slot = (slot + 1) % len(CATEGORICAL)
        taken.add(slot)
        colours[gene] = CATEGORICAL[slot]
    return colours


def _slot(gene: Hashable) -> int:
    return zlib.crc32(str(gene).upper().encode()) % len(CATEGORICAL)


def niche_colour(number: int) -> str:
    """The colour of a niche by its number from 0. Beyond the palette it comes again lighter, then darker."""
    again, slot = divmod(number, len(CATEGORICAL))
    grey, share = _SHADES[again % len(_SHADES)]
    r, g, b = (round(c + share * (grey - c)) for c in channels(CATEGORICAL[slot]))
    return f"rgb({r}, {g}, {b})"


def colour_range(values: ArrayLike) -> tuple[float, float]:
    """(low, high) that a gene is drawn over: the 1-99 % range of its non-zero finite values.

    Where that would draw expressing cells like the background (few of them, or most at one value just above
    zero) it is the smallest to the largest value instead. Always low < high.
    """
    finite = np.asarray(values, float).ravel()
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        return 0.0, 1.0
    shown = finite[finite != 0]
    low, high = np.percentile(shown, [1, 99]) if shown.size else (0.0, 0.0)
    has_background = shown.size < finite.size
    blanked = has_background and shown.size and np.mean(shown <= low) > 0.05
    if shown.size < 100 or blanked or not low < high:
        low, high = finite.min(), finite.max()
    if not low < high:
        low, high = (low, low + 1.0) if low == 0 else (min(0.0, low), max(0.0, low))
    return float(low), float(high)

