"""Charts of niches: a slice of their labels, what they hold, how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.figures.colours import CANVAS, CATEGORICAL, channels, niche_colour, plotly_scale
from isost_core.figures.style import dark_layout, flat_axis
from isost_core.words import shortened

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from isost_core.analysis.niches import Niches
    from isost_core.runs.run import Run

MOST_LETTERS = 20  # of a name beside a chart, which its hover text has in full
DIM = 0.35  # of the colour where places are marked as uncertain


def niche_slice(run: Run, niches: Niches, depth: float, shown: Iterable[int], height: int = 400,
                uncertainty: str = "off") -> go.Figure:
    """Niches (those in `shown`) on a flat slice at a depth (um), as an image with x and y in um.

    uncertainty : 'off', 'show' (darker) or 'hide' (left out) places where no niche holds half of the nearest virtual
        cells
    """
    import plotly.graph_objects as go

    lattice = run.lattice
    at = np.clip((depth - lattice.origin_um[2]) / lattice.layer_um, 0, lattice.inside.shape[2] - 1)
    low = min(int(at), lattice.inside.shape[2] - 2)
    share = at - low
    part = [(1 - share) * field[..., low] + share * field[..., low + 1]
            for field in (lattice.inside, niches.membership.astype(np.float32))]
    label = part[1].argmax(0)
    uncertain = part[1].max(0) < 0.5
    seen = (part[0] > 0) & np.isin(label, list(shown)) & ~(uncertain & (uncertainty == "hide"))
    number = len(niches.names)
    colours = np.array([channels(c) for c in (*map(niche_colour, range(number)), CANVAS)], np.uint8)
    pixels = colours[np.where(seen, label, number)]
    if uncertainty == "show":
        darker = DIM * pixels + (1 - DIM) * colours[-1]
        pixels = np.where((uncertain & seen)[..., None], darker, pixels).astype(np.uint8)
    pixels = pixels.transpose(1, 0, 2)
    x0, y0 = lattice.origin_um[:2]
    named = np.where(seen, np.array(niches.names, object)[label], "").T
    figure = go.Figure(go.Image(z=pixels, x0=x0, y0=y0, dx=lattice.spacing_um, dy=lattice.spacing_um,
                                customdata=named[..., None], hovertemplate="%{customdata[0]} · predicted<br>"
                                "x %{x:,.0f} · y %{y:,.0f} µm<extra></extra>"))
    figure.update_layout(**dark_layout(f"niches at {run.sections.axis.at(depth)} · predicted", height))
    figure.update_yaxes(**flat_axis("y (µm)"), autorange=True, scaleanchor="x")
    figure.update_xaxes(**flat_axis("x (µm)"))
    return figure


def composition_map(table: pd.DataFrame, column: str) -> go.Figure:
    """Heat map of a composition table (niches, labels), in percent of the measured cells of each niche."""
    import plotly.graph_objects as go

    shown = table.loc[:, table.max().sort_values(ascending=False).index]
    values = 100 * shown.to_numpy()
    names = np.stack(np.meshgrid(shown.index, shown.columns, indexing="ij"), axis=-1)
    figure = go.Figure(go.Heatmap(z=values, customdata=names, colorscale=plotly_scale(),
                                  colorbar={"title": {"text": "% of cells<br>measured"}}, xgap=1, ygap=1,
                                  hovertemplate="%{customdata[0]}<br>%{customdata[1]}: %{z:.1f} %<extra></extra>"))
    figure.update_layout(height=120 + 34 * len(shown), margin={"l": 0, "r": 0, "t": 10, "b": 0},
                         xaxis={"title": {"text": shortened(column, 30)}} | _named(shown.columns),
                         yaxis={"autorange": "reversed"} | _named(shown.index))
    return figure


def _named(names: Iterable[object]) -> dict[str, list[Any]]:
    """Ticks with these names, cut where they would take the room of the chart."""
    texts = [shortened(str(name), MOST_LETTERS) for name in names]
    return {"tickvals": list(range(len(texts))), "ticktext": texts}


def stability_line(stability: dict[int, float], chosen: int) -> go.Figure:
    """How well two halves of the cells agree, by the number of niches."""
    import plotly.graph_objects as go

    numbers = sorted(stability)
    figure = go.Figure(go.Scatter(x=numbers, y=[stability[n] for n in numbers], mode="lines+markers", name="",
                                  line={"color": CATEGORICAL[1]},
                                  hovertemplate="%{x} niches: %{y:.2f}<extra></extra>"))
    figure.add_vline(x=chosen, line={"dash": "dot", "width": 2, "color": CATEGORICAL[0]})
    figure.update_layout(height=280, margin={"l": 0, "r": 0, "t": 10, "b": 0}, xaxis_title="number of niches",
                         yaxis={"title": {"text": "agreement of halves"}, "range": [0, 1.02]})
    return figure
