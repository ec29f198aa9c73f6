"""Names of files and folders as they lie on disks: what a section is called, and what only a system put there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

DATA_ENDINGS = (".h5ad", ".h5", ".hdf5", ".csv", ".tsv", ".txt", ".gem", ".parquet", ".mtx", ".json", ".pt", ".npz",
                ".zarr", ".ome.zarr", ".tab", ".dat")
PACKED = (".gz",)
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
RUBBISH = ("__MACOSX", ".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__",
           "$RECYCLE.BIN", "System Volume Information", "@eaDir")


def name_of(path: Path | str) -> str:
    """What a file or folder is called without its endings. Only known endings are taken off: 'sec_1.5mm' and
    'Bregma_-0.24' are whole names, and so are those of files in such ('s_0.5.csv.gz' is 's_0.5')."""
    name = Path(path).name
    bare = without(name, ARCHIVES)
    if bare == name:
        bare = without(name, PACKED)
    return without(bare, DATA_ENDINGS)


def without(name: str, endings: Iterable[str]) -> str:
    """A name without the longest of the endings that it has, whatever their case; never nothing."""
    lower = name.lower()
    ending = max((e for e in endings if lower.endswith(e) and len(name) > len(e)), key=len, default="")
    return name[:len(name) - len(ending)]


def is_rubbish(name: str) -> bool:
    """Whether a system or an editor left a file of this name behind: '._x', '.DS_Store', '~$x', 'x~'."""
    folded = name.casefold()
    return (folded in {r.casefold() for r in RUBBISH} or name.startswith((".", "~$", ".~lock"))
            or folded.endswith(("~", ".tmp", ".part", ".crdownload")))


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, by name, without what a system left there."""
    return sorted(path for path in folder.iterdir() if not is_rubbish(path.name))
