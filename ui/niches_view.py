"""The page of niches: what they are found by, how many, their 3D map, a slice, their tables."""

import streamlit as st

from ui import cache, layout, niches_data, state

WORDS = ("A niche is a part of the tissue whose neighbourhoods, in 3D, hold the same mixture of cells. It is "
         "*predicted* between the sections.")
NUMBER_HELP = ("Suggested: the number, 4 to 12, whose niches random halves of the cells agree on best (adjusted Rand "
               "index).")
FARTHER = 1.3  # than in a wide picture: this one is as high as wide


def controls(run):
    """What to find niches by and how many; finds them when asked. Returns the column."""
    columns = niches_data.columns(run)
    names = ["by expression" if c is None else f"by {c}" for c in columns]
    name = st.selectbox("Find niches", names, **state.control("niches_by", names[0],
                                                              lambda n: n if n in names else names[0]))
    column = columns[names.index(name)]
    number = st.number_input("Number of niches", 0, 24, help=f"0 takes the suggested number. {NUMBER_HELP}",
                             **state.control("n_niches", 0, lambda n: min(max(n, 0), 24)))
    label = "Find them again" if niches_data.held(run, column) else "Find niches"
    if number == 1:
        st.caption("One niche is the whole tissue: choose 2 or more.")
    if st.button(label, type="primary", icon=":material/hub:", disabled=number == 1, key="find_niches"):
        niches_data.find(run, column, number or None)
        st.rerun()
    return column


def show(run, column):
    """All that is known of the niches by this column."""
    niches = niches_data.held(run, column)
    if niches is None:
        st.info("No niches were found by this yet. Press **Find niches**: it takes about half a minute and is kept "
                "with the run.", icon=":material/hub:")
        return
    pick, where = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    chosen = pick.multiselect("Niches shown", niches.names, default=niches.names,
                              key=state.key_here(f"shown.{column}.{len(niches.names)}"))
    low, high = map(float, run.depth_range)
    depth = where.slider("Depth of the slice (µm)", low, high, format="%.6g", **state.control(
        "niche_depth", (low + high) / 2, lambda z: min(max(z, low), high)))
    shown = [k for k, name in enumerate(niches.names) if name in chosen]
    map_, flat = st.columns(2, gap="medium")
    with map_:
        st.plotly_chart(_map(run, column, niches, shown), theme=None, key="niche_map")
    with flat:
        st.plotly_chart(_slice(run, niches, shown, depth), theme=None, key="niche_slice")
    st.caption("Both *predicted*. Left, surfaces around more than half of the nearest cells; right, the niche of most.")
    _explore(niches)
    _tables(run, column, niches)


def _map(run, column, niches, shown):
    from isost_core.figures_3d import tissue_3d
    from isost_core.scene import Surface

    stamp = (niches_data.folder(run, column) / "niches.json").stat().st_mtime_ns
    surfaces = [niches_data.surface(cache.run_key(run), column, k, stamp, run) for k in shown]
    figure = tissue_3d(surfaces, Surface("tissue", *cache.outline(run), opacity=0.12), height=430)
    eye = figure.layout.scene.camera.eye
    return figure.update_layout(scene_camera_eye={axis: FARTHER * eye[axis] for axis in "xyz"})


def _slice(run, niches, shown, depth):
    from isost_core.figures_niches import niche_slice

    return niche_slice(run, niches, depth, shown, height=430)


def _explore(niches):
    with st.container(horizontal=True):
        if st.button("Look at the largest three in the Explorer", icon=":material/view_in_ar:", key="niches_explorer"):
            state.set_view("genes", list(niches.names[:3]))
            layout.go("explorer")


def _tables(run, column, niches):
    names = ["Sizes", "Markers", "How many"] if column is None else ["Composition", "Sizes", "Markers", "How many"]
    for tab, name in zip(st.tabs(names), names, strict=True):
        with tab:
            {"Composition": _composition, "Sizes": _sizes, "Markers": _markers, "How many": _number}[name](
                run, column, niches)


def _composition(run, column, niches):
    from isost_core.figures_niches import composition_map

    table = niches_data.table(run, column, "composition")
    st.plotly_chart(composition_map(table, column), key="composition")
    _download(run, table.reset_index(names="niche"), "niche_composition")


def _sizes(run, column, niches):
    table = niches_data.table(run, column, "sizes")
    shown = table.assign(share_of_tissue=100 * table["share_of_tissue"]).round({"volume_um3": 0, "surface_um2": 0})
    st.dataframe(shown, hide_index=True, column_config={
        "niche": "Niche", "measured_cells": st.column_config.NumberColumn("Cells, measured", format="localized"),
        "share_of_tissue": st.column_config.NumberColumn("Share of tissue (%)", format="%.1f"),
        "volume_um3": st.column_config.NumberColumn("Volume (µm³)", format="localized"),
        "surface_um2": st.column_config.NumberColumn("Surface (µm²)", format="localized")})
    st.caption("Share, volume and surface are *predicted*; a surface ends where the tissue does.")
    _download(run, table, "niche_sizes")


def _markers(run, column, niches):
    table = niches_data.table(run, column, "markers")
    niche = st.selectbox("Niche", niches.names, key=state.key_here(f"markers.{column}"))
    st.dataframe(table[table["niche"] == niche].drop(columns=["niche", "p"]).head(50), hide_index=True, column_config={
        "difference": st.column_config.NumberColumn("Difference of mean log1p", format="%.2f"),
        "share_in": st.column_config.NumberColumn("Cells with it, inside", format="percent"),
        "share_out": st.column_config.NumberColumn("Cells with it, outside", format="percent"),
        "q": st.column_config.NumberColumn("q", format="%.1e")})
    st.caption("*Measured* cells of the niche against all others. The niches come from the same cells: q ranks genes.")
    _download(run, table, "niche_markers")


def _number(run, column, niches):
    from isost_core.figures_niches import stability_line

    if not niches.stability:
        st.caption("The number was chosen by hand.")
        return
    st.plotly_chart(stability_line(niches.stability, len(niches.names)), key="stability")
    st.caption(NUMBER_HELP)


def _download(run, table, name):
    st.download_button(f"{name.replace('_', ' ').capitalize()} (.csv)", table.to_csv(index=False),
                       f"{run.id}_{name}.csv", "text/csv", icon=":material/table:", on_click="ignore",
                       key=f"csv_{name}")
