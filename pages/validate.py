"""Validate: measured sections held out, predicted, compared; how far each gene can be trusted."""

from ui.shell import state, widgets
from ui.validation import report, start

run = start.header()
with widgets.shows_input_errors("This run can't be validated"):
    start.panel(run)
report.show(run)
state.publish_link()
