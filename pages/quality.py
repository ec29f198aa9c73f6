"""Quality: whether the sections are fit for a reconstruction, and what to do where they are not."""

from ui.quality import page
from ui.shell import layout, widgets
from ui.stack import reading, ready, way_on

layout.open_page("Quality", "Check whether your sections are good enough for a reconstruction, and what to improve.")
folder = ready.folder_or_stop("The quality check")
with widgets.shows_input_errors("The sections can't be checked as they are"):
    with widgets.waiting("Reading the sections"):
        stack = reading.prepare(folder)
    way_on.fill(way_on.place(), "Next, line up neighbouring sections.", way_on.REGISTRATION, past=way_on.NEW_RUN)
    page.show(stack)
