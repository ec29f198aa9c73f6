"""Bringing files in: the upload box, which files work, what went wrong per file, how the files are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from isost_core.errors import InputError
from isost_core.readers import FileScans, formats
from isost_core.readers.header import X
from isost_core.readers.names import is_rubbish
from isost_core.readers.section_column import SECTION_KEYS
from ui.shell import state, widgets
from ui.stack import server_files, uploads

TYPES = formats.upload_endings()
EXAMPLE_CSV = """x,y,section,z_um,Sox2,Pax6,Actb
120.5,88.0,S1,0,3,0,12
131.2,90.4,S1,0,1,2,9
118.9,86.1,S2,50,4,0,15
129.7,93.3,S2,50,0,1,11
"""
NAMED = ("AnnData (.h5ad)", "tables (.csv)", "Visium", "Xenium", "MERSCOPE", "CosMx", "Stereo-seq")
IN_SHORT = f"{', '.join(NAMED)} and {len(formats.FORMATS) - len(NAMED)} more formats."
FORMATS = f"""
{formats.markdown_table()}

Pack each folder as `.zip` or `.tar.gz`. One archive can hold all sections. You can also drop the files of
**one** section together.

A table has the columns `x`, `y` and `section`. Every other column of numbers is a gene. A column `z_um` is the depth
in µm. If a file doesn't say something, the next step asks you for it. A file can have up to 2 GB.
"""
_AUTO = "Decide from the file"


def upload_box(folder: Path | None, label: str = "Add files", with_help: bool = False) -> None:
    """Files the visitor gives go to disk and leave memory; names are made safe. with_help : whether a button leads to
    what files can look like"""
    turn = state.get(state.UPLOADER, 0)
    given = st.file_uploader(label, accept_multiple_files=True, key=f"files_{turn}",
                             help="Files of the sections of one tissue, or folders packed as .zip or .tar.gz.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(IN_SHORT)
        if with_help:
            formats_button()
    if not given:
        server_box(folder)
        return
    taken, others = _by_ending(given)
    try:
        with st.spinner("Saving the files"):
            if taken:
                uploads.save(folder or uploads.new(), taken)
    except InputError as error:
        widgets.error_box("A file could not be added", [error])
        return
    state.put(state.NOT_ADDED, others)
    state.put(state.UPLOADER, turn + 1)
    st.rerun()


def add_box(folder: Path) -> None:
    """More files for a stack, behind a button; it closes when they have arrived."""
    with st.popover("Add files", icon=":material/upload:", key=f"add_files_{state.get(state.UPLOADER, 0)}"):
        upload_box(folder)


def _by_ending(given: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """The files that have an ending of some format, and the names of the others; what systems leave in a folder is
    neither."""
    files = [file for file in given if not is_rubbish(file.name)]
    taken = [file for file in files if file.name.rpartition(".")[2].lower() in TYPES]
    return taken, [file.name for file in files if file not in taken]


def not_added() -> None:
    """The files of the last upload that were not taken, and why."""
    if names := state.get(state.NOT_ADDED):
        widgets.error_box(f"{widgets.count(len(names), 'file')} not added", [
            f"{name}: no format that can be read here has files with this ending." for name in names])
        formats_button("which_instead")


def server_box(folder: Path | None) -> None:
    """Files that lie on this server already, where whoever runs it has opened folders for that."""
    if not server_files.roots():
        return
    with st.expander("Files on this server", icon=":material/dns:"):
        chosen = st.selectbox("File or folder", server_files.listed(), index=None, accept_new_options=True,
                              key="server_path", placeholder="Choose one, or type a path inside one of the open "
                                                             "folders")
        if st.button("Add", icon=":material/add:", key="add_server_path", disabled=not chosen) and chosen:
            with widgets.shows_input_errors("This can't be added"):
                uploads.add_from_server(folder or uploads.new(), chosen)
                st.rerun()


def formats_button(key: str = "which_files") -> None:
    """The way to what files can look like."""
    if st.button("Which files work?", icon=":material/help:", key=key):
        _formats()


@st.dialog("Which files work?", width="large")
def _formats() -> None:
    """What files can look like, with a small example to download."""
    st.markdown(FORMATS)
    st.download_button("Download an example table (.csv)", EXAMPLE_CSV, "example_sections.csv", "text/csv",
                       icon=":material/table:", on_click="ignore", key="example_csv")


def bad_files(folder: Path, bad: dict[Path, str]) -> None:
    """The reason for each file that can't be read, and a way to drop them."""
    if not bad:
        return
    kept = "The other files are kept." if len(bad) < len(uploads.files(folder)) else ""
    widgets.error_box(f"{widgets.count(len(bad), 'file')} can't be used. {kept}".rstrip(), bad.values())
    earlier = [path.name for path in bad if path.name in uploads.replaced(folder)]
    back = " The earlier files of the same name come back." if earlier else ""
    if widgets.asked_twice("Remove these files", ":material/delete:",
                           f"This removes {', '.join(widgets.plain(p.name) for p in bad)}.{back}",
                           f"Remove {widgets.count(len(bad), 'file')}", "remove_bad"):
        for path in bad:
            uploads.remove(folder, path.name)
            uploads.bring_back(folder, path.name)
        st.rerun()


