"""Uploads: packed folders, files that belong together, files on the server, and what is refused."""

import json
import os
import zipfile

import pytest

from isost_core.errors import InputError
from isost_core.readers import scan
from tests.readers.test_readers import section, stack
from tests.readers.vendor_files import write_cosmx, write_merscope
from tests.ui.test_pages import button, empty, fill, open_page, upload, words  # noqa: F401 (a fixture)
from ui.stack import server_files, unpacking


def packed(folder, top=""):
    """The folder as bytes of a zip file, its files below `top`."""
    path = folder.parent / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{top}{file.relative_to(folder)}")
    return path.read_bytes()


@pytest.fixture
def merscope(tmp_path_factory):
    """Folders of two sections."""
    room = tmp_path_factory.mktemp("vendor")
    return [write_merscope(room / f"brain_{k}", section(k)) for k in (1, 2)]


def stack_folder(workspace):
    return next(p for p in workspace.glob("uploads/*/*") if p.is_dir())


def test_packed_folders_are_sections(empty, merscope):  # noqa: F811
    app = upload({f"{f.name}.zip": packed(f) for f in merscope})
    assert not app.error and "2 sections, 48 cells, 3 genes" in words(app)
    assert "Read as **MERSCOPE folder**." in words(app)
    assert sorted(p.name for p in stack_folder(empty).iterdir()) == ["answers.json", "brain_1", "brain_2"]
    app = fill(app)
    assert not button(app, "Continue to Quality").disabled and not app.error


def test_loose_files_that_belong_together_are_one_section(empty, merscope):  # noqa: F811
    app = upload({p.name: p.read_bytes() for p in merscope[0].iterdir()})
    assert "1 section" in words(app) and "MERSCOPE folder" in words(app)
    assert [p.name for p in stack_folder(empty).glob("s*")] == ["section_1"]
    app.file_uploader[0].set_value([(p.name, p.read_bytes(), "text/csv") for p in merscope[1].iterdir()])
    app = app.run()
    assert "2 sections" in words(app) and (stack_folder(empty) / "section_2" / "cell_by_gene.csv").is_file()


def test_a_series_is_put_together_with_its_archives(tmp_path):
    from tests.readers.test_names_on_disks import tar_of, visium

    room = tmp_path / "arriving"
    room.mkdir()
    stack = tmp_path / "stack"
    stack.mkdir()
    for k in (1, 2):
        folder = visium(tmp_path / f"v{k}", k)[0]
        tar_of(room / f"GSM{k}_spatial.tar.gz", folder / "spatial")
        (folder / "filtered_feature_bc_matrix.h5").rename(room / f"GSM{k}_filtered_feature_bc_matrix.h5")
    for path in sorted(room.iterdir()):
        unpacking.take(stack, path)
    unpacking.put_together(sorted(stack.iterdir()))
    assert [p.name for p in stack.iterdir()] == ["section_1"]
    assert [s.name for s in scan(stack / "section_1").sections] == ["GSM1", "GSM2"]


def test_a_whole_section_among_loose_parts_stays_one(tmp_path):
    from tests.readers.test_names_on_disks import visium

    stack = tmp_path / "stack"
    folder = visium(tmp_path / "v", 1)[0]
    stack.mkdir()
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.rename(stack / path.name)
    (stack / "section_07.csv").write_text("x,y,Gad1,Mbp\n" + "".join(f"{k},{k % 5},1,2\n" for k in range(20)))
    unpacking.put_together(sorted(stack.iterdir()))
    assert sorted(p.name for p in stack.iterdir()) == ["section_07.csv", "section_1"]
    assert [s.kind for s in scan(sorted(stack.iterdir())).sections].count("table") == 1


def test_a_matrix_and_its_spots_packed_one_by_one_are_one_section(tmp_path):
    from tests.readers.test_names_on_disks import tar_of, visium
    from tests.readers.visium_files import as_mtx

    room, stack = tmp_path / "arriving", tmp_path / "stack"
    room.mkdir()
    stack.mkdir()
    folder = visium(tmp_path / "v", 1)[0]
    for place in (as_mtx(folder / "filtered_feature_bc_matrix.h5"), folder / "spatial"):
        tar_of(room / f"{place.name}.tar.gz", place)
    for path in sorted(room.iterdir()):
        unpacking.take(stack, path)
    unpacking.put_together(sorted(stack.iterdir()))
    assert [p.name for p in stack.iterdir()] == ["section_1"]
    assert [s.name for s in scan(stack / "section_1").sections] == ["section_1"]


