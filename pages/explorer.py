"""Explorer: the tissue in 3D and cut at any angle, drawn in the browser."""

from ui import explore, explorer_page

run, genes = explore.header("Explorer", most_genes=3)
explorer_page.show(run, genes)
explore.finish()
