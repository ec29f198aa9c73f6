"""Genes in 3D: which genes have a pattern through the tissue, by Moran's I."""

from ui import variable_genes, widgets
from ui.open_run import header

run, _ = header.header("Genes in 3D", most_genes=0)
with widgets.shows_input_errors("Genes can't be ranked"):
    variable_genes.show(run)
header.finish()
