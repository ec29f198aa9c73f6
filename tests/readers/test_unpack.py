"""Archives: what is in them is unpacked as it is; hostile ones are refused and leave nothing behind."""

import gzip
import io
import os
import resource
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from isost_core.errors import InputError
from isost_core.readers import ReadOptions, limits, read_sections, scan
from isost_core.readers.unpack import Limits, is_archive, stem, unpack
from tests.readers.test_readers import section
from tests.readers.vendor_files import write_merscope

FILES = {"outs/a.txt": b"one", "outs/deep/b.csv": b"x,y\n1,2\n" * 1000, "outs/c.csv.gz": gzip.compress(b"x,y\n1,2\n")}


def make_zip(path, files, **keywords):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **keywords) as packed:
        for name, data in files.items():
            packed.writestr(name if isinstance(name, zipfile.ZipInfo) else str(name), data)
    return path


def make_tar(path, files):
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as packed:
        for name, data in files.items():
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return path


MAKERS = [("p.zip", make_zip), ("p.tar", make_tar), ("p.tar.gz", make_tar), ("p.tgz", make_tar)]


def refused(archive, said, limits_=None):
    """The archive is refused in one line, its folder is gone, and nothing beside it was written."""
    room = archive.parent / "room"
    room.mkdir(exist_ok=True)
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(InputError, match=said) as caught:
        unpack(archive, room / "here", limits_)
    assert "\n" not in str(caught.value) and archive.name in str(caught.value)
    assert not (room / "here").exists()
    assert sorted(archive.parent.rglob("*")) == before


@pytest.mark.parametrize("name, make", MAKERS)
def test_what_is_packed_is_unpacked(tmp_path, name, make):
    archive = make(tmp_path / name, FILES | {"__MACOSX/outs/._a.txt": b"r", "outs/.DS_Store": b"r"})
    folder = unpack(archive, tmp_path / "new" / "here")
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == FILES and is_archive(archive) and stem(name) == "p"


@pytest.mark.parametrize("name, make", MAKERS[:3])
@pytest.mark.parametrize("bad", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt",
                                 "\\\\host\\out.txt"])
def test_names_that_lead_out_are_refused(tmp_path, name, make, bad):
    refused(make(tmp_path / name, FILES | {bad: b"evil"}), "leads out of the folder")


@pytest.mark.parametrize("name, make", MAKERS[:3])
@pytest.mark.parametrize("bad", ["a" * 250, "d/" * 40 + "f", "new\nline"])
def test_names_that_no_file_should_have_are_refused(tmp_path, name, make, bad):
    refused(make(tmp_path / name, FILES | {bad: b"x"}), "too long|characters that a file name can't have")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE,
                                  tarfile.GNUTYPE_SPARSE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    member = tarfile.TarInfo("outs/link")
    member.type, member.linkname = kind, "/etc/passwd"
    refused(make_tar(tmp_path / "p.tar", FILES | {member: b""}), "is a link or not an ordinary file|damaged")