def test_files_that_a_mac_left_are_not_taken(empty, merscope):  # noqa: F811
    app = upload({p.name: p.read_bytes() for p in merscope[0].iterdir()} | {"._cell_by_gene.csv": b"\x00\x05\x16"})
    assert not app.error and "1 section" in words(app)


def test_a_file_that_cannot_be_read_says_what_to_do(empty):  # noqa: F811
    app = upload({"brain.gef": b"\x89HDF"})
    assert "GEF file of Stereo-seq" in app.error[0].value


def test_a_column_can_be_made_a_gene(empty):  # noqa: F811
    from tests.readers.test_written_tables import frame

    app = upload({"t.csv": frame().assign(area=1.5).to_csv(index=False).encode()})
    assert "4 genes in common" in words(app) and "area" in app.multiselect(key="as_genes").options
    app.multiselect(key="as_genes").set_value(["area"])
    assert "5 genes in common" in words(app.run())


def test_files_that_stand_alone_stay_alone(tmp_path):
    names = ["a.csv", "b.csv", "c.h5ad"]
    for name in names:
        (tmp_path / name).write_text("x,y,g\n1,2,3\n")
    unpacking.put_together(sorted(tmp_path.iterdir()))
    assert sorted(p.name for p in tmp_path.iterdir()) == names


def test_a_shared_name_becomes_that_of_the_section(tmp_path):
    folder = write_cosmx(tmp_path / "c", section())
    unpacking.put_together(sorted(folder.iterdir()))
    assert [p.name for p in folder.iterdir()] == ["S1"]


def test_a_hostile_archive_is_refused_and_leaves_nothing(empty, tmp_path_factory):  # noqa: F811
    path = tmp_path_factory.mktemp("bad") / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../out.txt", "evil")
    app = upload({"bad.zip": path.read_bytes()})
    assert "leads out of the folder" in app.error[0].value
    assert not list(stack_folder(empty).iterdir()) and not list(empty.rglob("out.txt"))


def test_a_folder_that_cannot_be_read_can_be_removed(empty, merscope):  # noqa: F811
    (merscope[1] / "cell_metadata.csv").write_text("EntityID,center_x\n1,2\n")
    app = upload({f"{f.name}.zip": packed(f) for f in merscope})
    assert "has no column 'center\\_y'" in app.error[0].value and "1 section" in words(app)
    app.button(key="confirm_remove_bad").click().run()
    assert not app.error and not (stack_folder(empty) / "brain_2").exists()


# ---- files on the server

def box(app):
    return [s for s in app.selectbox if s.key == "server_path"]


def test_no_box_unless_the_server_opens_folders(empty, monkeypatch):  # noqa: F811
    monkeypatch.delenv(server_files.VARIABLE, raising=False)
    assert not box(open_page("sections"))


def test_files_on_the_server_are_read_in_place(empty, merscope, monkeypatch):  # noqa: F811
    monkeypatch.setenv(server_files.VARIABLE, str(merscope[0].parent))
    app = open_page("sections")
    for folder in merscope:
        assert str(folder) in box(app)[0].options
        box(app)[0].set_value(str(folder)).run()
        app = button(app, "Add").click().run()
    assert not app.error and "2 sections, 48 cells" in words(app)
    assert [p.name for p in stack_folder(empty).iterdir()] == ["answers.json"]
    app = fill(app)
    assert not button(app, "Continue to Quality").disabled
    monkeypatch.setenv(server_files.VARIABLE, "")
    assert "2 sections" not in words(open_page("sections"))


def test_paths_outside_the_open_folders_are_refused(tmp_path, monkeypatch):
    root, secret = tmp_path / "open", tmp_path / "open_not"
    for folder in (root / "inside", secret):
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("x,y\n")
    os.symlink(secret, root / "way_out")
    os.symlink(secret / "a.csv", root / "inside" / "b.csv")
    monkeypatch.setenv(server_files.VARIABLE, str(root))
    for text in ("/etc/passwd", str(secret), "../open_not", str(root / ".." / "open_not"), str(root), "way_out", "no",
                 str(root / "way_out" / "a.csv")):
        with pytest.raises(InputError, match="was not found in a folder that is open"):
            server_files.checked(text)
    with pytest.raises(InputError, match="has links that lead out"):
        server_files.checked("inside")
    assert server_files.checked("inside/a.csv") == root / "inside" / "a.csv"
    assert not any("way_out" in path for path in server_files.listed())
    assert server_files.chosen({server_files.ANSWER: [str(secret / "a.csv")]}) == []


