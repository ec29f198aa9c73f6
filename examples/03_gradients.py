"""Which genes rise or fall with the distance from a place?

A synthetic ball, of which some genes follow the distance from its centre and others do not. All genes are ranked by
their gradient around the centre; the q values take into account that neighbouring cells are alike. Then the strongest
gene is written against the distance, as predicted and as measured.

    python examples/03_gradients.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import isost_core as isost

out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
phantom, _ = isost.make_phantom("ball", 5, 50.0, n_cells=300, n_genes=12)
quick = isost.Config.of_preset("fast", train_steps=20, masked_cells=100)
folder = isost.create_run(out / "run", isost.Sections.from_anndata(phantom), quick)
run = isost.load_run(isost.execute(folder))

centre = (0.0, 0.0, 100.0)  # x, y and depth in µm
ranking = isost.rank_genes(run, isost.Focus("spherical", centre))
ranking.to_csv(out / "ranking.csv", index=False)
strongest = ranking["gene"].iloc[0]
isost.profile(run, [strongest], "spherical", centre).to_csv(out / "profile.csv", index=False)
found = ", ".join(ranking["gene"][ranking["q"] < 0.05])
print(f"Genes with a gradient around the centre: {found or 'none'}. Look in {out}")
