"""Genes ranked by their gradient around the focus, and groups of foci compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import streamlit as st

from isost_core.analysis.gene_ranking import FOUND
from isost_core.analysis.hot_spots import near_and_far
from isost_core.figures.profiles import group_lines
from isost_core.runs.run import Run
from ui.gradients import cached_profiles, focus_picker, profile_chart
from ui.gradients.focus_choice import FocusChoice
from ui.open_run import crosshair
from ui.open_run.shown import Shown
from ui.shell import state, widgets
from ui.shell.downloads import csv_button, file_name
from ui.shell.number_box import number_box

if TYPE_CHECKING:
    import pandas as pd

MOST_SPOTS = 24
MOST_GENES = 6
GROUPS = {"hot": "Hot spots, near and far", "clump": "Clumps, near and far", "two": "Two annotations"}
NEAR_AND_FAR = "Near and far are the halves of them that are nearer to, and farther from, the focus of the profile."


def ranked(shown: Shown, focus: FocusChoice) -> None:
    """All genes, those whose gradient is found first, strongest first; a click on a row draws the gene."""
    with widgets.waiting("Ranking all genes"):
        table = cached_profiles.ranked(shown, focus)
    found = int((table["q"] < FOUND).sum())
    st.markdown(f"**{found} of {widgets.count(len(table), 'gene')}** change with distance, at a false discovery "
                f"rate of {widgets.percent(FOUND)}.")
    number, noun = st.column_config.NumberColumn, shown.run.noun
    key, rounded = state.key_here("ranked"), widgets.rounded(table, {"correlation": 2, "slope_per_100um": 3})
    st.dataframe(
        widgets.with_q_words(rounded), hide_index=True, height=400, key=key, selection_mode="single-row",
        on_select=lambda: draw(table, state.get(key)["selection"]["rows"]),
        column_config={
            "correlation": number("correlation", format="%.2f", help="Correlation of log1p expression with distance."),
            "slope_per_100um": number("slope per 100 µm", format="%.3f", help="log1p."),
            "mean": number("mean (log1p)", format="%.2f"), "q": number("q"), "p": number("p"),
            "independent": number(f"independent {noun}s", format="%.0f",
                                  help=f"Neighbouring {noun}s are alike. The measured {noun}s tell as much about this "
                                       f"gene as this number of independent {noun}s.")})
    st.caption(f"From **measured** {noun}s. p and q take into account that neighbouring {noun}s are alike, so a smooth "
               "pattern alone is not called a gradient. They don't know how you chose the focus. A gene always falls "
               "away from its own hot spot, so don't count that as a discovery. Click a row to draw its gene.")
    csv_button("All genes", table, file_name(shown.run, "ranked_genes", ".csv"), key="csv_ranked")


def draw(table: pd.DataFrame, rows: Iterable[int]) -> None:
    """Put the gene of the clicked row first among those drawn."""
    for row in rows:
        gene = table.iloc[row]["gene"]
        others = [g for g in state.view_value("genes", []) if g != gene]
        state.set_view("genes", [gene, *others][:MOST_GENES])


def groups(run: Run, gene: str, focus: FocusChoice) -> None:
    """Mean profiles around the foci of two groups."""
    ways = [way for way in GROUPS if way == "hot" or cached_profiles.annotation_values(run)]
    way = st.pills("Compare", ways, format_func=GROUPS.__getitem__, required=True,
                   **state.control("groups", "hot", state.one_of(ways, "hot")), help=NEAR_AND_FAR)
    foci = _two_annotations(run) if way == "two" else _near_and_far(run, gene, way, focus)
    spacing = float(f"{run.cell_spacing_um:.3g}")
    left, right = st.columns(2, gap="small")
    with left:
        reach = number_box("Reach around each focus (µm)", "reach", 10 * spacing, spacing)
    with right:
        width = number_box("Bin of each profile (µm)", "group_bin", spacing, spacing / 4)
    if foci is None or min(len(places) for places in foci.values()) == 0:
        st.info("One of the two groups has no focus. Choose another gene or annotation.", icon=":material/search:")
        return
    with widgets.waiting("Comparing the foci"):
        profiles, slopes = cached_profiles.groups(run, gene, foci, cast(float, reach), cast(float, width))
    _compared(run, gene, foci, profiles, slopes)


def _compared(run: Run, gene: str, foci: dict[str, pd.DataFrame], profiles: pd.DataFrame, slopes: pd.DataFrame) -> None:
    name = file_name(run, f"{gene}_groups")
    st.plotly_chart(group_lines(profiles, height=400), key="groups_chart", config=profile_chart.picture(name))
    sizes = ", ".join(f"{len(part)} {widgets.plain(group)}" for group, part in foci.items())
    st.caption(f"**{widgets.plain(gene)}** around foci: {sizes}. Lines are **predicted**, points are **measured**. "
               "Bands and bars are 95 % intervals of the mean over foci. Slopes are log1p per 100 µm. p comes from "
               "Welch's test and assumes that foci are independent.")
    number = st.column_config.NumberColumn
    shown = widgets.rounded(slopes, dict.fromkeys(foci, 3))
    st.dataframe(widgets.with_q_words(shown), hide_index=True, column_config={"p": number("p")} | {
        group: number(f"slope, {group}", format="%.3f") for group in foci})
    csv_button("These profiles", profiles.assign(gene=gene), f"{name}.csv", key="csv_groups")


def _two_annotations(run: Run) -> dict[str, pd.DataFrame]:
    """{group: x, y, depth} of the clumps of two annotations."""
    annotations = cached_profiles.annotation_values(run)
    first, second = st.columns(2, gap="medium")
    with first:
        a = focus_picker.annotated_cells(annotations, "_a")
    with second:
        b = focus_picker.annotated_cells(annotations, "_b")
    names = ([a.value, b.value] if a.value != b.value else
             [f"{a.column} {a.value}", f"{b.column} {b.value}, second"])
    return {name: cached_profiles.clumps(run, cells).loc[:, list(crosshair.PLACE)]
            for name, cells in zip(names, (a, b), strict=True)}


def _near_and_far(run: Run, gene: str, way: str, focus: FocusChoice) -> dict[str, pd.DataFrame] | None:
    """{'near', 'far': x, y, depth} of hot spots or clumps, or None where there is nothing to part."""
    foci = (cached_profiles.hot_spots(run, gene, MOST_SPOTS) if way == "hot" else
            cached_profiles.clumps(run, focus_picker.annotated_cells(cached_profiles.annotation_values(run), "_a")))
    if len(foci) < 2:
        return None
    return near_and_far(foci.loc[:, list(crosshair.PLACE)], focus.place or crosshair.start(run))
