"""Figures of the quality of a stack: plain functions, parts of a Quality in, a plotly Figure out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.axis import DEPTH, Axis
from isost_core.figures.colours import ACCENT, CATEGORICAL
from isost_core.figures.sections import SectionCells, sections_strip, short
from isost_core.figures.style import FONT, dark_layout, flat_axis
from isost_core.figures.validation import GREY, GRID
from isost_core.quality.findings import AGREES
from isost_core.words import number, um

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from isost_core.quality.findings import Finding
    from isost_core.quality.stack_quality import Quality

OWN = ("counts", "copy", "coverage", "tissue", "order", "units", "shift", "pose")  # kinds of findings with a picture of
# their own
STRIPED = 5  # sections in a picture of one of them and its neighbours


def finding_picture(quality: Quality, finding: Finding) -> go.Figure:
    """The picture that shows a finding."""
    if finding.kind in ("counts", "copy", "coverage", "tissue", "order", "units") or finding.kind == "genes" and (
            len(finding.names) == 1):
        return strip(quality, finding.names)
    if finding.kind == "shift":
        return overlay(quality, finding.names)
    if finding.kind == "pose" or finding.kind == "agreement" and len(finding.names) == 2:
        return strip(quality, finding.names, quality.about["clearest_gene"])
    shared = shared_picture(finding)
    if shared == "agreement":
        return agreement_figure(quality)
    if shared == "structure":
        return structure_figure(quality.structure)
    return depth_figure(quality.sections, noun=quality.about.get("noun", "cell"))


def shared_picture(finding: Finding) -> str:
    """Which chart of the whole stack shows a finding: 'agreement', 'structure' or 'depth'; '' where its picture is its
    own."""
    alone = {"genes": 1, "agreement": 2}
    if finding.kind in OWN or len(finding.names) == alone.get(finding.kind):
        return ""
    return {"agreement": "agreement", "gap": "structure"}.get(finding.kind, "depth")


def strip(quality: Quality, names: Sequence[str] = (), gene: str | None = None) -> go.Figure:
    """Sections side by side in their common frame, coloured by totals or by the gene of clearest pattern: all, or some
    and those beside."""
    order = [row["name"] for row in quality.sections]
    at = sorted({n for name in names for n in range(order.index(name) - 1, order.index(name) + 2)
                 if 0 <= n < len(order)}) or range(len(order))
    depth = {row["name"]: row["depth_um"] for row in quality.sections}
    shown = [order[n] for n in list(at)[:STRIPED]] if names else order
    which = "gene" if gene else "total"
    parts: list[SectionCells] = []
    for name in shown:
        cells = quality.cells[name]
        parts.append({"xy": np.column_stack([cells["x"], cells["y"]]), "values": np.asarray(cells[which]),
                      "name": name, "depth_um": depth[name]})
    figure = sections_strip(parts, gene or "total", columns=max(len(parts), 3) if len(parts) <= STRIPED else None)
    return _titles_in_two_lines(figure) if len(parts) > 3 or any(len(p["name"]) > 8 for p in parts) else figure


def _titles_in_two_lines(figure: go.Figure) -> go.Figure:
    """Name over depth: a picture beside its words is too narrow for both in one line."""
    layout: Any = figure.layout
    for title in layout.annotations:
        title.text = title.text.replace(" · ", "<br>")
    layout.margin.t = 56
    return figure


def overlay(quality: Quality, names: Sequence[str]) -> go.Figure:
    """Sections over each other in their common frame: one and its neighbours, or two."""
    import plotly.graph_objects as go

    order = [row["name"] for row in quality.sections]
    at = order.index(names[0])
    shown = list(names) if len(names) > 1 else [order[n] for n in (at - 1, at + 1, at) if 0 <= n < len(order)]
    colours = dict(zip(shown, [*CATEGORICAL[1:len(shown)], CATEGORICAL[0]], strict=True))
    figure = go.Figure()
    for name in shown:
        cells = quality.cells[name]
        size = float(np.clip(150 / np.sqrt(len(cells["x"])), 3, 9))
        figure.add_trace(go.Scattergl(x=cells["x"], y=cells["y"], mode="markers", name=name,
                                      marker={"color": colours[name], "opacity": 0.7, "size": size},
                                      hovertemplate=f"{name}: x %{{x:,.0f}} · y %{{y:,.0f}} µm"))
    layout: dict[str, Any] = dark_layout("", 380) | {"margin": {"l": 62, "r": 16, "t": 34, "b": 52}}
    figure.update_layout(**layout, showlegend=True)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemsizing": "constant"})
    figure.update_xaxes(**flat_axis("x (µm)"))
    figure.update_yaxes(**flat_axis("y (µm)", scaleanchor="x"))
    return figure


def agreement_figure(quality: Quality) -> go.Figure:
    """Agreement of each pair of neighbours beside chance, and beside what the halves of a section reach."""
    import plotly.graph_objects as go

    pairs = quality.pairs
    bad = [set(f.names) for f in quality.of("severe") if f.kind == "agreement"]
    labels = [f"{short(p['first'])}<br>{short(p['second'])}<br><b>{number(p['judged'])}</b>" for p in pairs]
    places = list(range(len(pairs)))  # short names can be the same
    figure = go.Figure()
    colours = [CATEGORICAL[5] if any({p["first"], p["second"]} <= names for names in bad) else ACCENT for p in pairs]
    figure.add_trace(go.Bar(x=places, y=[p["judged"] for p in pairs], name="agreement",
                            marker={"color": colours}, hovertemplate="r %{y:.2f}", showlegend=False))
    marks = [("chance (95 %)", "judged_null", "line-ew"), ("halves: best possible", "within", "diamond")]
    if quality.about["divided"]:
        marks.append(("with totals", "r", "circle-open"))
    for name, key, symbol in marks:
        figure.add_trace(go.Scatter(x=places, y=[p[key] for p in pairs], mode="markers", name=name,
                                    marker={"symbol": symbol, "color": GREY, "size": 26 if key == "judged_null" else 10,
                                            "line": {"color": GREY, "width": 2}}, hovertemplate=name + ": %{y:.2f}"))
    _chart(figure, "neighbouring sections", "agreement (r)", 320)
    lowest = min([0.0, *(p[key] for p in pairs for _, key, _ in [("", "judged", ""), *marks] if p[key] == p[key])])
    figure.update_xaxes(tickvals=places, ticktext=labels)
    figure.update_yaxes(range=[1.08 * lowest, 1.02])
    for low, high, colour, text in ((lowest, AGREES, CATEGORICAL[5], "too low"), (AGREES, 1.02, ACCENT, "usable")):
        figure.add_hrect(low, high, fillcolor=colour, opacity=0.08, line_width=0, layer="below")
        figure.add_annotation(text=text, x=1.01, xref="paper", xanchor="left", y=(low + high) / 2, showarrow=False,
                              font={"color": GREY})
    lines = 20 * len(marks)  # a legend of one column: in a narrow window the chart is scrolled, its beginning is seen
    figure.update_layout(height=320 + lines, margin={"r": 72, "t": 24 + lines}, legend={"orientation": "v"})
    return figure


def depth_figure(rows: Sequence[Mapping[str, Any]], axis: Axis = DEPTH, noun: str = "cell") -> go.Figure:
    """Median total and median number of genes of each section along depth, over their median over the sections."""
    import plotly.graph_objects as go

    depth, names = [row["depth_um"] for row in rows], [row["name"] for row in rows]
    figure = go.Figure()
    for key, name, colour in (("total", f"total of a {noun}", ACCENT),
                              ("genes", f"genes of a {noun}", CATEGORICAL[0])):
        values = np.array([row[key] for row in rows], float)
        figure.add_trace(go.Scatter(x=depth, y=values / max(np.median(values), 1e-9), mode="lines+markers", name=name,
                                    line={"color": colour, "width": 3}, marker={"size": 9}, text=names,
                                    customdata=values, hovertemplate="%{text}: %{customdata:,.0f}"))
    _chart(figure, axis.label, "relative to the median section", 320)
    figure.update_yaxes(rangemode="tozero")
    return figure


def structure_figure(structure: Mapping[str, Any]) -> go.Figure:
    """Share of the pattern that lasts over a distance, measured within sections, with the gaps marked."""
    import plotly.graph_objects as go

    figure = go.Figure()
    curve, share = (100 * np.asarray(structure[key], float) for key in ("curve", "share"))
    measured = "measured within sections" + (" (below 0 % shown as 0 %)" if (share < 0).any() else "")
    figure.add_trace(go.Scatter(x=structure["grid_um"], y=np.maximum(curve, 0), mode="lines",
                                name="pattern left", line={"color": ACCENT, "width": 3},
                                hovertemplate="%{x:.0f} µm: %{y:.0f} %"))
    figure.add_trace(go.Scatter(x=structure["distance_um"], y=np.maximum(share, 0), mode="markers",
                                name=measured, marker={"color": GREY, "size": 7},
                                hovertemplate="%{x:.0f} µm: %{y:.0f} %"))
    gaps = np.unique(np.round(structure["gaps_um"], 1))
    for place, gap in enumerate(gaps if len(gaps) <= 6 else [gaps[0], gaps[-1]]):
        figure.add_vline(float(gap), line={"color": CATEGORICAL[0], "dash": "dot"},
                         annotation_text=f"gap {um(float(gap))}", annotation_font_color=CATEGORICAL[0],
                         annotation_yshift=-16 * (place % 3))
    _chart(figure, "distance (µm)", "pattern left (%)", 320)
    figure.update_yaxes(rangemode="tozero")
    return figure


def _chart(figure: go.Figure, x: str, y: str, height: int) -> None:
    axis: dict[str, Any] = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID, "ticks": "outside",
                            "tickcolor": GRID}
    figure.update_layout(
        height=height, paper_bgcolor="rgba(0, 0, 0, 0)", plot_bgcolor="rgba(0, 0, 0, 0)", font={"family": FONT},
        margin={"l": 64, "r": 20, "t": 20, "b": 56}, hoverlabel={"namelength": 0}, bargap=0.55,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(title={"text": x, "standoff": 10}, **axis)
    figure.update_yaxes(title={"text": y, "standoff": 10}, **axis)
