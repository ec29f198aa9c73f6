"""About: the method in plain words, its limits, citation, versions, licence."""

import streamlit as st

from ui.shell import about, layout

layout.open_page("About", "What isoST Studio does, how far to trust it, and how to cite it.")
method, facts = st.columns([3, 2], gap="large")
with method:
    about.method()
    about.limits()
with facts:
    about.citation()
    about.versions()
    about.licence()
