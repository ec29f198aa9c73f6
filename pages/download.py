"""Download: virtual cells, volumes and settings of a run."""

import streamlit as st

from ui import explore, exports

run, _ = explore.header("Download")
st.markdown(":gray[Take the reconstruction with you. Everything between the measured sections is predicted.]")
for first, second in ((exports.virtual_section, exports.virtual_tissue), (exports.volume, exports.settings)):
    left, right = st.columns(2, gap="medium")
    with left:
        first(run)
    with right:
        second(run)
explore.finish()
