"""From a file of sections to a section that nobody cut.

Five sections of a synthetic brain, 50 µm apart, are written to a file and read as your own would be. The tissue is
reconstructed, and a virtual section is taken halfway between the second and the third.

    python examples/01_reconstruct.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import isost_core as isost

out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
phantom, _ = isost.make_phantom("brain", 5, 50.0, n_cells=300, n_genes=12)
phantom.write_h5ad(out / "stack.h5ad")

sections = isost.read_sections(out / "stack.h5ad")
quick = isost.Config.of_preset("fast", train_steps=20, masked_cells=100)  # leave the two settings out for real tissue
run = isost.load_run(isost.execute(isost.create_run(out / "run", sections, quick)))

cells = isost.virtual_section(run, depth=75.0)
cells.write_h5ad(out / "section_at_75_um.h5ad")
print(f"{cells.n_obs} virtual cells with {cells.n_vars} genes at 75 µm: predicted, not measured. Look in {out}")
