"""What the explorer shows in its channels: genes, and niches where some were found."""

from isost_core.colours import channels as rgb
from isost_core.colours import gene_colours
from ui import cache, explorer_parts, niches_data, trust_badges
from ui.explorer.schema import LEVEL

NICHE_LEVEL = 0.5  # share of the nearest virtual cells at the surface of a niche


def channels(run, names):
    """Channel of each gene or niche as the viewer takes them."""
    colours, trust, made = gene_colours(names), trust_badges.of_run(run), []
    for name in names:
        niche = niches_data.number_of(run, name)
        about = {"name": name, "key": explorer_parts.pack_key(run, name), "level": opening_level(run, name),
                 "range": colour_limits(run, name)}
        if niche is None:
            about |= {"colour": rgb(colours[name]), "unit": "log1p", "note": f"trust {trust.of(name).grade}"}
        else:
            about |= {"colour": rgb(niches_data.chosen(run).colours[niche]), "unit": "share", "note": ""}
        made.append(about)
    return made


def colour_limits(run, name):
    """(low, high) that the colours span unless chosen otherwise."""
    return (0.0, 1.0) if niches_data.number_of(run, name) is not None else cache.colour_limits(run, name)


def opening_level(run, name):
    """Percentile at which the surface opens."""
    niche = niches_data.number_of(run, name)
    if niche is None:
        return LEVEL.opening
    share = niches_data.chosen(run).membership[niche][run.lattice.inside > 0]
    return LEVEL.fit(float(100 * (share < NICHE_LEVEL).mean()))