def test_a_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("outs/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(make_zip(tmp_path / "p.zip", {"a.txt": b"a", link: b"/etc/passwd"}), "'outs/link' in it is a link")


@pytest.mark.parametrize("name, make", MAKERS[:3])
def test_archives_within_stay_packed(tmp_path, name, make):
    inner = make_zip(tmp_path / "inner.zip", {"a": b"b"}).read_bytes()
    held = {"a.txt": b"a", "outs/cells.zarr.zip": inner, "picture.png": inner}
    folder = unpack(make(tmp_path / name, held), tmp_path / "fine")
    assert {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()} == held


@pytest.mark.parametrize("name, make", MAKERS[:3])
def test_big_files_that_no_section_is_read_from_are_left_packed(tmp_path, monkeypatch, name, make):
    monkeypatch.setattr("isost_core.readers.unpack.MUCH", 1000)
    big = os.urandom(2000)
    folder = unpack(make(tmp_path / name, {"o/transcripts.parquet": big, "o/cells.parquet": big}), tmp_path / "fine")
    assert [p.name for p in folder.rglob("*") if p.is_file()] == ["cells.parquet"]
    refused(make(tmp_path / name, {"o/morphology.ome.tif": big}), "no files but morphology.ome.tif, which no section")


def test_a_password_is_refused(tmp_path):
    path = make_zip(tmp_path / "p.zip", {"a.txt": b"abc"})
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    refused(path, "protected with a password")


@pytest.mark.parametrize("name, make", [MAKERS[0], MAKERS[2]])
def test_bombs_are_refused_while_they_unpack(tmp_path, name, make):
    bomb = make(tmp_path / name, {"zeros.csv": bytes(40 << 20)})
    assert bomb.stat().st_size < 1 << 17
    refused(bomb, "more than 200 times its size", Limits(free=1 << 20))
    refused(bomb, "more than 0.0195 GB", Limits(size=20 << 20))


@pytest.mark.parametrize("name, make", MAKERS[:3])
def test_too_many_files_are_refused(tmp_path, name, make):
    refused(make(tmp_path / name, {f"f{k}": b"" for k in range(30)}), "more than 20 files", Limits(members=20))


def test_sizes_that_the_table_of_contents_gets_wrong_are_refused(tmp_path):
    path = make_zip(tmp_path / "p.zip", {"a.csv": b"1,2\n" * 5000})
    data = path.read_bytes()
    size = (20000).to_bytes(4, "little")
    for claimed in (10, 1 << 31):
        path.write_bytes(data.replace(size, claimed.to_bytes(4, "little")))
        refused(path, "should have|damaged")


@pytest.mark.parametrize("name, make", MAKERS[:3])
def test_of_two_files_of_one_name_the_later_counts(tmp_path, name, make):
    """As in zip files that zarr wrote, and tar files that were added to."""
    if name == "p.zip":
        with pytest.warns(UserWarning), zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("a.txt", b"12345")
            packed.writestr("a.txt", b"2")
    else:
        make(tmp_path / name, {tarfile.TarInfo("a.txt"): b"12345", tarfile.TarInfo("./a.txt"): b"2"})
    assert (unpack(tmp_path / name, tmp_path / "fine") / "a.txt").read_bytes() == b"2"
    for held in ({"a": b"1", "a/b": b"2"}, {"a/b": b"2", "a": b"1"}):
        refused(make(tmp_path / name, held), "both a file and a folder")


@pytest.mark.parametrize("name, make", MAKERS[:3])
def test_damaged_archives_are_refused(tmp_path, name, make):
    whole = make(tmp_path / name, {"a.bin": os.urandom(20_000)}).read_bytes()
    for data in (b"", b"no archive at all", whole[:len(whole) // 2], whole[200:]):
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name, "cannot be unpacked|no files|is damaged|should have")


def test_memory_stays_small(tmp_path):
    """A worker that may hold little unpacks far more, and a header that asks for gigabytes gets none."""
    archive = make_tar(tmp_path / "big.tar.gz", {"a.bin": os.urandom(1 << 20) * 100})
    long_name = bytearray(tarfile.TarInfo("x").tobuf(tarfile.GNU_FORMAT))
    long_name[156:157], long_name[124:136] = b"L", b"%011o\0" % (7 << 30)
    long_name[148:156] = b"%06o\0 " % (sum(long_name[:148]) + sum(long_name[156:512]) + 256)
    (tmp_path / "name.tar").write_bytes(bytes(long_name) + bytes(1 << 16))
    code = ("import sys; from pathlib import Path; from isost_core.readers.unpack import unpack\n"
            "from isost_core.errors import InputError\n"
            f"unpack(Path({str(archive)!r}), Path({str(tmp_path / 'out')!r}))\n"
            f"try: unpack(Path({str(tmp_path / 'name.tar')!r}), Path({str(tmp_path / 'out2')!r})); sys.exit(3)\n"
            "except InputError as error: assert 'far too long' in str(error), error\n"
            "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          cwd=Path(__file__).parents[2], preexec_fn=lambda: resource.setrlimit(
                              resource.RLIMIT_AS, (600 << 20, 600 << 20)))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 80_000  # kB
    assert (tmp_path / "out" / "a.bin").stat().st_size == 100 << 20


def test_sections_are_read_from_an_archive(tmp_path):
    parts = [section(k, sparse=True) for k in (1, 2)]
    folders = [write_merscope(tmp_path / f"m{k}", part) for k, part in enumerate(parts)]
    for name, make in MAKERS[:3]:
        packed = [make(tmp_path / f"{f.name}{name[1:]}", {p.name: p.read_bytes() for p in f.iterdir()})
                  for f in folders]
        sections = read_sections(packed, ReadOptions(gap=50))
        assert sections.names == ("m0", "m1") and sections.n_cells == 2 * len(parts[0])
    with pytest.raises(InputError, match="leads out"):
        read_sections(make_zip(tmp_path / "bad.zip", {"../stack.h5ad": b"x"}))


# ---- HDF5 files that declare more than they hold

def packed(path, folders):
    """A zip as a system makes it of a folder: the folder itself is in it, and what the system hides."""
    with zipfile.ZipFile(path, "w") as archive:
        for top, folder in folders.items():
            for file in folder.iterdir():
                archive.write(file, f"{top}/{file.name}")
            archive.writestr(f"__MACOSX/{top}/._x.h5ad", b"hidden")
    return path


def test_an_archive_with_its_folder_around_is_named_by_the_archive(tmp_path):
    made = [write_merscope(tmp_path / f"m{k}", section(k, sparse=True)) for k in (1, 2)]
    archives = [packed(tmp_path / f"brain{k}.zip", {"region": folder}) for k, folder in enumerate(made)]
    assert read_sections(archives, ReadOptions(gap=50)).names == ("brain0", "brain1")


def test_several_sections_in_one_archive(tmp_path):
    made = {f"all/m{k}": write_merscope(tmp_path / f"m{k}", section(k, sparse=True)) for k in (1, 2)}
    assert read_sections(packed(tmp_path / "all.zip", made), ReadOptions(gap=50)).names == ("m1", "m2")
    (tmp_path / "h5").mkdir()
    for k in (1, 2):
        section(k).write_h5ad(tmp_path / "h5" / f"s{k}.h5ad")
    archive = packed(tmp_path / "h5.zip", {"stack/files": tmp_path / "h5"})
    assert read_sections(archive, ReadOptions(gap=50, um_per_unit=1)).names == ("s1", "s2")


def giant(tmp_path, edit):
    cells = section()
    cells.write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        edit(file)
    return tmp_path / "a.h5ad"


def replaced(group, name, **keywords):
    attributes = dict(group[name].attrs)
    del group[name]
    made = group.create_dataset(name, **keywords)
    made.attrs.update(attributes)


@pytest.mark.parametrize("part, name, shape", [("obs", "_index", (1 << 40,)), ("var", "_index", (1 << 36,)),
                                               ("obsm", "spatial", (1 << 40, 2)), ("/", "X", (1 << 30, 1 << 20))])
def test_declared_giants_are_refused(tmp_path, part, name, shape):
    kind = h5py.string_dtype() if name == "_index" else "f4"
    path = giant(tmp_path, lambda f: replaced(f[part], name, shape=shape, dtype=kind, chunks=(64, 2)[:len(shape)]))
    with pytest.raises(InputError, match="needs .* GB of memory|X is "):
        scan(path)


def test_a_bomb_within_hdf5_is_refused(tmp_path, monkeypatch):
    path = giant(tmp_path, lambda f: replaced(f["obsm"], "spatial", data=np.zeros((1 << 19, 2)), compression="gzip",
                                              compression_opts=9, chunks=(1 << 18, 2)))
    monkeypatch.setattr(limits, "FREE", 1 << 20)
    monkeypatch.setattr(limits, "MOST_RATIO", 900)
    with pytest.raises(InputError, match="declares 0.0 GB of values but stores"):
        scan(path)


def test_long_texts_that_share_one_place_are_counted(tmp_path, monkeypatch):
    def share(file):
        file["obs"].create_dataset("note", data=np.array(["x" * 3_000_000] + [""] * 23, dtype=object))
        kept = file["obs"]["note"]
        file["obs"].attrs["column-order"] = np.array(["note"], dtype=h5py.string_dtype())
        kept.attrs["encoding-type"], kept.attrs["encoding-version"] = "string-array", "0.2.0"

    path = giant(tmp_path, share)
    scan(path, ReadOptions())
    monkeypatch.setattr(limits, "budget", lambda: 1 << 21)
    monkeypatch.setattr(limits, "FREE", 0)
    with pytest.raises(InputError, match="'/obs/note' needs"):
        scan(path)


def test_sparse_parts_that_do_not_fit_are_refused(tmp_path):
    cells = section(sparse=True)
    for name in ("data", "indices", "indptr"):
        cells.write_h5ad(tmp_path / "s.h5ad")
        with h5py.File(tmp_path / "s.h5ad", "a") as file:
            replaced(file["X"], name, data=file["X"][name][:-1])
        with pytest.raises(InputError, match="values for .* places|rows or columns for"):
            scan(tmp_path / "s.h5ad")


def test_pointers_that_go_back_are_refused_even_without_values(tmp_path):
    paths = [tmp_path / "a.h5ad", tmp_path / "b.h5ad"]
    for path in paths:
        section(sparse=True).write_h5ad(path)
    with h5py.File(paths[1], "a") as file:
        file["X"]["indptr"][-1] = 0
    with pytest.raises(InputError, match="b.h5ad cannot be read. Part of it is damaged"):
        read_sections(paths, ReadOptions(gap=10, um_per_unit=1))
