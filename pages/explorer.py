"""Explorer: the tissue in 3D and cut at any angle; live in the browser, lit for print, or drawn by the server."""

from ui.explorer import ways_to_draw
from ui.open_run import header

shown = header.header("Explorer", most_genes=3, with_niches=True)
ways_to_draw.show(shown, ways_to_draw.way_to_draw())
header.finish()
