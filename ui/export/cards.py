"""Files to take away: each is prepared on demand, kept for this visitor, then downloaded."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st

from isost_core.analysis.niche_places import with_niches
from isost_core.export.bundle import write_bundle
from isost_core.export.cells import write_cells
from isost_core.export.surfaces import surface_of, write_surfaces
from isost_core.export.volumes import VOLUME_TYPES, write_volume
from isost_core.reconstruction import virtual_cells
from isost_core.reconstruction.isosurfaces import MOST_TRIANGLES
from isost_core.reconstruction.volume import make_volume
from isost_core.runs.run import Run
from isost_core.validation.trust import trust_table, with_trust
from isost_core.words import plain
from ui.export.prepare_and_download import (
    QUICK_VALUES,
    SURFACE_S,
    file_format,
    genes,
    n_voxels,
    offer,
    size_words,
    take,
    tissue_seconds,
)
from ui.open_run import trust_badges
from ui.open_run.shown import Shown
from ui.shell import layout
from ui.shell.downloads import csv_button, file_name
from ui.shell.number_box import number_box

if TYPE_CHECKING:
    import anndata as ad
    import pandas as pd

SECTION_WORDS = ("Predicted cells at one depth. Each has a **sampled** value of every gene, as noisy as a measured "
                 "one, and two layers: its expected value (**mean**) and how uncertain that is (**sd**).")
TISSUE_WORDS = ("Predicted cells at many depths in one file. They fill the tissue between your sections, and have the "
                "same sampled values and layers.")
VOLUME_WORDS = ("Predicted expression of chosen genes on a regular grid. The .vti and .npz files also hold how "
                "uncertain it is (**sd**), the resolved share (**known**) and a **mask** of the tissue.")
SURFACE_WORDS = ("Predicted surfaces of chosen genes, as triangles: inside them, a gene is at its level or above it. "
                 "They are closed along the border of the tissue, also at the first and the last section.")
BUNDLE_WORDS = ("All cells, and the volumes and surfaces of the chosen genes. A README, the settings, the trust "
                "grades and the citation are included.")
SETTINGS_WORDS = ("Everything you need to repeat this run: settings, seed, versions and checksums of the input. Also "
                  "how far to trust each gene.")
CELLS = {".h5ad": "scanpy, squidpy", ".parquet": "R, pandas, Arrow", ".csv": "any program"}
CELL_FRAME = "Positions are x, y and depth in µm, with the origin of your own coordinates."
VOLUME_FRAME = ("x, y and depth keep the origin of your own coordinates. NIfTI and NRRD have axes x, y, z in mm in the "
                "space RAS, so both lie in the same place. OME-Zarr has axes c, z, y, x in µm. Most image programs "
                "draw y downwards, as these pages do until you turn them.")
MESH_FRAME = "Axes are x, y and depth, with the origin of your own coordinates: in metres in .glb, else in µm."
MESHES = {".glb": "PowerPoint, 3D viewers", ".vtp": "ParaView", ".stl": "3D printing"}
VOXELS_S = 4_000_000  # values of a volume that are written in a second
BUNDLE_TIMES = 2  # everything in one zip, as a multiple of the virtual tissue alone
COLUMNS = [3, 4]  # a number, and the format beside it


def _write_cells(cells: ad.AnnData, shown: Shown, path: Path) -> None:
    """Write virtual cells with the trust in each gene and, where niches were found, the niche of each."""
    cells = with_trust(cells, shown.run.path)
    write_cells(with_niches(cells, shown.run, shown.niches.niches) if shown.niches else cells, path)


def _niches_said(shown: Shown) -> list[str]:
    """Which niches the cells of a file are given; says so."""
    if shown.niches is None:
        return []
    st.caption(f"With the niche of each cell ({len(shown.niches.names)} niches, see **Niches**).")
    return [shown.niches.folder.name]


def virtual_section(shown: Shown) -> None:
    """Predicted cells at one depth."""
    run = shown.run
    with layout.card("Virtual section", SECTION_WORDS, ":material/layers:", key="card_section"):
        low, high = run.depth_range
        depth_box, format_box = layout.columns(COLUMNS, 9, "section")
        with depth_box:
            depth = number_box(run.sections.axis.title, "section_depth", (low + high) / 2, low, high,
                               help=f"{plain(low)} to {plain(high)} µm. Nothing is predicted beyond the first and the "
                                    "last section.")
        ending = file_format(format_box, "section", CELLS, CELL_FRAME)
        _niches_said(shown)
        take(run, "section", f"virtual_section_{depth:g}um", ending,
             lambda path: _write_cells(virtual_cells.virtual_section(run, cast(float, depth)), shown, path))


def virtual_tissue(shown: Shown) -> None:
    """Predicted cells of the whole tissue."""
    run = shown.run
    with layout.card("Whole virtual tissue", TISSUE_WORDS, ":material/deployed_code:", key="card_tissue"):
        gap_box, format_box = layout.columns(COLUMNS, 9, "tissue")
        with gap_box:
            gap = number_box("Gap (µm)", "tissue_gap", None, 0.1, empty=f"suggested: {plain(run.cell_spacing_um)}",
                             help="Between one virtual section and the next. Left empty, it is the usual distance "
                                  "between cells.")
        ending = file_format(format_box, "tissue", CELLS, CELL_FRAME)
        offer(run, "tissue", f"virtual_tissue_{gap:g}um" if gap else "virtual_tissue", ending,
              lambda path: _write_cells(virtual_cells.virtual_tissue(run, gap), shown, path),
              seconds=tissue_seconds(run, gap, ending), settings=_niches_said(shown))


def volume(shown: Shown) -> None:
    """Chosen genes on a regular grid."""
    run = shown.run
    with layout.card("Volume", VOLUME_WORDS, ":material/view_in_ar:", key="card_volume"):
        chosen = genes(run, "volume")
        left, right = layout.columns(COLUMNS, 9, "volume")
        with left:
            usual = float(f"{run.lattice.spacing_um:.3g}")
            spacing = cast(float, number_box("Spacing (µm)", "volume_spacing", usual, 0.1))
        ending = file_format(right, "volume", VOLUME_TYPES, VOLUME_FRAME)
        st.caption(size_words(run, spacing, len(chosen)))
        values = n_voxels(run, spacing) * len(chosen)
        give = take if values <= QUICK_VALUES else partial(offer, seconds=values / VOXELS_S)
        give(run, "volume", f"volume_{'_'.join(chosen[:3])}_{spacing:g}um", ending,
             lambda path: write_volume(make_volume(run, chosen, spacing), path), chosen_genes=chosen,
             settings=[spacing])


def surfaces(shown: Shown) -> None:
    """Surfaces of chosen genes."""
    run = shown.run
    with layout.card("Surfaces", SURFACE_WORDS, ":material/change_history:", key="card_surfaces"):
        chosen = genes(run, "surfaces")
        left, right = layout.columns(COLUMNS, 9, "surfaces")
        with left:
            percentile = number_box("Level (%)", "surface_level", None, 1.0, 99.5, empty="as the Explorer opens",
                                    help="The share of the tissue that lies below the surface's value.")
        ending = file_format(right, "surfaces", MESHES, MESH_FRAME)
        level = "opening" if percentile is None else f"{percentile:g}"
        st.caption(f"At most {MOST_TRIANGLES:,} triangles for each gene.")
        offer(run, "surfaces", f"surfaces_{'_'.join(chosen[:3])}_{level}", ending,
              lambda path: write_surfaces([surface_of(run, gene, percentile) for gene in chosen], path),
              seconds=SURFACE_S * len(chosen), chosen_genes=chosen, settings=[percentile])


def bundle(shown: Shown) -> None:
    """Everything in one zip."""
    run = shown.run
    with layout.card("Everything in one zip", BUNDLE_WORDS, ":material/folder_zip:", key="card_bundle"):
        chosen = genes(run, "bundle")

        def write(path: Path) -> None:
            bar = st.progress(0.0, "Packing")
            write_bundle(run, path, chosen, on_step=lambda what, part: bar.progress(part, what.capitalize()))
            bar.empty()

        offer(run, "bundle", "everything", ".zip", write, chosen_genes=chosen,
              seconds=BUNDLE_TIMES * tissue_seconds(run) + 2 * SURFACE_S * len(chosen))


def settings(shown: Shown) -> None:
    """Settings and provenance of the run, and the trust in its genes."""
    run = shown.run
    with layout.card("Settings of the run", SETTINGS_WORDS, ":material/settings:", key="card_settings"):
        with st.container(horizontal=True):
            st.download_button("Settings (.json)", json.dumps(run.about, indent=1),
                               file_name(run, "settings", ".json"), "application/json",
                               icon=":material/download:", on_click="ignore", key="get_config")
            csv_button("Trust of every gene", lambda: _trust_of(run), file_name(run, "trust", ".csv"), key="get_trust")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="way_to_pictures"):
            st.caption("Pictures and films of the tissue are under **Save** in the", width="content")
            st.page_link(layout.PAGES["explorer"], label="Explorer", icon=":material/view_in_ar:", width="content")


def _trust_of(run: Run) -> pd.DataFrame:
    return trust_table(run.genes, trust_badges.of_run(run)).reset_index(names="gene")
