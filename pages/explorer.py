"""Explorer: the tissue in 3D and cut at any angle; live in the browser, lit for print, or drawn by the server."""

from ui import explore, explorer_page, niches_data

run, genes = explore.header("Explorer", most_genes=3, also=niches_data.names)
explorer_page.show(run, genes, explorer_page.way_to_draw())
explore.finish()
