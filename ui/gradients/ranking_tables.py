"""Genes ranked by their gradient around the focus, and groups of foci compared."""

import streamlit as st

from isost_core.analysis.gene_ranking import FOUND
from isost_core.analysis.hot_spots import near_and_far
from isost_core.figures.profiles import group_lines
from ui.gradients import cache, focus_picker, profile_chart
from ui.open_run import crosshair
from ui.shell import state, widgets

MOST_SPOTS = 24
MOST_GENES = 6
GROUPS = {"hot": "Hot spots, near and far", "clump": "Clumps, near and far", "two": "Two annotations"}


def ranked(run, focus):
    """All genes, those whose gradient is found first, strongest first; a click on a row draws the gene."""
    with widgets.waiting("Ranking all genes"):
        table = cache.ranked(run, focus)
    found = int((table["q"] < FOUND).sum())
    st.markdown(f"**{found} of {widgets.count(len(table), 'gene')}** rise or fall with the distance at a false "
                f"discovery rate of {widgets.percent(FOUND)}.")
    number = st.column_config.NumberColumn
    key = state.key_here("ranked")
    st.dataframe(
        table, hide_index=True, height=400, key=key, selection_mode="single-row",
        on_select=lambda: draw(table, state.get(key)["selection"]["rows"]),
        column_config={
            "correlation": number("correlation", format="%.2f", help="Of log1p expression with the distance."),
            "slope_per_100um": number("slope per 100 µm", format="%.3f", help="log1p."),
            "mean": number("mean (log1p)", format="%.2f"), "q": number("q", format="%.3g"),
            "p": number("p", format="%.2g"),
            "independent": number("independent cells", format="%.0f",
                                  help="How many independent cells the measured ones are worth for this gene.")})
    st.caption("From **measured** cells. p and q know that neighbouring cells are alike; a test that shuffles cells "
               "would call any smooth pattern a gradient. They do not know that a place was chosen for a gene: a "
               "gene's gradient at its own hot spot is no discovery. Click a row to draw its gene.")
    st.download_button("All genes (.csv)", table.to_csv(index=False), f"{run.id}_ranked_genes.csv", "text/csv",
                       icon=":material/table:", on_click="ignore", key="csv_ranked")


def draw(table, rows):
    """Put the gene of the clicked row first among those drawn."""
    for row in rows:
        gene = table.iloc[row]["gene"]
        others = [g for g in state.view_value("genes", []) if g != gene]
        state.set_view("genes", [gene, *others][:MOST_GENES])


def groups(run, gene, focus):
    """Mean profiles around the foci of two groups."""
    known = cache.annotations(run)
    ways = [way for way in GROUPS if known or way == "hot"]
    way = st.segmented_control("Compare", ways, format_func=GROUPS.get, required=True,
                               **state.control("groups", "hot", lambda name: name if name in ways else "hot"))
    foci = _foci(run, gene, way, known, focus)
    spacing = float(f"{run.cell_spacing_um:.3g}")
    left, right = st.columns(2, gap="small")
    reach = left.number_input("Reach around each focus (µm)", min_value=spacing, format="%.5g",
                              **state.control("reach", 10 * spacing, lambda value: max(value, spacing)))
    width = right.number_input("Bin of each profile (µm)", min_value=spacing / 4, format="%.5g",
                               **state.control("group_bin", spacing, lambda value: max(value, spacing / 4)))
    if foci is None or min(len(places) for places in foci.values()) == 0:
        st.info("One of the groups has no focus. Choose another gene or annotation.", icon=":material/search:")
        return
    places = tuple((name, tuple(map(tuple, part.to_numpy().tolist()))) for name, part in foci.items())
    with widgets.waiting("Comparing the foci"):
        profiles, slopes = cache.groups(run, gene, places, reach, width)
    _shown(run, gene, foci, profiles, slopes)


def _shown(run, gene, foci, profiles, slopes):
    name = f"{run.id}_{gene}_groups"
    st.plotly_chart(group_lines(profiles, height=400), key="groups_chart", config=profile_chart.picture(name))
    sizes = ", ".join(f"{len(part)} {widgets.plain(group)}" for group, part in foci.items())
    st.caption(f"**{widgets.plain(gene)}** around foci: {sizes}. Lines are **predicted**, points are **measured**; "
               "bands and bars are 95 % intervals of the mean over foci. Slopes are log1p per 100 µm; p, of Welch's "
               "test, takes foci for independent.")
    number = st.column_config.NumberColumn
    st.dataframe(slopes, hide_index=True, column_config={"p": number("p", format="%.2g")} | {
        group: number(f"slope, {group}", format="%.3f") for group in foci})
    st.download_button("These profiles (.csv)", profiles.assign(gene=gene).to_csv(index=False), f"{name}.csv",
                       "text/csv", icon=":material/table:", on_click="ignore", key="csv_groups")


def _foci(run, gene, way, known, focus):
    """{group: x, y, depth} or None where there is nothing to part."""
    place = list(crosshair.PLACE)
    if way == "two":
        first, second = st.columns(2, gap="medium")
        with first:
            a = focus_picker.annotation(known, "_a")
        with second:
            b = focus_picker.annotation(known, "_b")
        names = [a[1], b[1]] if a[1] != b[1] else [f"{a[0]} {a[1]}", f"{b[0]} {b[1]}, second"]
        return {name: cache.clumps(run, *note)[place] for name, note in zip(names, (a, b), strict=True)}
    foci = (cache.hot_spots(run, gene, MOST_SPOTS) if way == "hot" else
            cache.clumps(run, *focus_picker.annotation(known, "_a")))
    if len(foci) < 2:
        return None
    centre = focus[1] if focus[0] != "surface" else crosshair.middle(run)
    return near_and_far(foci[place], centre)
