"""Quality: whether the sections are fit for a reconstruction, and what to do where they are not."""

from ui import layout, prepared, quality, reading, widgets

layout.open_page("Quality", "Are these sections fit for a reconstruction, and what to do where they are not?")
folder = prepared.folder_or_stop("The check of quality")
with widgets.shows_input_errors("The sections can't be checked as they are"):
    with widgets.waiting("Reading the sections"):
        sections = reading.read_stack(folder)
    quality.show(folder, sections)
