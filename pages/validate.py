"""Validate: measured sections held out, predicted, compared; how far each gene can be trusted."""

from ui import state, validate_report, validate_start, widgets

run = validate_start.header()
with widgets.shows_input_errors("This run can't be validated"):
    validate_start.panel(run)
validate_report.show(run)
state.publish_link()
