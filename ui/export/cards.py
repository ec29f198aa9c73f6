"""Files to take away: each is prepared on demand, kept for this visitor, then downloaded."""

import json

import streamlit as st

from isost_core.analysis.niche_places import with_niches
from isost_core.export.bundle import write_bundle
from isost_core.export.cells import write_cells
from isost_core.export.surfaces import surface_of, write_surfaces
from isost_core.export.volumes import VOLUME_TYPES, write_volume
from isost_core.reconstruction.isosurfaces import USUAL_PERCENTILE
from isost_core.reconstruction.volume import make_volume
from isost_core.validation.trust import trust_table, with_trust
from ui.export.prepare_and_download import file_format, genes, offer, size_words
from ui.open_run import niches as niches_data
from ui.open_run import trust_badges
from ui.shell import layout

SECTION_WORDS = "Predicted cells at one depth: sampled expression, its mean and its standard deviation."
TISSUE_WORDS = "Predicted cells at many depths in one file: the tissue filled between the measured sections."
VOLUME_WORDS = ("Predicted expression of chosen genes on a regular grid; .vti and .npz also hold its standard "
                "deviation, the known share of each gene's pattern and the mask of the tissue.")
SURFACE_WORDS = "Predicted surfaces of chosen genes, closed along the border of the tissue."
BUNDLE_WORDS = ("Virtual and measured cells, volumes and surfaces of the chosen genes, with a README, provenance, "
                "trust and citation.")
SETTINGS_WORDS = ("Everything that is needed to make this run again: settings, seed, versions, input checksums. And "
                  "how far to trust each gene.")
CELLS = {".h5ad": "AnnData: scanpy, squidpy", ".parquet": "table for R, pandas, Arrow", ".csv": "table for anything"}
MESHES = {".glb": "any 3D viewer, PowerPoint (metres)", ".vtp": "ParaView (µm)", ".stl": "3D printing (µm)"}


def _with_niches(cells, run):
    niches = niches_data.chosen(run)
    return with_niches(cells, run, niches) if niches else cells


def _niches_said(run):
    """Which niches the cells of a file are given; says so."""
    folder = niches_data.chosen_folder(run)
    if folder is None:
        return ()
    st.caption(f"With the niche of each cell ({len(niches_data.names(run))} niches, see **Niches**).")
    return (folder.name,)


def virtual_section(run):
    """Predicted cells at one depth."""
    with layout.card("Virtual section", SECTION_WORDS, ":material/layers:", key="card_section"):
        low, high = run.depth_range
        depth_box, format_box = st.columns(2, vertical_alignment="bottom")
        depth = depth_box.number_input("Depth (µm)", low, high, format="%.6g", key="section_depth",
                                       value=(low + high) / 2, help=f"{low:g} to {high:g} µm: nothing is predicted "
                                       "beyond the outermost sections.")
        ending = file_format(format_box, "section", CELLS)

        def write(path):
            from isost_core.reconstruction.virtual_cells import virtual_section as make

            write_cells(_with_niches(with_trust(make(run, depth), run), run), path)

        offer(run, "section", f"virtual_section_{depth:g}um", ending, write, _niches_said(run))


def virtual_tissue(run):
    """Predicted cells of the whole tissue."""
    with layout.card("Whole virtual tissue", TISSUE_WORDS, ":material/deployed_code:", key="card_tissue"):
        gap_box, format_box = st.columns(2, vertical_alignment="bottom")
        gap = gap_box.number_input("Between virtual sections (µm)", min_value=0.0, value=None, format="%.6g",
                                   key="tissue_gap", placeholder=f"one cell spacing: {run.cell_spacing_um:.3g}")
        ending = file_format(format_box, "tissue", CELLS)

        def write(path):
            from isost_core.reconstruction.virtual_cells import virtual_tissue as make

            write_cells(_with_niches(with_trust(make(run, gap), run), run), path)

        offer(run, "tissue", f"virtual_tissue_{gap:g}um" if gap else "virtual_tissue", ending, write,
              _niches_said(run))


def volume(run):
    """Chosen genes on a regular grid."""
    with layout.card("Volume", VOLUME_WORDS, ":material/view_in_ar:", key="card_volume"):
        chosen = genes(run, "volume")
        left, right = st.columns(2, vertical_alignment="bottom")
        spacing = left.number_input("Spacing (µm)", min_value=0.1, value=float(f"{run.lattice.spacing_um:.3g}"),
                                    format="%.6g", key="volume_spacing")
        ending = file_format(right, "volume", VOLUME_TYPES)
        st.caption(size_words(run, spacing, len(chosen)))

        def write(path):

            write_volume(make_volume(run, chosen, spacing), path)

        offer(run, "volume", f"volume_{'_'.join(chosen[:3])}_{spacing:g}um", ending, write, (chosen, spacing))


def surfaces(run):
    """Surfaces of chosen genes."""
    with layout.card("Surfaces", SURFACE_WORDS, ":material/change_history:", key="card_surfaces"):
        chosen = genes(run, "surfaces")
        left, right = st.columns(2, vertical_alignment="bottom")
        percentile = left.number_input("Level (% of the tissue below)", 1.0, 99.5, float(USUAL_PERCENTILE),
                                       format="%.4g", key="surface_level")
        ending = file_format(right, "surfaces", MESHES)

        def write(path):
            write_surfaces([surface_of(run, gene, percentile) for gene in chosen], path)

        offer(run, "surfaces", f"surfaces_{'_'.join(chosen[:3])}_{percentile:g}", ending, write, (chosen, percentile))


def bundle(run):
    """Everything in one zip."""
    with layout.card("Everything in one zip", BUNDLE_WORDS, ":material/folder_zip:", key="card_bundle"):
        chosen = genes(run, "bundle")

        def write(path):
            bar = st.progress(0.0, "Packing")
            write_bundle(run, path, chosen, on_step=lambda what, part: bar.progress(part, what.capitalize()))
            bar.empty()

        offer(run, "bundle", "everything", ".zip", write, (chosen,))


def settings(run):
    """Settings and provenance of the run, and the trust in its genes."""
    with layout.card("Settings of the run", SETTINGS_WORDS, ":material/settings:", key="card_settings"):
        with st.container(horizontal=True):
            st.download_button("Settings (.json)", json.dumps(run.about, indent=1), f"{run.id}_config.json",
                               "application/json", icon=":material/download:", on_click="ignore", key="get_config")
            st.download_button("Trust of every gene (.csv)",
                               lambda: trust_table(run.genes, trust_badges.of_run(run)).to_csv(index_label="gene"),
                               f"{run.id}_trust.csv", "text/csv", icon=":material/table:", on_click="ignore",
                               key="get_trust")
        st.caption("Pictures and the data behind each chart are on the page of the chart.")
