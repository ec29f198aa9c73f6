"""Archives of folders (.zip, .tar, .tar.gz, .tgz) and single files packed as .gz, unpacked piece by piece and refused
where hostile.

An archive in an archive stays packed: whoever looks for sections opens it, under the same limits.
"""

from __future__ import annotations

import gzip
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn, cast

from isost_core.errors import InputError
from isost_core.readers import names

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
PIECE = 4 << 20  # bytes held at once
MOST_READ = 32 << 20  # bytes of a table of contents that are read in one go
PACKED_FILES = (".h5ad", ".h5", ".hdf5", ".parquet", ".json", ".png", ".jpg", ".jpeg", ".tif", ".tiff")  # with .gz
NOT_NEEDED = (  # big files of vendors that no section is read from
    r"transcripts\.(parquet|csv|csv\.gz|zarr\.zip)", r".*\.ome\.tiff?", r".*\.(bam|bai|fastq|fastq\.gz|fq\.gz|cloupe)",
    r"(cell|nucleus)_boundaries\.(parquet|csv|csv\.gz)", r"(cells|analysis|cell_feature_matrix)\.zarr\.zip",
    r".*_?molecule_info\.h5", r".*detected_transcripts.*\.csv(\.gz)?", r".*_tx_file\.csv(\.gz)?",
    r"mosaic_.*\.tiff?")
MUCH = 32 << 20  # bytes; smaller ones do no harm, and are said to be of no use where they are all there is
LONGEST_PART, LONGEST_NAME = 200, 1000  # bytes of a name


@dataclass(frozen=True)
class Limits:
    """What an archive may hold: members, bytes in all, and bytes per packed byte once `free` bytes are out."""

    members: int = 200_000
    size: int = 20 << 30
    ratio: float = 200.0
    free: int = 64 << 20


def is_archive(path: Path) -> bool:
    """Whether a file is named like an archive that can be unpacked."""
    return path.is_file() and path.name.lower().endswith(ENDINGS)


def is_not_needed(name: str) -> bool:
    """Whether a file of this name is one that vendors write and no section is read from."""
    return any(re.fullmatch(rule, name, re.IGNORECASE) for rule in NOT_NEEDED)


def stem(name: str) -> str:
    """Name of an archive without its ending."""
    return names.without(name, ENDINGS)


def unpack(archive: str | Path, folder: str | Path, limits: Limits | None = None) -> Path:
    """Unpack an archive into a new folder and give that folder.

    Parameters
    ----------
    archive : Path of a .zip, .tar, .tar.gz or .tgz file
    folder : Path that does not exist yet, or an empty folder; nothing is written anywhere else
    limits : Limits, by default those of `Limits()`

    Raises
    ------
    InputError
        Where the archive is damaged, encrypted or too big, or holds links or names that lead out of the folder. What
        was unpacked until then is removed.
    """
    archive, folder = Path(archive), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    writer = _Writer(archive, folder, limits or Limits())
    try:
        (_unpack_zip if archive.name.lower().endswith(".zip") else _unpack_tar)(archive, writer)
    except InputError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, zlib.error, ValueError, LookupError, TypeError,
            AttributeError, RuntimeError, OverflowError, MemoryError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        full = isinstance(error, OSError) and error.errno == 28
        why = ("there is no room left on the disk" if full
               else f"it is incomplete, damaged, or not what its name says ({error.__class__.__name__}). Pack it again")
        raise InputError(f"{archive.name} cannot be unpacked: {why}.") from error
    if not writer.n_files:
        shutil.rmtree(folder, ignore_errors=True)
        held = f" but {', '.join(writer.skipped[:3])}, which no section is read from" if writer.skipped else " in it"
        raise InputError(f"{archive.name} has no files{held}. Pack the folder with your sections again.")
    return folder


@cache
def unpacked(archive: Path, stamp: int) -> Path:
    """Folder with the content of an archive, kept until the process ends; `stamp` tells versions of it apart."""
    room = tempfile.TemporaryDirectory(prefix="isost_")
    folder = unpack(archive, Path(room.name) / stem(Path(archive).name))
    _KEPT.append(room)
    return folder


