"""What every export shares: genes, format, size, and the two steps of preparing a file and taking it."""

import hashlib

import streamlit as st

from ui.shell import state, visitor, widgets, workspace


def genes(run, what):
    """Genes of a file, to begin with those that are looked at."""
    asked = [gene for gene in state.view_value("genes", [run.clearest_gene]) if gene in run.genes]
    return st.multiselect("Genes", run.genes, default=(asked or [run.clearest_gene])[:3], key=f"{what}_genes",
                          filter_mode="contains", placeholder="Type a gene name")


def file_format(box, what, kinds):
    """Ending of a file; `kinds` says what each is for."""
    return box.selectbox("Format", list(kinds), format_func=lambda ending: f"{ending} · {kinds[ending]}",
                         key=f"{what}_format")


def size_words(run, spacing, n_genes):
    """How large a volume will be."""
    from math import prod

    voxels = prod(int((b - a) / spacing) + 1 for a, b in zip(*run.extent_um, strict=True))
    megabytes = max(1, round(voxels * n_genes * 4 / 1e6))
    return f"{voxels:,} voxels for each gene; about {megabytes:,} MB a layer before packing."


def offer(run, what, name, ending, write, also=()):
    """Two steps: prepare the file, then take it; other settings (name, ending, `also`) ask for a new preparation."""
    wanted = hashlib.sha256(repr((run.id, name, ending, also)).encode()).hexdigest()
    ready = state.get(state.EXPORT + what)
    empty = bool(also) and not also[0]
    if st.button("Prepare", icon=":material/build:", key=f"prepare_{what}", disabled=empty,
                 help="Choose a gene first." if empty else None):
        path = _folder() / f"{what}{ending}"
        with widgets.shows_input_errors(), st.spinner("Preparing the file", show_time=True):
            write(path)
            ready = (wanted, path)
            state.put(state.EXPORT + what, ready)
    if ready and ready[0] == wanted and ready[1].is_file():
        size = ready[1].stat().st_size / 1e6
        st.download_button(f"Download {name}{ending} ({size:.1f} MB)", ready[1].read_bytes, f"{run.id}_{name}{ending}",
                           "application/octet-stream", icon=":material/download:", on_click="ignore", type="primary",
                           key=f"get_{what}")


def _folder():
    folder = workspace.folder() / "exports" / visitor.visitor_hash()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
