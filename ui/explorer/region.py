"""The region drawn on the slice of the viewer: its statistics for the viewer, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from isost_core.analysis.regions import Region
from isost_core.errors import InputError
from isost_core.reconstruction.slices import plane_axes
from isost_core.runs.run import Run
from isost_core.words import mm2, number, um
from ui.explorer import region_text, view
from ui.open_run import cached_run
from ui.open_run.shown import Shown
from ui.shell import state
from ui.shell.downloads import file_name

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("gene", "source", "area", "{noun}s", "mean", "sd", "median", "5 to 95 %")
WHAT = ("Predicted values cover the area of the region. Measured values are those of {noun}s near the plane: of the "
        "nearest section if the plane lies flat, otherwise within half a gap. All values are log1p.")


def for_browser(shown: Shown) -> dict[str, Any] | None:
    """What the viewer says of the region; None where none is drawn."""
    text, noun = _text(shown.run), shown.run.noun
    drawn = region_text.read(text, len(shown.run.sections.names))
    if drawn is None:
        return None
    told = {"columns": [column.format(noun=noun) for column in COLUMNS], "text": text,
            "ring": {"points": drawn.points.tolist(), "normal": drawn.normal.tolist()}}
    try:
        region, table = _read(shown, text)
    except InputError as error:
        return {**told, "title": "No region", "moved": False, "rows": [], "what": str(error)}
    where, moved = _where(shown.run, region)
    return {**told, "title": f"{mm2(region.area_um2 / 1e6)} of tissue, {where}", "moved": moved,
            "rows": [_row(row, region, noun) for row in table.to_dict("records")], "what": WHAT.format(noun=noun)}


def _text(run: Run) -> str:
    """The region of the view, as session and link have it; "" where there is none."""
    sections = len(run.sections.names)
    return state.view_value(state.REGION, "", lambda text: text if region_text.read(text, sections) else "")


def _read(shown: Shown, text: str) -> tuple[Region, pd.DataFrame]:
    return _region(cached_run.run_key(shown.run), text, tuple(shown.genes), shown.run)


@st.cache_resource(max_entries=8, show_spinner=False)
def _region(run_key: cached_run.RunKey, text: str, genes: tuple[str, ...], _run: Run) -> tuple[Region, pd.DataFrame]:
    drawn = region_text.read(text, len(_run.sections.names))
    if drawn is None:
        raise InputError("The region can't be read. Draw it again.")
    region = Region(_run, drawn.points, drawn.u, drawn.v, drawn.section)
    return region, region.statistics(genes)


def _row(row: dict[str, Any], region: Region, noun: str) -> dict[str, str]:
    predicted = row["source"] == "predicted"
    return {"gene": row["gene"], "source": f"{row['source']}, log1p",
            "area": mm2(region.area_um2 / 1e6) if predicted else "",
            f"{noun}s": "" if predicted else f"{row['n']:,.0f}",
            **{name: number(row[name]) for name in ("mean", "sd", "median")},
            "5 to 95 %": f"{number(row['low'])} to {number(row['high'])}"}


def _where(run: Run, region: Region) -> tuple[str, bool]:
    """Where a region was drawn, and whether the view has moved from there."""
    plane = view.plane(run)
    normal = np.cross(region.u, region.v)
    drawn = np.degrees(np.arccos(min(abs(normal[2]), 1.0)))
    now = np.cross(*plane_axes(plane.azimuth, plane.tilt)[:2])
    away = abs((np.asarray(plane.centre) - region.points[0]) @ normal)
    moved = away > run.cell_spacing_um / 2 or abs(now @ normal) < 0.9999
    first, last = (um(round(depth)) for depth in region.depths_um)
    across = f"{first} to {last}, tilt {drawn:.0f}°" if drawn >= 0.5 else first
    return f"at {run.sections.axis.name} {across}", bool(moved)


def downloads(shown: Shown) -> None:
    """The files of the region, where one was drawn."""
    text = _text(shown.run)
    if not text or not shown.genes:
        return
    genes = shown.genes
    for label, make, name, kind in (
            ("Region: statistics (.csv)", lambda: _read(shown, text)[1].to_csv(index=False), "region_statistics.csv",
             "text/csv"),
            (f"Region: measured {shown.run.noun}s (.csv)",
             lambda: _read(shown, text)[0].cell_table(genes).to_csv(index=False), f"region_{shown.run.noun}s.csv",
             "text/csv"),
            ("Region (.geojson)", lambda: _read(shown, text)[0].geojson(genes), "region.geojson",
             "application/geo+json")):
        st.download_button(label, make, file_name(shown.run, name), kind, icon=":material/download:",
                           on_click="ignore", key=f"get_{name}")
