"""isoST Studio: page settings and navigation."""

from pathlib import Path

import streamlit as st

from ui.jobs import notice

UI = Path(__file__).parent / "ui"
ABOUT = "isoST Studio: from a stack of measured sections to the 3D tissue. What lies between sections is predicted."

st.set_page_config(page_title="isoST Studio", page_icon=str(UI / "favicon.png"), layout="wide",
                   initial_sidebar_state=240, menu_items={"About": ABOUT})

page = st.navigation({
    "": [st.Page("pages/start.py", title="Start", icon=":material/home:", default=True)],
    "Data": [st.Page("pages/sections.py", title="Sections", icon=":material/layers:"),
             st.Page("pages/quality.py", title="Quality", icon=":material/rule:"),
             st.Page("pages/registration.py", title="Registration", icon=":material/join_inner:")],
    "Reconstruct": [st.Page("pages/new_run.py", title="New run", icon=":material/play_circle:"),
                    st.Page("pages/runs.py", title="Runs", icon=":material/checklist:"),
                    st.Page("pages/validate.py", title="Validate", icon=":material/fact_check:")],
    "Explore": [st.Page("pages/explorer.py", title="Explorer", icon=":material/view_in_ar:"),
                st.Page("pages/niches.py", title="Niches", icon=":material/hub:"),
                st.Page("pages/variable_genes.py", title="Genes in 3D", icon=":material/query_stats:"),
                st.Page("pages/gradients.py", title="Gradients", icon=":material/show_chart:"),
                st.Page("pages/export.py", title="Export", icon=":material/download:")],
    "More": [st.Page("pages/about.py", title="About", icon=":material/info:")],
}, expanded=True)
notice.watch(page.title)
page.run()
