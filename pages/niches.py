"""Niches: parts of the tissue with the same mixture of cells around them, in 3D."""

from ui.niches import finding
from ui.open_run import header
from ui.shell import layout, widgets

shown = header.header("Niches", most_genes=0)
panel, results = layout.columns([2, 9], 9, "niches", gap="medium")
with widgets.shows_input_errors("Niches can't be found"):
    with panel:
        job = finding.controls(shown.run)
    with results:
        finding.show(shown.run, job)
header.finish()
