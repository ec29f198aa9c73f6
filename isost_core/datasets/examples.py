"""Two public data sets, fetched once with pinned checksums: one stack of sections, one tissue with known 3D."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core import keys
from isost_core.errors import InputError
from isost_core.files import sha256
from isost_core.readers import ReadOptions

if TYPE_CHECKING:
    from anndata import AnnData

DATA_DIR = "ISOST_DATA_DIR"  # environment variable: a folder whose `originals` has copies of the published files
SLAB_UM = 20.0  # nuclei of the embryo within this depth make one section
_SPATIALZ = "https://raw.githubusercontent.com/senlin-lin/SpatialZ/e1b5ed01e933729149e08399febca08db16ced14/"
_NOVOSPARC = "https://raw.githubusercontent.com/rajewsky-lab/novosparc/a3c9f3d76e59c7a601cfcd0e211630e2458d79a3/"


@dataclass(frozen=True)
class Example:
    """A public data set: `files` maps each file name to its SHA-256; `options` is how to read what is fetched."""

    title: str
    citation: str
    licence: str
    url: str
    files: dict[str, str]
    options: ReadOptions

    @property
    def n_files(self) -> int:
        return len(self.files)


EXAMPLES = {
    "merfish": Example(
        title="Mouse hypothalamus, preoptic region: 5 MERFISH sections 50 µm apart, 28,317 cells, 155 genes",
        citation="Moffitt et al. 2018, Science, doi:10.1126/science.aau5324; as published with SpatialZ",
        licence="MIT (repository of SpatialZ)",
        url=_SPATIALZ + "data/merfish/",
        files={
            "merfish_4_paste.h5ad": "1b40d0f40171aac452457e6f381333c101bf9c18954d5c3aaf34731cd5dd42e2",
            "merfish_9_paste.h5ad": "9ba9b5845bd2371d7cbf055e43d60d37fb9b1ec9c8acc8f4b023b2053b421dcd",
            "merfish_14_paste.h5ad": "0ce4620610bb4f0a252cb36d0ae0d5ac358a04245b5db5fb08e96926ff3e26dc",
            "merfish_19_paste.h5ad": "d8cb38290a669a06caca66b5b45148c10e811419f6c05f9ec4a99efb0ca74c8f",
            "merfish_24_paste.h5ad": "2b1e0a0ade8a8d157115f272b8d99166381cb7c9c380877194434b3897417625",
        },
        options=ReadOptions(depths=(0.0, 50.0, 100.0, 150.0, 200.0), um_per_unit=1.0),
    ),
    "bdtnp": Example(
        title="Drosophila embryo: 3,039 nuclei with their 3D position, 84 genes, cut into 20 slabs of 20 µm",
        citation="Fowlkes et al. 2008, Cell, doi:10.1016/j.cell.2008.01.053; as published with novoSpaRc",
        licence="BSD-3-Clause (repository of novoSpaRc)",
        url=_NOVOSPARC + "novosparc/datasets/bdtnp/",
        files={
            "dge.txt": "54f92f3e20e392f23b39b87d5b8d19a2158fed761f1ce7a0a5b7fb4ec176d388",
            "geometry.txt": "7db4e560581020bf647df915d39941f8ec3d472c351883aeff836d7aa6069762",
        },
        options=ReadOptions(),
    ),
}


def fetch_example(name: str, mirror: str | Path | None = None) -> list[Path]:
    """Files of an example, ready for `read_sections(paths, EXAMPLES[name].options)`.

    Files of the mirror (`mirror`, else `originals` in ISOST_DATA_DIR) are used where their SHA-256 is right; the others
    are downloaded once to the cache folder of this user.
    """
    if name not in EXAMPLES:
        raise InputError(f"Example '{name}' is not known. Choose one of {', '.join(EXAMPLES)}.")
    paths = {file: _fetch(EXAMPLES[name], file, _mirror(mirror)) for file in EXAMPLES[name].files}
    return [_converted(paths["dge.txt"], paths["geometry.txt"])] if name == "bdtnp" else list(paths.values())


def bdtnp_to_anndata(dge: str | Path, geometry: str | Path) -> AnnData:
    """The embryo in the documented layout: x of the published geometry is depth, y and z the section's plane.

    Rows of `geometry` beyond those of `dge` are the mirrored half of the embryo, which was not measured.
    """
    import anndata
    import pandas as pd

    values = pd.read_csv(dge, sep="\t")
    place = pd.read_csv(geometry, sep=r"\s+").to_numpy(dtype=np.float64)[:len(values)]
    slab = np.floor((place[:, 0] - place[:, 0].min()) / SLAB_UM).astype(int)
    index = pd.Index([f"nuc{i}" for i in range(len(values))])
    obs = pd.DataFrame({keys.Z_UM: place[:, 0], keys.SECTION: pd.Categorical([f"AP{k:02d}" for k in slab])}, index)
    var = pd.DataFrame(index=pd.Index(values.columns.astype(str)))
    obsm: Any = {keys.SPATIAL: place[:, 1:].copy(), keys.SPATIAL_3D: place[:, [1, 2, 0]]}
    return anndata.AnnData(values.to_numpy(dtype=np.float32), obs=obs, var=var, obsm=obsm)


def _mirror(folder: str | Path | None) -> Path | None:
    """Folder with copies of the published files, or None."""
    if folder is None and os.environ.get(DATA_DIR):
        folder = Path(os.environ[DATA_DIR]) / "originals"
    return Path(folder) if folder is not None and Path(folder).is_dir() else None


def _cache() -> Path:
    import pooch

    return Path(pooch.os_cache("isost-studio"))


def _fetch(example: Example, file: str, mirror: Path | None) -> Path:
    import pooch

    if mirror is not None and (mirror / file).is_file() and sha256(mirror / file) == example.files[file]:
        return mirror / file
    address = example.url + file
    try:
        return Path(pooch.retrieve(address, "sha256:" + example.files[file], fname=file, path=_cache()))
    except OSError as error:  # no network, address gone, disk full
        raise InputError(f"{address} could not be downloaded ({error.__class__.__name__}). Check your network and try "
                         f"again. You can also put the file into a folder 'originals' and set {DATA_DIR} to the folder "
                         "that contains it.") from error
    except ValueError as error:  # pooch: another checksum
        raise InputError(f"{address} is not the file that was published, because its SHA-256 is different. Try again. "
                         "If that does not help, something in your network changes the download.") from error


def _converted(dge: Path, geometry: Path) -> Path:
    """The embryo as h5ad in the cache folder; written beside and renamed, so that it is there whole or not at all."""
    path = _cache() / "bdtnp_drosophila_embryo.h5ad"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}-{os.getpid()}.part")
        bdtnp_to_anndata(dge, geometry).write_h5ad(part)
        os.replace(part, path)
    return path
