"""A gene as a volume, and a cut through it at an angle.

The volume opens in ParaView or 3D Slicer, the slice in any program for pictures. Both also hold the standard
deviation of each value and the share of the gene's pattern that the sections fix there.

    python examples/02_volume_and_slice.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import isost_core as isost
from isost_core.export.volumes import write_slice, write_volume

out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
phantom, _ = isost.make_phantom("brain", 5, 50.0, n_cells=300, n_genes=12)
quick = isost.Config.of_preset("fast", train_steps=20, masked_cells=100)
folder = isost.create_run(out / "run", isost.Sections.from_anndata(phantom), quick)
run = isost.load_run(isost.execute(folder))

volume = isost.make_volume(run, ["Mbp", "Gad1"], spacing_um=20.0)
write_volume(volume, out / "white_matter.vti")
cut = isost.oblique(run, "Mbp", centre=(0, 0, 100), azimuth=0, tilt=40, size_um=500)
write_slice(cut, out / "white_matter_cut.png")
print(f"{int(volume.mask.sum())} voxels of 20 µm and a slice of {int(cut.mask.sum())} pixels. Look in {out}")
