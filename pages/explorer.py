"""Explorer: the tissue in 3D and cut at any angle; live in the browser, lit for print, or drawn by the server."""

from ui import explorer_page
from ui.open_run import header, niches

run, genes = header.header("Explorer", most_genes=3, also=niches.names)
explorer_page.show(run, genes, explorer_page.way_to_draw())
header.finish()
