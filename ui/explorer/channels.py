"""What the explorer shows in its channels: genes, and niches where some were found."""

from typing import Any

from isost_core.figures.colours import channels as rgb
from isost_core.figures.colours import gene_colours, niche_colour
from ui.explorer import component
from ui.explorer.schema import LEVEL
from ui.open_run import cached_run, trust_badges
from ui.open_run.shown import Shown

NICHE_LEVEL = 0.5  # share of the nearest virtual cells at the surface of a niche


def channels(shown: Shown) -> list[dict[str, Any]]:
    """Channel of each gene or niche as the viewer takes them."""
    colours, trust, made = gene_colours(shown.chosen), trust_badges.of_run(shown.run), []
    for name in shown.chosen:
        niche = shown.niche_number(name)
        about = {"name": name, "key": component.pack_key(shown, name), "level": opening_level(shown, name),
                 "range": colour_limits(shown, name)}
        if shown.niches is None or niche is None:
            about |= {"colour": rgb(colours[name]), "unit": "log1p", "note": f"trust {trust.of(name).grade}"}
        else:
            about |= {"colour": rgb(niche_colour(niche)), "unit": "share", "note": ""}
        made.append(about)
    return made


def colour_limits(shown: Shown, name: str) -> tuple[float, float]:
    """(low, high) that the colours span unless chosen otherwise."""
    return (0.0, 1.0) if shown.niche_number(name) is not None else cached_run.colour_limits(shown.run, name)


def opening_level(shown: Shown, name: str) -> float:
    """Percentile at which the surface opens."""
    niche = shown.niche_number(name)
    if shown.niches is None or niche is None:
        return LEVEL.fit(float(cached_run.opening_percentile(shown.run, name)))
    share = shown.niches.niches.membership[niche][shown.run.lattice.inside > 0]
    return LEVEL.fit(float(100 * (share < NICHE_LEVEL).mean()))
