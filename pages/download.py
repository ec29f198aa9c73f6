"""Download: virtual cells, volumes and settings of a run."""

import streamlit as st

from ui import explore, exports

run, _ = explore.header("Download", "Take the reconstruction with you. What is between sections is predicted.")
first, second = st.columns(2, gap="medium")
with first:
    exports.virtual_section(run)
    exports.volume(run)
with second:
    exports.virtual_tissue(run)
    exports.settings(run)
explore.finish()
