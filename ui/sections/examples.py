"""The three doors of the start page, and the example data sets."""

from __future__ import annotations

import streamlit as st

from isost_core.datasets.examples import EXAMPLES, Example, fetch_example
from isost_core.errors import InputError
from isost_core.readers.formats import all_in_words
from ui.jobs import my_runs, words
from ui.shell import layout, state, widgets, workspace

EXAMPLE_WORDS = "Public data sets of real sections, for you to reconstruct."
UPLOAD_WORDS = f"{all_in_words()}. Your files stay on this server, and only you see them."


def doors() -> None:
    """Demo, example data, upload: side by side."""
    demo, example, upload = st.columns(3, gap="medium")
    with demo:
        demo_door()
    with example, layout.card("Example data", EXAMPLE_WORDS, ":material/dataset:", key="door_example"):
        if st.button("Example data", icon=":material/download:", key="open_example", width="stretch"):
            state.put(state.EXAMPLES, True)
    with upload, layout.card("Your sections", UPLOAD_WORDS, ":material/upload:", key="door_upload"):
        if st.button("Upload sections", icon=":material/upload:", key="open_upload", width="stretch"):
            layout.go("sections")


def demo_door() -> None:
    """A finished reconstruction, made when the app was set up."""
    card = my_runs.card(workspace.DEMO) if my_runs.run_path(workspace.DEMO) else None
    with layout.card("Demo", _demo_words(card), ":material/deployed_code:", key="door_demo"):
        if st.button("Open the demo", icon=":material/play_circle:", type="primary", key="open_demo", width="stretch",
                     disabled=card is None):
            layout.go("explorer", workspace.DEMO)


def _demo_words(card):
    if card is None:
        return "This server has no demo yet. Run `make app` to make it."
    if card.synthetic:
        return (f"A finished reconstruction of a **synthetic phantom**: {widgets.count(card.n_sections, 'section')} of "
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
    st.subheader("Your recent runs", anchor=False)
    for card in cards:
        name, size, when, action = st.columns([4, 4, 2, 2], vertical_alignment="center")
        badge = f":{words.STATE_COLOURS[card.state]}-badge[{words.STATE_WORDS[card.state]}]"
        name.markdown(f"**{widgets.plain(card.name)}** {badge}")
        size.markdown(f":gray[{widgets.count(card.n_sections, 'section')} · {widgets.count(card.n_cells, 'cell')} · "
                      f"{card.preset}]")
        when.markdown(f":gray[{words.when(card.created)}]")
        page, label = ("explorer", "Explore") if card.state == "done" else ("runs", "See")
        if action.button(label, key=f"recent_{card.id}", width="stretch"):
            layout.go(page, card.id)