def replaced_files(folder: Path) -> None:
    """Files that another of the same name took the place of, and a way back."""
    names = uploads.replaced(folder)
    if not names:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="replaced"):
        st.markdown(f"New files took the place of {', '.join(map(widgets.plain, names))}.", width="stretch")
        if st.button("Bring the earlier ones back", icon=":material/undo:", key="bring_back"):
            for name in names:
                uploads.bring_back(folder, name)
            st.rerun()
        if st.button("Keep the new ones", icon=":material/check:", key="keep_new"):
            uploads.forget_replaced(folder)
            st.rerun()


def reading_form(folder: Path, files: FileScans) -> dict[str, Any]:
    """How the files are read; returns the answers and keeps them with the stack. files : as they are read now"""
    known = uploads.answers(folder).get("reading", {})
    with st.popover("How the files are read", icon=":material/tune:", key="reading_box", width="content"):
        section_key = _choice("Column that names the section", SECTION_KEYS, known.get("section_key"))
        depth_key = _choice("Column with the depth in µm", ["z_um"], known.get("depth_key"))
        spatial_key = _choice("Positions", _positions(files), known.get("spatial_key"))
        layer = _layers(files, known.get("layer"))
        keep = st.checkbox("Keep all cells", bool(known.get("keep_all_cells")), key="keep_all_cells",
                           help="Otherwise spots off the tissue, cells far from all others and cells without any "
                                "counts are left out. You are told which.")
        as_genes = _more_genes(files, known)
    answers = {"normalize": known.get("normalize", "auto"), "section_key": section_key, "depth_key": depth_key,
               "spatial_key": spatial_key, "layer": layer, "keep_all_cells": keep, "as_genes": as_genes}
    uploads.answer(folder, reading=answers)
    return answers


def _positions(files: FileScans) -> list[str]:
    """Names of the positions that the files have."""
    return list(dict.fromkeys(name for scan in files.alone.values() for name in scan.positions))


def _layers(files: FileScans, known: str | dict[str, str] | None) -> str | dict[str, str] | None:
    """The matrix to read of all AnnData files, or of each by its name where they don't have the same ones."""
    held = {file: names for scan in files.alone.values() for file, names in scan.matrices.items()}
    of_each = known if isinstance(known, dict) else dict.fromkeys(held, known)
    if len(set(held.values())) < 2:
        there = next(iter(held.values()), (X,))
        return _choice("Values", there, known if isinstance(known, str) else None)
    chosen = {file: _choice(f"Values of {file}", names, of_each.get(file)) for file, names in held.items()
              if len(names) > 1}
    return {file: name for file, name in chosen.items() if name} or None


def _more_genes(files: FileScans, known: dict[str, Any]) -> list[str]:
    """Columns of tables that are genes, of those that were taken as annotation."""
    chosen = known.get("as_genes", [])
    left = dict.fromkeys([*chosen, *(column for scan in files.alone.values() for column in scan.not_genes)])
    return st.multiselect("Columns that are genes after all", list(left), chosen, accept_new_options=True,
                          key="as_genes", help="Columns of a table such as 'area' or 'total_counts' are not read as "
                                               "genes. Choose one here if it is a gene.")


def _choice(label: str, names: Sequence[str], known: str | None) -> str | None:
    """One of the usual names or one typed in; None leaves it to the file."""
    options = [_AUTO, *dict.fromkeys([*names, *([known] if known else [])])]
    chosen = st.selectbox(label, options, index=options.index(known) if known else 0, accept_new_options=True,
                          key=f"reading.{label}")
    return None if chosen in (None, _AUTO) else chosen
