"""New run: settings of a reconstruction, and its start."""

import streamlit as st

from ui.quality import summary
from ui.runs import new_run
from ui.shell import layout, widgets
from ui.stack import reading, ready

layout.open_page("New run", "Reconstruct the tissue in 3D from your sections.")
folder = ready.folder_or_stop("A reconstruction")
with widgets.shows_input_errors("The sections can't be reconstructed as they are"):
    with widgets.waiting("Reading the sections"):
        stack = reading.prepare(folder)
    settings, facts = st.columns([3, 2], gap="medium")
    with settings:
        asked = new_run.form(stack.sections, folder)
    with facts, st.container(border=True):
        planned = new_run.summary(stack, asked)
        findings = st.empty()
        new_run.start_button(planned, asked, folder)
    summary.line(findings, stack)