def test_a_layer_is_chosen_and_kept_with_the_stack(empty, tmp_path):  # noqa: F811
    cells = stack()
    cells.layers["counts"], cells.X = cells.X.copy(), cells.X - 1.5
    cells.obsm["spatial"][3] = [9e5, 0]
    cells.write_h5ad(tmp_path / "a.h5ad")
    app = upload({"a.h5ad": (tmp_path / "a.h5ad").read_bytes()})
    assert "negative" in words(app) and "Layers with values" in words(app)
    assert "3 sections, 71 cells" in words(app) and "1 cell lies far from all others" in words(app)
    app = app.selectbox(key="reading.Values").set_value("counts").run()
    assert not app.error and not button(app, "Continue to Quality").disabled
    app = app.checkbox(key="keep_all_cells").check().run()
    assert "3 sections, 72 cells" in words(app)
    answers = json.loads((stack_folder(empty) / "answers.json").read_text())["reading"]
    assert answers["layer"] == "counts" and answers["keep_all_cells"]


def table_of(scale=1.0, depth=(0, 50)):
    """Two sections as a plain table whose unit nobody says."""
    from tests.ui.test_pages import csv

    return {f"{name}.csv": csv(section=name, depth=z) for name, z in zip(("S1", "S2"), depth, strict=True)}


def type_in(app, label, text):
    return next(n for n in app.text_input if n.label == label).set_value(text).run()


def test_what_a_unit_means_is_said_before_the_visitor_goes_on(empty):  # noqa: F811
    app = type_in(upload(table_of()), "Size of one unit (µm)", "1")
    assert "Your sections are" in words(app) and "the stack 50 µm deep" in words(app)
    assert not button(app, "Continue to Quality").disabled
    app = type_in(app, "Size of one unit (µm)", "1000000")
    assert " m wide" in app.error[0].value and "would be" in app.error[0].value
    assert button(app, "Continue to Quality").disabled
    app = button(app, "Undo").click().run()
    assert "Your sections are" in words(app) and not app.error
    app = type_in(app, "Gap between sections (µm)", "abc")
    assert not app.exception and any("is not a number" in h.proto.body for h in app.get("html"))


def test_starting_over_asks_first(empty):  # noqa: F811
    app = upload(table_of())
    assert "Start over" not in {b.label for b in app.button} and "their registration" in words(app)
    app = app.button(key="confirm_start_over").click().run()
    assert "Upload the sections" in "".join(s.value for s in app.subheader) and not list(empty.glob("uploads/*/*"))


def test_a_bad_upload_of_the_same_name_does_not_cost_the_good_one(empty):  # noqa: F811
    good = table_of()
    app = upload(good)
    app.file_uploader[0].set_value([("S1.csv", b"nonsense", "text/csv")])
    app = app.run()
    assert app.error and "took the place of S1.csv" in words(app)
    app = app.button(key="bring_back").click().run()
    assert "2 sections" in words(app) and (stack_folder(empty) / "S1.csv").read_bytes() == good["S1.csv"]
    app.file_uploader[0].set_value([("S1.csv", b"nonsense", "text/csv")])
    app = app.run().button(key="confirm_remove_bad").click().run()
    assert "2 sections" in words(app) and not app.error


def test_a_damaged_archive_leaves_the_folder_of_its_name(empty, merscope):  # noqa: F811
    app = upload({f"{f.name}.zip": packed(f) for f in merscope})
    app.file_uploader[0].set_value([("brain_1.zip", b"PK\x03\x04 cut", "application/zip")])
    app = app.run()
    assert app.error and "2 sections" in words(app) and "took the place" not in words(app)


def test_expression_values_are_chosen_where_they_are_shown(empty):  # noqa: F811
    app = upload(table_of())
    app = type_in(app, "Size of one unit (µm)", "1")
    assert "was taken, because they are" in words(app)
    app = app.selectbox(key="normalize").set_value("median_log1p").run()
    assert "scaled to the median total" in words(app) and not app.exception
    assert json.loads((stack_folder(empty) / "answers.json").read_text())["reading"]["normalize"] == "median_log1p"
