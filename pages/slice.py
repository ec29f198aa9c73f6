"""Virtual slice: a plane at any angle through the tissue, and the nearest measured section."""

from ui import explore, slice_view, widgets

run, (gene,) = explore.header("Virtual slice", "Cut the reconstructed tissue at any angle.")
with widgets.shows_input_errors("This slice can't be made"):
    plane = slice_view.controls(run, gene)
    slice_view.pictures(run, gene, plane, slice_view.look(run, gene))
explore.finish()
