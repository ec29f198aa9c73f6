"""HDF5 files: opened so that a broken one is an InputError, and their parts by the kind they have to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from isost_core.errors import InputError

if TYPE_CHECKING:
    import h5py
    import zarr

T = TypeVar("T")


def dataset(parent: h5py.Group, name: str) -> h5py.Dataset:
    """The array of that name; InputError where there is none."""
    import h5py

    found = parent.get(name)
    if not isinstance(found, h5py.Dataset):
        raise InputError(f"{_file(parent)} has no array '{name}'. Export it again.")
    return found


def group(parent: h5py.Group, name: str) -> h5py.Group:
    """The group of that name; InputError where there is none."""
    import h5py

    found = parent.get(name)
    if not isinstance(found, h5py.Group):
        raise InputError(f"{_file(parent)} has no group '{name}'. Export it again.")
    return found


def held_in(parent: h5py.Group | zarr.Group, name: str) -> Mapping[str, Any]:
    """What the group of that name holds; nothing where it is not there."""
    return cast("Mapping[str, Any]", parent.get(name, {}))


def _file(parent: h5py.Group) -> str:
    return Path(parent.file.filename).name


def guarded(path: Path, work: Callable[[h5py.File], T], kind: str = "an AnnData file") -> T:
    """`work(file)` on an open HDF5 file; what h5py or anndata raise on a broken one becomes an InputError that names
    what `kind` of file it should have been."""
    import h5py
    from anndata._io.specs.registry import IORegistryError

    broken = (OSError, LookupError, ValueError, TypeError, RuntimeError, AttributeError, ArithmeticError,
              SystemError, IORegistryError)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"{path.name} cannot be opened as {kind} ({path.suffix}). It is incomplete or not HDF5. Copy "
                         "or export it again.") from error
    with file:
        try:
            _refuse_links(file, path.name)
            _refuse_sequences(file, path.name)
            return work(file)
        except InputError:
            raise
        except MemoryError as error:
            raise InputError(f"{path.name} does not fit in the memory of this machine. Keep fewer genes or cells, or "
                             "store X as a sparse matrix.") from error
        except broken as error:
            raise InputError(f"{path.name} cannot be read. Part of it is damaged or not built like {kind} "
                             f"({error.__class__.__name__}). Export it again.") from error


def _refuse_links(root: h5py.File, file: str) -> None:
    """A file must not point at other files of the machine it is read on."""
    import h5py

    def linked(name: str, link: object) -> str | None:
        return name if isinstance(link, h5py.ExternalLink) else None

    def stored_elsewhere(name: str, item: object) -> str | None:
        return name if isinstance(item, h5py.Dataset) and (item.is_virtual or item.external) else None

    name = root.visititems_links(linked) or root.visititems(stored_elsewhere)
    if name:
        raise InputError(f"{file} stores '{name}' in another file. Save it as one complete .h5ad file.")


def _refuse_sequences(root: h5py.File, file: str) -> None:
    """Sequences of any length, other than text, are in no file that is read here: a type that says so is damaged, and
    the HDF5 library would crash on its values."""
    import h5py

    def held_by(name: str, item: h5py.Group | h5py.Dataset) -> str | None:
        types = [item.attrs.get_id(key).get_type() for key in item.attrs]
        if isinstance(item, h5py.Dataset) and not name.startswith("uns/"):  # what is in there is not read
            types.append(item.id.get_type())
        return name if any(map(_has_sequences, types)) else None

    name = held_by("/", root) or root.visititems(held_by)
    if name:
        raise InputError(f"{file} cannot be read. '{name}' in it is damaged. Export it again.")


def _has_sequences(kind: h5py.h5t.TypeID) -> bool:
    import h5py

    if isinstance(kind, h5py.h5t.TypeCompoundID):
        return any(_has_sequences(kind.get_member_type(i)) for i in range(kind.get_nmembers()))
    return isinstance(kind, h5py.h5t.TypeVlenID)
