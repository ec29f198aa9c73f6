"""Around the table of sections: the first visit, what was understood, the pictures, the way on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from isost_core.errors import InputError
from isost_core.readers import FileScans, Scan
from isost_core.sections.stack import Sections
from isost_core.words import listed
from ui.sections import examples, expression_values, sizes, strip, upload
from ui.shell import state, widgets
from ui.stack import alignment, reading, uploads, way_on
from ui.stack.table import MOST_NAMED, Row, order_in_words, problems

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def first_visit(folder: Path | None) -> None:
    """Nothing uploaded yet: what to do, and what to try instead."""
    with st.container(border=True, key="first_upload"):
        st.subheader("Upload the sections of one stack", anchor=False)
        st.markdown("Drop your files here. Next, you check what was read from them and add what they don't say, such "
                    "as the depth of each section.")
        upload.upload_box(folder, "Files of measured sections", with_help=True)
    upload.not_added()
    st.markdown("##### No data yet?")
    examples.offers()


def opened(folder: Path) -> FileScans:
    """What the files hold, in a line beside the buttons that change it; it is looked at under a word that says so."""
    line, wait = st.container(horizontal=True, vertical_alignment="center", gap="small", key="found"), st.empty()
    found = line.container(key="found_words")
    with wait, st.spinner("Looking at your files"):
        files = reading.look(uploads.files(folder), uploads.answers(folder).get("reading", {}))
    with line:
        how = upload.reading_form(folder, files)
        upload.add_box(folder)
        _start_over(folder)
    with wait, st.spinner("Looking at your files"):
        files = reading.look(uploads.files(folder), how)
    found.markdown(f"##### {_found(files.together) if files.together else 'Your files'}")
    return files


def _start_over(folder: Path) -> None:
    """Remove the stack that is being prepared, asked twice."""
    if widgets.asked_twice("Start over", ":material/restart_alt:", "This removes these files, their depths and their "
                           "registration. Runs made from them stay.", "Remove them", "start_over"):
        alignment.forget(folder)
        uploads.forget()
        state.put(state.TABLE, None)
        state.put(state.NOT_ADDED, None)
        st.rerun()


def _found(scan: Scan) -> str:
    cells = sum(info.n_cells for info in scan.sections)
    return (f"Found: {widgets.count(len(scan.sections), 'section')}, {widgets.count(cells, scan.noun)}, "
            f"{widgets.count(scan.n_shared_genes, 'gene')} in common")


def understood(scan: Scan, example: str = "") -> None:
    """How the files were understood, in a line; example : its words, where the files are of one."""
    if example:
        st.caption(f"Example: {widgets.plain(example)}.")
    pictured = [widgets.plain(info.name) for info in scan.sections if info.has_image]
    images = f" A histology image was found for {', '.join(pictured)}." if pictured else ""
    files = dict.fromkeys(info.file for info in scan.sections)
    of = f" from {widgets.plain(*files)}" if len(files) == 1 else ""
    st.caption(f"Read as {'; '.join(_kinds(scan))}{of}. {_positions(scan)}Sections were separated by "
               + (f"the column '{widgets.plain(scan.section_key)}'." if scan.section_key else "their file.")
               + f" {order_in_words(scan)}{images}")


def _notes(notes: Sequence[str]) -> None:
    if notes:
        mark = "- " if len(notes) > 1 else ""
        st.info("\n".join(f"{mark}{widgets.said(note)}" for note in notes), icon=":material/lightbulb:")


def _positions(scan: Scan) -> str:
    """Which of the positions of an AnnData or SpatialData were read, where no note says it; other files have one."""
    words = f"Positions were read from '{scan.coordinates_key}'"
    named = any("Data" in info.kind for info in scan.sections)
    return f"{words}. " if named and not any(note.startswith(words) for note in scan.notes) else ""


def _kinds(scan: Scan) -> Iterator[str]:
    """What the files were recognised as; where they differ, which is what: 'Visium folder: A, B'."""
    files: dict[str, list[str]] = {}
    for info in scan.sections:
        files.setdefault(info.kind, []).append(info.file)
    for kind, names in files.items():
        named = f": {listed(map(widgets.plain, dict.fromkeys(names)), MOST_NAMED)}" if len(files) > 1 else ""
        yield f"**{widgets.plain(kind)}**{named}"


def strip_and_continue(folder: Path, files: FileScans, rows: Sequence[Row]) -> None:
    """Pictures of the sections once the table is complete, and the way on at the foot of the window."""
    lacking, stack = problems(rows), None
    foot = way_on.place()
    can_be = sizes.shown(files, rows)
    if lacking:
        _way_on(foot, lacking, can_go=False)
    notes = files.together.notes if files.together else ()
    _notes(notes)
    if lacking:
        return
    try:
        with widgets.waiting("Reading the sections"):
            stack = reading.prepare(folder, files)
    except InputError as error:
        widgets.error_box("The sections can't be used as they are", [error])
    _way_on(foot, (), stack is not None and can_be)
    st.subheader("Measured sections", anchor=False)
    controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    if stack is not None:
        strip.show(stack.sections, stack.key, controls)
        _new_notes(stack.sections, notes)
    with controls:
        expression_values.choice(folder)


def _way_on(foot: DeltaGenerator, lacking: Sequence[str], can_go: bool) -> None:
    """What is left to do, and the way on."""
    words = ("  \n".join(f":orange[:material/edit:] {line}" for line in lacking) if lacking else
             ":green[:material/check:] Your sections can be reconstructed." if can_go else
             ":red[:material/error:] Mend what is said above.")
    way_on.fill(foot, words, way_on.QUALITY, past=way_on.NEW_RUN, can_go=can_go)


def _new_notes(sections: Sections, known: Sequence[str]) -> None:
    """What reading the values added to the notes that are `known`."""
    told = tuple(note.removesuffix(".") for note in known)  # one can go on with the unit that the visitor gave
    _notes([note for note in sections.notes if not note.startswith(told)])
