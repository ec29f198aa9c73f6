"""Public data sets, fetched once with pinned checksums."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from isost_core.datasets import published
from isost_core.errors import InputError
from isost_core.files import sha256
from isost_core.readers import ReadOptions

if TYPE_CHECKING:
    from anndata import AnnData

DATA_DIR = "ISOST_DATA_DIR"  # environment variable: a folder whose `originals` has copies of the published files
CONVERTED = {"bdtnp": "bdtnp_drosophila_embryo.h5ad", "bulb": "mouse_olfactory_bulb.h5ad",
             "synovium": "human_synovium.h5ad"}  # names of the files that are made of what was published
_SPATIALZ = "https://raw.githubusercontent.com/senlin-lin/SpatialZ/e1b5ed01e933729149e08399febca08db16ced14/"
_NOVOSPARC = "https://raw.githubusercontent.com/rajewsky-lab/novosparc/a3c9f3d76e59c7a601cfcd0e211630e2458d79a3/"
_STUTILITY = "https://raw.githubusercontent.com/jbergenstrahle/STUtility/9a8f421499e58b13340ee386db07b0eba923c88c/"
_3DST = "https://raw.githubusercontent.com/klarman-cell-observatory/3dst/4387682b4af60d1529a87543fe83e84aeb7d9942/"


@dataclass(frozen=True)
class Example:
    """A public data set.

    Attributes
    ----------
    licence, notice : under which it was published, and the copyright notice that goes with it
    url, files : where the files lie, and the SHA-256 of each by its path there
    options : how to read what is fetched
    convert : makes cells of the files, {name: path}, where no reader reads these; None where one does
    """

    title: str
    citation: str
    licence: str
    notice: str
    url: str
    files: dict[str, str]
    options: ReadOptions
    convert: Callable[[Mapping[str, Path]], AnnData] | None = None

    @property
    def n_files(self) -> int:
        return len(self.files)


EXAMPLES = {
    "merfish": Example(
        title="Mouse hypothalamus, preoptic region: 5 MERFISH sections 50 µm apart, 28,317 cells, 155 genes",
        citation="Moffitt et al. 2018, Science, doi:10.1126/science.aau5324; as published with SpatialZ",
        licence="MIT (repository of SpatialZ)",
        notice="Copyright (c) 2024 senlin-lin",
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
        notice="Copyright (c) 2019, Nikos Karaiskos, Mor Nitzan, Nir Friedman, Nikolaus Rajewsky. All rights reserved.",
        url=_NOVOSPARC + "novosparc/datasets/bdtnp/",
        files={
            "dge.txt": "54f92f3e20e392f23b39b87d5b8d19a2158fed761f1ce7a0a5b7fb4ec176d388",
            "geometry.txt": "7db4e560581020bf647df915d39941f8ec3d472c351883aeff836d7aa6069762",
        },
        options=ReadOptions(),
        convert=published.embryo,
    ),
    "bulb": Example(
        title="Mouse olfactory bulb: 4 sections with their H&E pictures, 1,627 spots, 1,000 genes, not lined up. Their "
              "depth was not published, so 20 µm apart is assumed",
        citation="Bergenstråhle et al. 2020, BMC Genomics, doi:10.1186/s12864-020-06832-3; as published with STUtility",
        licence="MIT (repository of STUtility)",
        notice="Copyright (c) 2019 Joseph Bergsntråhle",
        url=_STUTILITY + "inst/extdata/",
        files={
            "counts/MOB1.tsv": "82c0691f800355369fd8a72ff44ba1e3112d4e44a790f490a9fa267876a9352e",
            "counts/alignment_table_MOB1.tsv": "91ade06cf93bc0b3cd728846c34e310a8365200d1ad33498e6a0eb6951a92164",
            "counts/MOB1.jpg": "c1c292187221bab077ac1b15e95cf665db35684c98d6193af56d2e8b7772fe20",
            "counts/MOB2.tsv": "449dcc351ede5c63f9afe313479dbb830ba32c6e86b56b258276304102d1f7e9",
            "counts/alignment_table_MOB2.tsv": "6d86b226386b0a08f825b3bff4b5c359f00fd52d3f53d77db0376b0f7e0ec30d",
            "counts/MOB2.jpg": "1079fe52f600ec212a6a59cef76b8697fcd776d0cdb10461ad3bb738eaa5c0b6",
            "counts/MOB3.tsv": "f0b9601a10d627d372c412cad4a4dde2a1dee9f2433e51f07ca26d534be015ea",
            "counts/alignment_table_MOB3.tsv": "da0ce26ad12b94b6d0784ddc1c0c76e998d3bbd2579bad6aa8c4ac2c4f7f2e33",
            "counts/MOB3.jpg": "0ac2c820ca6614e3ebc7fef3004a85c4623093b10741858e5c5328d7310606ca",
            "counts/MOB4.tsv": "bc782caf3e990468d579715139db4e9c1f682b7c625978f1073720458f98a509",
            "counts/alignment_table_MOB4.tsv": "243fa0518132fbc750cbf05ae17946d66c94be32b48803b27c70fde3d76fd5ff",
            "counts/MOB4.jpg": "c45a4f559fb560e8b0224085c9a9ed2bf20e17a1128a7e2c1c36050b173acc0b",
            "mouse_genes.tsv.gz": "914e92c5d3f57770ed89a1db9ba64a95dfcbe2f0592027551eaa3e05b47495d9",
        },
        options=ReadOptions(),
        convert=published.bulb,
    ),
    "synovium": Example(
        title="Human synovium, rheumatoid arthritis: 7 sections, 2,352 spots, 14,460 genes, not lined up. Their depth "
              "was not published, so 20 µm apart is assumed",
        citation="Vickovic et al. 2022, Communications Biology, doi:10.1038/s42003-022-03050-3; as published with 3dst",
        licence="BSD-3-Clause (repository of 3dst)",
        notice="Copyright (c) 2019, 3dst. All rights reserved.",
        url=_3DST,
        files={
            "app/data/RA_2/RA2_norm.exp.values.1": "14369796853a4e3b1398d445651cef256c871bc0036aafc734c11fbbb4609683",
            "data/RA2_1_annotations.txt": "d1eb02eba591b15fd2fd721b391c1b7e3cd86dc71b417a3ac05d5bbc1bb23623",
            "app/data/RA_2/RA2_norm.exp.values.2": "bdcd4e454844a9c2c923716043d40561135e25e17ccd95b91c992d148ae29118",
            "data/RA2_2_annotations.txt": "bd478458e1765c6fdab4c0760bfef1891c68c82a3eca93bdf03f56864d6d1976",
            "app/data/RA_2/RA2_norm.exp.values.3": "e8dc13510ed7c266900d9bb07080c1dfc08162501155bd6308abbabcf1e30f6a",
            "data/RA2_3_annotations.txt": "37720d9b2f4df298228f9b8c38570911461c078e322c00be63fe3a9f59d8d4a5",
            "app/data/RA_2/RA2_norm.exp.values.4": "a58f70f8c95046143f380fdc77f13fa53e78670f28c642838cc8b43851870d98",
            "data/RA2_4_annotations.txt": "fb930c9332533252a710a64e276714a986256181f70ebd678885715f8cdb3bbf",
            "app/data/RA_2/RA2_norm.exp.values.5": "4e55b0b0df124d6600cb4f6dfea5c27fadbdc581a5df3078cce2fc2405568612",
            "data/RA2_5_annotations.txt": "b6ebbdaa88bc098c80b82fcd89c37ef095a07704e244614a24f7af568eff950d",
            "app/data/RA_2/RA2_norm.exp.values.6": "a259e053f0283b34400a06289282465695851431c6bfcf8c7afe566c43faed5f",
            "data/RA2_6_annotations.txt": "0c9b5d90e7706f7c678256010626a9aa47a580c01817b2df97081bc22dd68acd",
            "app/data/RA_2/RA2_norm.exp.values.7": "2291b041840fb0cf7445e8f000f2c581e0321416b0a79abfa9a5ebd07925ac50",
            "data/RA2_7_annotations.txt": "9e0aa7ec949f93327159d7d5b89721d199c77322cfbb18cabbbcbe2be77346a7",
        },
        options=ReadOptions(),
        convert=published.synovium,
    ),
}


def fetch_example(name: str, mirror: str | Path | None = None) -> list[Path]:
    """Files of an example, ready for `read_sections(paths, EXAMPLES[name].options)`.

    Files of the mirror (`mirror`, else `originals` in ISOST_DATA_DIR) are used where their SHA-256 is right; the others
    are downloaded once to the cache folder of this user.
    """
    if name not in EXAMPLES:
        raise InputError(f"Example '{name}' is not known. Choose one of {', '.join(EXAMPLES)}.")
    example, folder = EXAMPLES[name], _mirror(mirror)
    paths = {Path(file).name: _fetch(example, file, folder) for file in example.files}
    return list(paths.values()) if example.convert is None else [_converted(name, example.convert, paths)]


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

    name, known, address = Path(file).name, example.files[file], example.url + file
    if mirror is not None and (mirror / name).is_file() and sha256(mirror / name) == known:
        return mirror / name
    try:
        return Path(pooch.retrieve(address, f"sha256:{known}", fname=name, path=_cache()))
    except OSError as error:  # no network, address gone, disk full
        raise InputError(f"{address} could not be downloaded ({error.__class__.__name__}). Check your network and try "
                         f"again. You can also put the file into a folder 'originals' and set {DATA_DIR} to the folder "
                         "that contains it.") from error
    except ValueError as error:  # pooch: another checksum
        raise InputError(f"{address} is not the file that was published, because its SHA-256 is different. Try again. "
                         "If that does not help, something in your network changes the download.") from error


def _converted(name: str, convert: Callable[[Mapping[str, Path]], AnnData], paths: Mapping[str, Path]) -> Path:
    """The cells as h5ad in the cache folder; written beside and renamed, so that it is there whole or not at all."""
    path = _cache() / CONVERTED[name]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}-{os.getpid()}.part")
        convert(paths).write_h5ad(part, compression="lzf")
        os.replace(part, path)
    return path
