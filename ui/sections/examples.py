"""The start page: what this is, its doors, and the example data sets."""

from __future__ import annotations

import streamlit as st

from isost_core import words as number
from isost_core.datasets.examples import EXAMPLES, Example, fetch_example
from isost_core.errors import InputError
from isost_core.readers.formats import FORMATS, all_in_words
from ui.jobs import my_runs, words
from ui.shell import layout, state, widgets, workspace

WHAT = ("For anyone with a stack of 2D spatial transcriptomics sections. Your sections are **measured**. Every gene "
        "between them is **predicted**, and you see how sure each prediction is. Explore the tissue in 3D, cut it at "
        "any angle and download the results.")
PICTURED = "merfish"
MEASURED = "**Measured**: the cells of 5 sections, 50 µm apart"
PREDICTED = "**Predicted**: the same genes everywhere between them"
GENES_SHOWN = "Three genes of the demo: Mbp (green), Gad1 (blue), Cbln1 (purple). Its depth is stretched six times."
NAMED = ("AnnData", "Visium", "Xenium", "MERSCOPE")  # of the formats; a tooltip has them all
ALL_FORMATS = f"{all_in_words()}."
UPLOAD_WORDS = (f"{', '.join(NAMED)} and {len(FORMATS) - len(NAMED)} more formats. Your files stay on this server. "
                "Only you see them. A run is seen by you, and by those to whom you give its link.")


def opening() -> None:
    """What this is, for whom, and the one thing to do first."""
    st.title("From sections to the tissue in 3D", anchor=False)
    st.markdown(WHAT)
    card = my_runs.card(workspace.DEMO) if my_runs.run_path(workspace.DEMO) else None
    if st.button("Open the demo", icon=":material/play_circle:", type="primary", key="open_demo",
                 disabled=card is None):
        state.open_afresh(workspace.DEMO)
        layout.go("explorer")
    st.caption(_demo_words(card))


def pictures() -> None:
    """What was measured for the demo, beside what is predicted from it."""
    example = EXAMPLES[PICTURED]
    measured, predicted = st.columns(2, gap="small")
    measured.image(layout.PICTURES / "pictures" / "measured.webp", width="stretch",
                   alt="Five thin sheets of dots above each other, coloured by three genes")
    measured.caption(MEASURED)
    predicted.image(layout.PICTURES / "pictures" / "predicted.webp", width="stretch",
                    alt="The same tissue as one solid block, with the three genes as surfaces that run through it")
    predicted.caption(PREDICTED)
    st.caption(f"{GENES_SHOWN} Data: {example.citation}.")


STEPS = {
    ":material/upload: Upload": "Give your sections as the instrument wrote them. You are asked only for what files "
                                "don't say.",
    ":material/rule: Check": "Sections that are turned, mirrored, out of order or damaged are found and lined up.",
    ":material/play_circle: Reconstruct": "The app learns from your sections and predicts every gene between them.",
    ":material/view_in_ar: Explore": "See genes, niches and gradients in 3D. Download cells, volumes and figures.",
}


def steps() -> None:
    """What a visitor will do, in the order of the menu."""
    st.header("How it works", anchor=False)
    for column, (title, text) in zip(st.columns(len(STEPS), gap="medium"), STEPS.items(), strict=True):
        column.markdown(f"**{title}**  \n{text}")


def doors() -> None:
    """Upload and example data, side by side."""
    upload, example = st.columns(2, gap="medium")
    with upload, layout.card("Your sections", UPLOAD_WORDS, ":material/upload:", key="door_upload"):
        if st.button("Upload sections", icon=":material/upload:", key="open_upload", help=ALL_FORMATS):
            layout.go("sections")
    with example, layout.card("Example data", _example_words(), ":material/dataset:", key="door_example"):
        if st.button("Example data", icon=":material/download:", key="open_example"):
            state.put(state.EXAMPLES, True)


def _example_words() -> str:
    """The public data sets by name."""
    names = [f"**{example.title.partition(':')[0].partition(',')[0]}**" for example in EXAMPLES.values()]
    return f"{number.both(names)}. Public sections, for you to reconstruct."


def _demo_words(card):
    if card is None:
        return "This server has no demo yet. Run `make app` to make it."
    if card.synthetic:
        return (f"A finished reconstruction of a **synthetic phantom**: {number.count(card.n_sections, 'section')} of "
                "an invented tissue.")
    return f"A finished reconstruction of real sections. {widgets.plain(card.name.removeprefix('Demo: '))}."


def offers() -> None:
    """The public data sets, each with what it is and the button that fetches it."""
    columns = [column for _ in range(0, len(EXAMPLES), 2) for column in st.columns(2, gap="medium")]
    for column, (name, example) in zip(columns, EXAMPLES.items(), strict=False):
        title, _, words = example.title.partition(": ")
        with column, layout.card(title, f"{words}.", key=f"example_{name}"):
            st.caption(f"{example.citation}. Licence: {example.licence}. {example.notice.removesuffix('.')}.")
            if st.button("Fetch these sections", icon=":material/download:", key=f"fetch_{name}"):
                _fetch(name, example)


def _fetch(name: str, example: Example) -> None:
    """Bring the files into a new stack, with the table filled in as the data set says."""
    from isost_core.readers import scan
    from ui.stack import uploads
    from ui.stack.table import as_rows

    try:
        with st.spinner("Fetching the sections"):
            paths = fetch_example(name)
            rows = as_rows(scan(paths, example.options), {})
    except InputError as error:
        widgets.error_box("The example can't be fetched now", [error])
        return
    folder = uploads.new()
    uploads.adopt(folder, paths)
    uploads.answer(folder, table=rows, example=example.title)
    state.put(state.TABLE, None)
    layout.go("sections")


def recent_runs() -> None:
    """The latest runs of this visitor, each with a button that leads to it."""
    cards = my_runs.my_runs()[:5]
    if not cards:
        return
    st.header("Your recent runs", anchor=False)
    for card in cards:
        name, size, when, action = st.columns([4, 4, 2, 2], vertical_alignment="center")
        badge = f":{words.STATE_COLOURS[card.state]}-badge[{words.STATE_WORDS[card.state]}]"
        name.markdown(f"**{widgets.plain(card.name)}** {badge}")
        size.markdown(f":gray[{number.count(card.n_sections, 'section')} · {number.count(card.n_cells, 'cell')} · "
                      f"{card.preset}]")
        when.markdown(f":gray[{words.when(card.created)}]")
        page, label = ("explorer", "Explore") if card.state == "done" else ("runs", "See")
        if action.button(label, key=f"recent_{card.id}", width="stretch"):
            layout.go(page, card.id)