def plain(path: Path) -> Path:
    """The file itself; of one packed as .gz that is read as a whole, such as .h5ad.gz, an unpacked copy."""
    name = names.without(path.name, (".gz",))
    if name == path.name or not name.lower().endswith(PACKED_FILES):
        return path
    return _gunzipped(path, path.stat().st_mtime_ns)


@cache
def _gunzipped(path: Path, stamp: int) -> Path:
    """An unpacked copy of a file, kept until the process ends; `stamp` tells versions of it apart."""
    room = tempfile.TemporaryDirectory(prefix="isost_")
    writer = _Writer(path, Path(room.name), Limits())
    target = writer.folder / names.without(path.name, (".gz",))
    try:
        with gzip.open(path, "rb") as source:
            writer.write(source, target, None, writer.packed)
    except (OSError, EOFError, zlib.error) as error:
        room.cleanup()
        full = isinstance(error, OSError) and error.errno == 28
        why = ("there is no room left on the disk" if full
               else "it is incomplete or not a gzip file. Copy or export it again")
        raise InputError(f"{path.name} cannot be unpacked: {why}.") from error
    _KEPT.append(room)
    return target


_KEPT: list[tempfile.TemporaryDirectory] = []  # temporary folders; each is removed when the process ends


class _Writer:
    """Writes members into the folder and keeps count of what they add up to."""

    def __init__(self, archive: Path, folder: Path, limits: Limits) -> None:
        self.name, self.folder, self.limits = archive.name, folder, limits
        self.packed = max(1, archive.stat().st_size)
        self.n_members = self.n_files = self.n_bytes = 0
        self.skipped: list[str] = []

    def refuse(self, what: str, do: str) -> NoReturn:
        raise InputError(f"{self.name} was not unpacked: {what}. {do}")

    def count(self) -> None:
        self.n_members += 1
        if self.n_members > self.limits.members:
            self.refuse(f"it has more than {self.limits.members:,} files", "Pack only what belongs to the sections.")

    def place(self, name: str) -> Path | None:
        """Where a member goes, as path below the folder; None for what systems leave behind."""
        text = name.replace("\\", "/")
        shown = repr(name if len(name) <= 80 else name[:77] + "...")
        parts = PurePosixPath(text).parts
        if text.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
            self.refuse(f"the name {shown} in it leads out of the folder", "Pack the folder itself, with plain names.")
        if any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in text):
            self.refuse(f"the name {shown} in it has characters that a file name can't "
                        "have", "Rename it and pack again.")
        if len(text.encode()) > LONGEST_NAME or any(len(p.encode()) > LONGEST_PART for p in parts) or len(parts) > 32:
            self.refuse(f"the name {shown} in it is too long", "Shorten it and pack the folder again.")
        if not parts or any(p in names.RUBBISH for p in parts) or parts[-1].startswith(("._", "~$")):
            return None
        return self.folder.joinpath(*parts)

    def needs(self, target: Path, size: int) -> bool:
        """Whether a member of this name and size in bytes may be read later on; counts those that are not."""
        if size < MUCH or not is_not_needed(target.name):
            return True
        self.skipped.append(target.name)
        return False

    def folder_of(self, target: Path) -> None:
        try:
            target.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            self.refuse(f"'{target.name[:80]}' is both a file and a folder in it", "Pack the folder again.")

    def write(self, source: IO[bytes] | gzip.GzipFile, target: Path, size: int | None, packed: int | None) -> None:
        """Copy one member to disk. Of two with one name the later counts, as in every program that unpacks.

        source : open file of the member; size : bytes it claims, or None; packed : bytes it takes in the archive, or
            None
        """
        self.folder_of(target.parent)
        self.n_files += 1
        n = 0
        if target.is_dir():
            self.refuse(f"'{target.name[:80]}' is both a file and a folder in it", "Pack the folder again.")
        with open(target, "wb") as out:
            while piece := source.read(PIECE):
                n += len(piece)
                self.n_bytes += len(piece)
                self.check_bytes(n, packed)
                out.write(piece)
        if size is not None and n != size:
            self.refuse(f"'{target.name[:80]}' in it should have {size:,} bytes but has "
                        f"{n:,}", "Pack the folder again.")

    def check_bytes(self, n: int, packed: int | None) -> None:
        if self.n_bytes > self.limits.size:
            self.refuse(f"it has more than {self.limits.size / (1 << 30):.3g} GB",
                        "Pack only what belongs to the sections.")
        for out, inside in ((self.n_bytes, self.packed), (n, packed)):
            if inside is not None and out > self.limits.free and out > self.limits.ratio * max(1, inside):
                self.refuse(f"it unpacks to more than {self.limits.ratio:.0f} times its size, which measured data "
                            "never do",
                            "Upload the files themselves.")


