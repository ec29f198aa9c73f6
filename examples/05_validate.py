"""How far can the reconstruction be trusted?

One section is left out of everything and predicted from the others, by the reconstruction and by every simple method.
The report says which came closer to what was measured, gene by gene; open report.html in a browser.

    python examples/05_validate.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import isost_core as isost
from isost_core.reports.validation_page import headline, write_report
from isost_core.validation.hold_out import validate

out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
phantom, _ = isost.make_phantom("brain", 5, 50.0, n_cells=300, n_genes=12)
quick = isost.Config.of_preset("fast", train_steps=20, masked_cells=100)

report = validate(isost.Sections.from_anndata(phantom), ["S03"], quick)
write_report(report, out / "report")
said = headline(report)
ours, simple, bin_um = said["reconstruction"], said["best_simple"], round(said["grid_um"][1])
print(f"Correlation in bins of {bin_um} µm: {ours[f'pcc_{bin_um}']:.2f}, best simple method ({simple['method']}) "
      f"{simple[f'pcc_{bin_um}']:.2f}. Look in {out}")
