"""Explorer: the tissue in 3D and cut at any angle; live in the browser, lit for print, or drawn by the server."""

from ui.explorer import page
from ui.open_run import header, niches

run, genes = header.header("Explorer", most_genes=3, also=niches.names)
page.show(run, genes, page.way_to_draw())
header.finish()
