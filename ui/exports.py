"""Files to take away: each is prepared on demand, kept for this visitor, then downloaded."""

import json

import streamlit as st

from ui import layout, state, trust_badges, visitor, widgets, workspace

SECTION_WORDS = "Predicted cells at one depth: sampled expression, its mean and its standard deviation."
TISSUE_WORDS = "Predicted cells at many depths in one file: the tissue filled between the measured sections."
VOLUME_WORDS = ("Predicted expression of chosen genes on a regular grid, its standard deviation, the known share of "
                "each gene's pattern, the mask of the tissue.")
SETTINGS_WORDS = ("Everything that is needed to make this run again: settings, seed, versions, input checksums. And "
                  "how far to trust each gene.")


def virtual_section(run):
    """Predicted cells at one depth."""
    with layout.card("Virtual section", SECTION_WORDS, ":material/layers:", key="card_section"):
        low, high = run.depth_range
        depth = st.number_input("Depth (µm)", low, high, format="%.6g", key="section_depth", value=(low + high) / 2,
                                help=f"{low:g} to {high:g} µm: nothing is predicted beyond the outermost sections.")

        def write(path):
            from isost_core.reconstruct import virtual_section as make
            from isost_core.trust import with_trust

            with_trust(make(run, depth), run).write_h5ad(path)

        offer(run, "section", f"virtual_section_{depth:g}um.h5ad", write)


def virtual_tissue(run):
    """Predicted cells of the whole tissue."""
    with layout.card("Whole virtual tissue", TISSUE_WORDS, ":material/deployed_code:", key="card_tissue"):
        gap = st.number_input("Distance between virtual sections (µm)", min_value=0.0, value=0.0, format="%.6g",
                              key="tissue_gap", help="0 takes one cell spacing.")

        def write(path):
            from isost_core.reconstruct import virtual_tissue as make
            from isost_core.trust import with_trust

            with_trust(make(run, gap or None), run).write_h5ad(path)

        offer(run, "tissue", f"virtual_tissue_{gap:g}um.h5ad" if gap else "virtual_tissue.h5ad", write)


def volume(run):
    """Chosen genes on a regular grid."""
    with layout.card("Volume", VOLUME_WORDS, ":material/view_in_ar:", key="card_volume"):
        genes = st.multiselect("Genes", run.genes, default=state.view_value("genes", [run.clearest_gene])[:1],
                               key="volume_genes", filter_mode="contains", placeholder="Type a gene name")
        left, right = st.columns(2)
        spacing = left.number_input("Spacing (µm)", min_value=0.1, value=float(f"{run.lattice.spacing_um:.3g}"),
                                    format="%.6g", key="volume_spacing")
        kind = right.segmented_control("Format", [".vti", ".npz"], default=".vti", required=True, key="volume_kind",
                                       help=".vti for ParaView and 3D Slicer, .npz for Python.")

        def write(path):
            from isost_core.export import write_volume
            from isost_core.volume import make_volume

            write_volume(make_volume(run, genes, spacing), path)

        offer(run, "volume", f"volume_{'_'.join(genes[:3])}_{spacing:g}um{kind}", write, disabled=not genes)


def settings(run):
    """Settings and provenance of the run, and the trust in its genes."""
    from isost_core.trust import trust_table

    with layout.card("Settings of the run", SETTINGS_WORDS, ":material/settings:", key="card_settings"):
        with st.container(horizontal=True):
            st.download_button("Settings (.json)", json.dumps(run.about, indent=1), f"{run.id}_config.json",
                               "application/json", icon=":material/download:", on_click="ignore", key="get_config")
            st.download_button("Trust of every gene (.csv)",
                               lambda: trust_table(run.genes, trust_badges.of_run(run)).to_csv(index_label="gene"),
                               f"{run.id}_trust.csv", "text/csv", icon=":material/table:", on_click="ignore",
                               key="get_trust")
        st.caption("The data behind each chart is on the page of the chart, as CSV.")


def offer(run, what, file_name, write, disabled=False):
    """Two steps: prepare the file, then take it; new settings ask for a new preparation."""
    wanted = (run.id, file_name)
    ready = state.get(state.EXPORT + what)
    if st.button("Prepare", icon=":material/build:", key=f"prepare_{what}", disabled=disabled):
        path = _folder() / f"{what}{file_name[file_name.rindex('.'):]}"
        with widgets.shows_input_errors(), st.spinner("Preparing the file"):
            write(path)
            ready = (wanted, path)
            state.put(state.EXPORT + what, ready)
    if ready and ready[0] == wanted and ready[1].is_file():
        size = ready[1].stat().st_size / 1e6
        st.download_button(f"Download {file_name} ({size:.1f} MB)", ready[1].read_bytes, f"{run.id}_{file_name}",
                           "application/octet-stream", icon=":material/download:", on_click="ignore", type="primary",
                           key=f"get_{what}")


def _folder():
    folder = workspace.folder() / "exports" / visitor.visitor_hash()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
