"""Explorer: the tissue in 3D and cut at any angle; live in the browser, lit for print, or drawn by the server."""

from ui import explore, explorer_page

run, genes = explore.header("Explorer", most_genes=3)
explorer_page.show(run, genes, explorer_page.way_to_draw())
explore.finish()
