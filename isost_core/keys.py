"""Names of the AnnData slots that the core reads and writes."""

SECTION = "section"  # obs: name of the section a cell was measured in
DEPTH = "depth"  # obs: position along the stacking axis, um
Z_UM = "z_um"  # obs: depth in the documented input layout, um
SPATIAL = "spatial"  # obsm: (n, 2) measured or (n, 3) virtual positions, um
ALIGNED = "spatial_aligned"  # obsm: (n, 2) positions after registration, um
ORIGINAL = "spatial_original"  # obsm: (n, 2) positions before registration, um
SPATIAL_3D = "spatial_3d"  # obsm: (n, 3) true positions of a phantom, um
OTHER_NAME = "other_name"  # var: another name of a gene, such as its Ensembl id; empty where there is none
VIRTUAL = "virtual"  # obs: True for cells made by the model
MEAN = "mean"  # layers: conditional mean expression, log1p
SD = "sd"  # layers: predictive standard deviation of one cell's value, log1p
LOG1P = "log1p"  # uns: base of the logarithm that X is, as scanpy writes it
UNS = "isost"  # uns: version, config, seed, input hashes, frame
ALIGNMENT = "alignment"  # uns: JSON of the registration
IMAGES = "images"  # uns: JSON of the histology images of sections (section_images)
PHANTOM = "phantom"  # uns: JSON description of a synthetic tissue
Y_DOWN = "y_down"  # uns: whether y goes downwards, as it does in images
NOUN = "noun"  # uns: what one measured place is: cell, spot, bead or bin
DROPPED_GENES = "dropped_genes"  # uns: number of genes that some file of the stack lacks