class _Bounded:
    """A file whose single reads are bounded, since archives say themselves how long their tables are.

    It moves when it is read, and knows the byte it read last: tarfile goes back by one, which costs gzip all it did.
    """

    def __init__(self, file: IO[bytes] | gzip.GzipFile, refuse: Callable[[str, str], NoReturn]) -> None:
        self._file, self._refuse = file, refuse
        self._at, self._last = file.tell(), b""

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 2:
            self._at = self._file.seek(offset, 2)
        else:
            self._at = offset + (self._at if whence == 1 else 0)
        return self._at

    def read(self, n: int | None = -1) -> bytes:
        here = self._file.tell()
        left = self._file.seek(0, 2) - self._at if n is None or n < 0 else n
        if left > MOST_READ:
            self._refuse("its table of contents is far too long", "Pack only what belongs to the sections.")
        if left == 1 and self._last and self._at == here - 1:
            self._at = here
            return self._last
        if self._at != self._file.tell():
            self._file.seek(self._at)
        data = self._file.read(max(0, left))
        self._at, self._last = self._file.tell(), data[-1:]
        return data


def _unpack_zip(archive: Path, writer: _Writer) -> None:
    with open(archive, "rb") as file, zipfile.ZipFile(_Bounded(file, writer.refuse)) as packed:
        for member in packed.infolist():
            writer.count()
            target = writer.place(member.filename)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                _refuse_kind(writer, member.filename)
            if target is None:
                continue
            if member.flag_bits & 1:
                writer.refuse("it is protected with a password", "Pack it without one.")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                writer.refuse("it is packed in an unusual way", "Pack it as an ordinary zip file.")
            if member.is_dir():
                writer.folder_of(target)
                continue
            if not writer.needs(target, member.file_size):
                continue
            with packed.open(member) as source:
                writer.write(source, target, member.file_size, member.compress_size)


def _unpack_tar(archive: Path, writer: _Writer) -> None:
    zipped = archive.name.lower().endswith("gz")
    with ((gzip.open if zipped else open)(archive, "rb") as file,
          tarfile.open(fileobj=cast("IO[bytes]", _Bounded(file, writer.refuse)), mode="r:") as packed):
        last = -1
        while (member := packed.next()) is not None:
            packed.members.clear()  # pyright: ignore[reportAttributeAccessIssue]
            writer.count()
            if member.offset <= last:
                writer.refuse("its table of contents is damaged", "Pack the folder again.")
            last = member.offset
            _write_tar_member(packed, member, writer)


def _write_tar_member(packed: tarfile.TarFile, member: tarfile.TarInfo, writer: _Writer) -> None:
    target = writer.place(member.name)
    if member.issparse() or not (member.isreg() or member.isdir()):
        _refuse_kind(writer, member.name)
    if target is None:
        return
    if member.isdir():
        writer.folder_of(target)
        return
    if not writer.needs(target, member.size):
        return
    source = packed.extractfile(member)
    if source is None:
        _refuse_kind(writer, member.name)
    with source:
        writer.write(source, target, member.size, None)


def _refuse_kind(writer: _Writer, name: str) -> NoReturn:
    writer.refuse(f"'{name[-80:]}' in it is a link or not an ordinary "
                  "file", "Pack the files themselves, without links.")
