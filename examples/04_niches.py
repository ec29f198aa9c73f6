"""Parts of the tissue with the same mixture of cells around them.

Niches are found in 3D, from expression alone. The phantom knows which part of the brain each cell lies in, so the
niches can be compared with the truth: the adjusted Rand index is 1 where they agree and 0 where only chance does.

    python examples/04_niches.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

from sklearn.metrics import adjusted_rand_score

import isost_core as isost

out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
phantom, _ = isost.make_phantom("brain", 5, 50.0, n_cells=300, n_genes=12)
quick = isost.Config.of_preset("fast", train_steps=20, masked_cells=100)
folder = isost.create_run(out / "run", isost.Sections.from_anndata(phantom), quick)
run = isost.load_run(isost.execute(folder))

niches = isost.find_niches(run, number=6, reach_um=40.0)
cells = run.sections.cells.copy()
cells.obs["niche"] = [niches.names[k] for k in niches.measured]
cells.write_h5ad(out / "cells_with_niches.h5ad")
agreement = adjusted_rand_score(cells.obs["region"], cells.obs["niche"])
print(f"{len(niches.names)} niches agree with the true parts by {agreement:.2f} (chance is 0). Look in {out}")
