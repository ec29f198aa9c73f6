"""Genes in 3D: which genes have a pattern through the tissue, by Moran's I."""

from ui import explore, variable_genes, widgets

run, _ = explore.header("Genes in 3D", most_genes=0)
with widgets.shows_input_errors("Genes can't be ranked"):
    variable_genes.show(run)
explore.finish()
