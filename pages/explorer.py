"""Explorer: the tissue in 3D and cut at any angle; live in the browser, lit for print, or drawn by the server."""

from ui.explorer import live_view
from ui.open_run import header, kept_niches

run, genes = header.header("Explorer", most_genes=3, also=kept_niches.names)
live_view.show(run, genes, live_view.way_to_draw())
header.finish()
