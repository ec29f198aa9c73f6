"""One zip with a run's results: what was chosen, a README that says what each file is, provenance and citation."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from isost_core import __version__
from isost_core.export.surfaces import surface_of, write_surfaces
from isost_core.export.volumes import write_volume
from isost_core.reconstruction.virtual_cells import virtual_tissue
from isost_core.reconstruction.volume import make_volume
from isost_core.validation.trust import gene_trust, trust_table, with_trust

if TYPE_CHECKING:
    from isost_core.runs.run import Run

CITATION = """@article{isoST2025,
  title   = {Three-dimensional spatial transcriptomics at isotropic resolution enabled by generative deep learning},
  journal = {bioRxiv},
  year    = {2025},
  doi     = {10.1101/2025.08.15.670472}
}
"""
HEAD = """{name}

Made by isoST Studio {version}. Everything between the measured sections is PREDICTED, not measured. Expression is
log1p. Axes are x and y (in the plane of the sections) and {axis} (along the stack). Lengths are in µm unless a file
says otherwise. Sections: {sections}; {axis}s {depths} {unit}. {synthetic}

"""
PARTS = {  # name: (file, what it is)
    "tissue": ("virtual_tissue.h5ad", "virtual cells of the whole tissue (predicted): X sampled expression, layers "
               "mean and sd, obsm['spatial'] x, y, depth in µm; opens in scanpy and squidpy"),
    "measured": ("measured_cells.h5ad", "the measured cells the run was trained on"),
    "volume": ("volume.vti", "genes on a regular grid (predicted): mean, sd, resolved share, tissue mask; for "
                             "ParaView"),
    "image": ("volume.ome.zarr.zip", "the same means as OME-Zarr 0.4, several levels of detail, axes c, z, y, x in µm; "
              "unpack it for napari and others"),
    "surfaces": ("surfaces.glb", "surfaces of the genes (predicted), in metres as glTF requires"),
    "polygons": ("surfaces.vtp", "the same in µm with the resolved share, for ParaView"),
}
OTHERS = {"config.json": "settings, seed, versions and checksums of the input: all you need to repeat this run",
          "trust.csv": "how far to trust the prediction of each gene",
          "CITATION.bib": "what to cite; please cite your data as well"}


def write_bundle(run: Run, path: str | Path, genes: Sequence[str], parts: Sequence[str] = tuple(PARTS),
                 spacing_um: float | None = None, on_step: Callable[[str, float], object] | None = None) -> None:
    """Write a zip of a run; each file is made in a folder beside it and packed from there.

    Parameters
    ----------
    genes : of the volumes and surfaces
    parts : keys of PARTS; on_step : called with (what, finished fraction)
    """
    axis = run.sections.axis
    tell = on_step or (lambda what, fraction: None)
    lines = [HEAD.format(name=run.name, version=__version__, sections=", ".join(run.sections.names), axis=axis.name,
                         depths=", ".join(f"{d:g}" for d in run.sections.depths), unit=axis.unit,
                         synthetic="This is a synthetic phantom." if run.synthetic else "")]
    with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder, zipfile.ZipFile(
            path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for number, part in enumerate(parts):
            file, words = PARTS[part]
            tell(words.partition(":")[0], number / len(parts))
            made = Path(folder) / file
            _write(part, run, genes, spacing_um, made)
            stored = zipfile.ZIP_STORED if made.suffix == ".zip" else None
            packed.write(made, file, stored)
            made.unlink()
            lines.append(f"{file}\n    {words}\n")
        packed.writestr("config.json", json.dumps(run.about, indent=1))
        packed.writestr("trust.csv", trust_table(run.genes, gene_trust(run.path)).to_csv(index_label="gene"))
        packed.writestr("CITATION.bib", CITATION)
        lines += [f"{file}\n    {words}\n" for file, words in OTHERS.items()]
        lines.append(f"\nGenes of the volumes and surfaces: {', '.join(genes)}.\n")
        packed.writestr("README.txt", "".join(lines))


def _write(part: str, run: Run, genes: Sequence[str], spacing_um: float | None, path: Path) -> None:
    if part == "tissue":
        with_trust(virtual_tissue(run), run.path).write_h5ad(path)
    elif part == "measured":
        run.sections.cells.write_h5ad(path)
    elif part in ("volume", "image"):
        write_volume(make_volume(run, genes, spacing_um), path)
    else:
        write_surfaces([surface_of(run, gene) for gene in genes], path)
