"""Registration: neighbouring sections brought over each other, automatically and by hand."""

import streamlit as st

from ui.registration import automatic, by_hand, in_use
from ui.shell import layout, widgets
from ui.stack import reading, ready, way_on

layout.open_page("Registration", "Line up neighbouring sections automatically. Then correct them by hand if needed.")
folder = ready.folder_or_stop("Registration")
with widgets.shows_input_errors("The sections can't be registered as they are"):
    with widgets.waiting("Reading the sections"):
        stack = reading.prepare(folder, registered=False)
    automatic.automatic(stack)
    automatic.agreement_line(stack)
    way_on.fill(way_on.place(), in_use.in_words(stack), way_on.NEW_RUN)
    st.fragment(by_hand.by_hand)(stack)
    automatic.tables(stack)
