"""Around the table of sections: the first visit, what was understood, the pictures, the way on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import streamlit as st

from isost_core.errors import InputError
from isost_core.readers import FileScans, Scan
from isost_core.sections.stack import Sections
from ui.sections import examples, expression_values, sizes, strip, upload
from ui.shell import layout, state, widgets
from ui.stack import alignment, reading, uploads
from ui.stack.table import Row, order_in_words, problems


def first_visit(folder: Path | None) -> None:
    """Nothing uploaded yet: what to do, and what to try instead."""
    with st.container(border=True, key="first_upload"):
        st.subheader("Upload the sections of one stack", anchor=False)
        st.markdown("Drop your files here. Next, you check what was read from them and add what they don't say, such "
                    "as the depth of each section.")
        upload.upload_box(folder, "Files of measured sections")
    st.markdown("##### No data yet?")
    examples.offers()
    upload.format_help(expanded=True)


def start_over(folder: Path) -> None:
    """Remove the stack that is being prepared, asked twice."""
    if widgets.asked_twice("Start over", ":material/restart_alt:", "This removes these files, their depths and their "
                           "registration. Runs made from them stay.", "Remove them", "start_over"):
        alignment.forget(folder)
        uploads.forget()
        state.put(state.TABLE, None)
        st.rerun()


def understood(scan: Scan, example: str = "") -> None:
    """One line of what the files hold, and the findings; example : its words, where the files are of one."""
    cells = sum(info.n_cells for info in scan.sections)
    held = widgets.count(cells, scan.noun)
    st.markdown(f"##### Found: {widgets.count(len(scan.sections), 'section')}, "
                f"{held}, {widgets.count(scan.n_shared_genes, 'gene')} in common")
    if example:
        st.caption(f"Example: {widgets.plain(example)}.")
    st.caption("Read as " + "; ".join(_kinds(scan)) + ".")
    st.caption(f"{_positions(scan)}Sections were separated by "
               + (f"the column '{scan.section_key}'." if scan.section_key else "their file.")
               + f" {order_in_words(scan)} Depth is the position of a section in the stack.")
    if pictured := [widgets.plain(info.name) for info in scan.sections if info.has_image]:
        st.caption(f"A histology image was found for {', '.join(pictured)}. It is kept with the run and shown below.")
    _notes(scan.notes)


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
    """What each file was recognised as, with what it holds: 'Visium folder: A (2,310 spots)'."""
    held: dict[tuple[str, str], dict[str, int]] = {}
    for info in scan.sections:
        files = held.setdefault((info.kind, info.noun), {})
        files[info.file] = files.get(info.file, 0) + info.n_cells
    for (kind, noun), files in held.items():
        named = [f"{widgets.plain(file)} ({widgets.count(n, noun)})" for file, n in list(files.items())[:6]]
        more = [f"{len(files) - 6} more"] if len(files) > 6 else []
        yield f"**{widgets.plain(kind)}**: {', '.join(named + more)}"


def strip_and_continue(folder: Path, files: FileScans, rows: Sequence[Row]) -> None:
    """Pictures of the sections once the table is complete, and the button that leads on."""
    lacking = problems(rows)
    can_be = sizes.shown(files, rows)
    stack = None
    if not lacking:
        st.subheader("Measured sections", anchor=False)
        expression_values.choice(folder)
        try:
            with widgets.waiting("Reading the sections"):
                stack = reading.prepare(folder, files)
        except InputError as error:
            widgets.error_box("The sections can't be used as they are", [error])
    pictures, way_on = st.container(), st.container()
    if stack is not None:
        with pictures:
            _new_notes(stack.sections, files.together.notes if files.together else ())
            strip.show(stack.sections, stack.key)
    with way_on:
        if lacking:
            st.warning("**Before you continue**\n\n" + "\n".join(f"- {line}" for line in lacking),
                       icon=":material/edit:")
        if st.button("Continue to reconstruction", type="primary", icon=":material/arrow_forward:", key="continue",
                     disabled=stack is None or not can_be):
            layout.go("new_run")


def _new_notes(sections: Sections, known: Sequence[str]) -> None:
    """What reading the values added to the notes that are `known`."""
    told = tuple(note.removesuffix(".") for note in known)  # one can go on with the unit that the visitor gave
    _notes([note for note in sections.notes if not note.startswith(told)])
