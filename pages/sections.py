"""Sections: bring the measured sections in, see what was understood, fill in what is missing."""

import streamlit as st

from ui.sections import page, sections_table, upload
from ui.shell import layout, widgets
from ui.stack import uploads

layout.open_page("Sections", "Upload your sections. Check what was read from them, and add what they don't say.")
folder = uploads.current()
if folder is None or not uploads.files(folder):
    page.first_visit(folder)
    st.stop()

files = page.opened(folder)
upload.not_added()
upload.bad_files(folder, files.refused)
upload.replaced_files(folder)
if not files.alone:
    st.stop()
if files.together is None:
    widgets.error_box("These files don't go together", [files.conflict])
    st.stop()
page.understood(files.together, uploads.answers(folder).get("example", ""))
rows = sections_table.editable(folder, files, files.together)
page.strip_and_continue(folder, files, rows)
