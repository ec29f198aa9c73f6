"""Explorer: the tissue in 3D and cut at any angle, drawn in the browser while the visitor drags."""

from ui.explorer import live_view, take_away
from ui.open_run import header

shown = header.header("Explorer", most_genes=3, with_niches=True, download=take_away.show)
live_view.show(shown)
header.finish()
