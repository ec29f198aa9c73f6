"""Genes in 3D: which genes have a pattern through the tissue, by Moran's I."""

from ui.gradients import spatial_genes
from ui.open_run import header
from ui.shell import widgets

shown = header.header("Genes in 3D", most_genes=0)
with widgets.shows_input_errors("Genes can't be ranked"):
    spatial_genes.show(shown.run)
header.finish()
