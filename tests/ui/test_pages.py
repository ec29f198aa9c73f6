"""Every page, opened through app.py: what it shows with and without a run, bad inputs, who may do what."""

import io
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
VISITOR = "a" * 32
PAGES = ("start", "sections", "new_run", "runs", "explorer", "gradients", "niches", "variable_genes", "export", "about")
EXPLORE = ("explorer", "gradients", "niches", "variable_genes", "export")
RUN_ID = "0123456789abcdef01234567"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A workspace that holds one finished run of a small phantom, of VISITOR."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    workspace = tmp_path_factory.mktemp("workspace")
    sections = Sections.from_anndata(make_phantom("ball", 3, 60.0, n_cells=120, n_genes=6)[0])
    config = Config.of_preset("fast", train_steps=4, factors=6, width=8, step_um=60.0, masked_cells=50)
    run = create_run(workspace / "runs" / RUN_ID, sections, config, name="small ball")
    execute(run)
    return workspace


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.fixture
def with_run(finished, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(finished))
    own(finished / "runs" / RUN_ID, VISITOR)
    return finished


@pytest.fixture
def no_webgl(monkeypatch):
    """A browser that draws no 3D graphics: the server draws the Explorer's pictures."""
    monkeypatch.setattr("ui.explorer.component.viewer", lambda *given: False)
    monkeypatch.setattr("ui.explorer.stpyvista_view.lit_picture", lambda scene: (None, "Not in this test."))


def own(run_dir, visitor):
    import hashlib

    (run_dir / "owner").write_text(hashlib.sha256(f"isost visitor {visitor}".encode()).hexdigest())


def open_page(name, visitor=VISITOR, **query):
    """The page as the app shows it, reached by a link with this query."""
    os.chdir(ROOT)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["visitor"] = visitor
    app.run()
    if query or name != "start":
        app.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
    assert not app.exception, app.exception
    return app


def words(app):
    """All that the page says, as one text."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    parts = [e.value for kind in kinds for e in app.get(kind)]
    return "\n".join(str(p) for p in parts)


def button(app, label):
    return next(b for b in app.button if b.label == label)


def test_no_page_does_arithmetic_or_reaches_past_ui():
    for page in (ROOT / "pages").glob("*.py"):
        source = page.read_text()
        assert "numpy" not in source and "isost_core" not in source, page
        assert len(source.splitlines()) <= 40, page


@pytest.mark.parametrize("name", PAGES)
def test_page_without_anything(name, empty):
    app = open_page(name)
    assert app.title or app.header or app.subheader


@pytest.mark.parametrize("name", EXPLORE)
def test_explore_without_a_run_offers_ways_out(name, empty):
    app = open_page(name)
    assert "No run is open" in words(app)
    assert {"Go to start", "Upload sections", "Runs"} <= {b.label for b in app.button}


def test_start_has_three_doors_and_says_where_the_demo_is(empty):
    app = open_page("start")
    assert {"Open the demo", "Example data", "Upload sections"} <= {b.label for b in app.button}
    assert button(app, "Open the demo").disabled
    assert "Mouse hypothalamus" in words(app) and "Drosophila embryo" in words(app), "the examples by name"
    assert "Only you see them. A run is seen by you, and by those to whom you give its link." in words(app)
    assert len(words(app)) < 1500, "no list of all formats"
    pictures = [image for element in app.get("image") for image in element.proto.imgs]
    assert len(pictures) == 2 and all(image.alt for image in pictures)
    button(app, "Example data").click().run()
    assert not app.exception
    assert "Drosophila" in words(app) and "Mouse" in words(app)


def test_example_data_fills_the_table(empty, data_dir, monkeypatch):
    monkeypatch.setenv("ISOST_DATA_DIR", str(data_dir))
    app = open_page("start")
    button(app, "Example data").click().run()
    next(b for b in app.button if b.key == "fetch_merfish").click().run()
    assert not app.exception
    assert "5 sections, 28,317 cells, 155 genes" in words(app)
    assert not button(app, "Continue to reconstruction").disabled


@pytest.mark.parametrize("name", EXPLORE)
def test_explore_shows_the_run(name, with_run):
    app = open_page(name, run=RUN_ID)
    assert not app.error, words(app)
    assert "synthetic phantom" in words(app)
    assert app.selectbox[0].value == RUN_ID


def test_link_restores_the_view(with_run, no_webgl):
    app = open_page("explorer", run=RUN_ID, azimuth="40", tilt="70", offset="12", uncertainty="show",
                    genes="Depth1")
    sliders = {s.label: s.value for s in app.slider}
    assert (sliders["Azimuth"], sliders["Tilt"], sliders["Offset (µm)"]) == (40, 70, 12.0)
    assert app.multiselect[0].value == ["Depth1"]
    query = {k: v[-1] if isinstance(v, list) else v for k, v in app.query_params.items()}
    assert query == {"run": RUN_ID, "azimuth": "40", "tilt": "70", "offset": "12",
                     "uncertainty": "show", "genes": "Depth1"}


def test_what_is_changed_is_in_the_link(with_run, no_webgl):
    app = open_page("explorer", run=RUN_ID)
    assert set(app.query_params) == {"run"}
    next(s for s in app.slider if s.label == "Tilt").set_value(35).run()
    assert app.query_params["tilt"] in ("35", ["35"])
    assert "tilt=35" in app.code[0].value


def test_values_of_a_link_out_of_range_are_brought_into_it(with_run, no_webgl):
    app = open_page("explorer", run=RUN_ID, azimuth="9000", tilt="no number", offset="nan", cx="1e400")
    sliders = {s.label: s.value for s in app.slider}
    assert (sliders["Azimuth"], sliders["Tilt"], sliders["Offset (µm)"]) == (360, 0, 0.0)


def test_gene_of_a_link_in_any_case_and_unknown(with_run):
    assert open_page("explorer", run=RUN_ID, genes="depth1").multiselect[0].value == ["Depth1"]


def test_a_name_that_is_no_gene_is_said_and_the_nearest_can_be_clicked(with_run):
    app = open_page("explorer", run=RUN_ID, genes=["Dept1", "Spherical1"])
    assert app.multiselect[0].value == ["Spherical1"] and not app.error
    assert "No gene 'Dept1'. Did you mean" in words(app)
    button(app, "Depth1").click().run()
    assert app.multiselect[0].value == ["Spherical1", "Depth1"] and "No gene" not in words(app)
    app = open_page("explorer", run=RUN_ID, genes="**Qqq_<b>")
    assert len(app.multiselect[0].value) == 1 and "No gene '\\*\\*Qqq\\_\\<b>'. No name is like it" in words(app)
    button(app, "Close").click().run()
    assert "No gene" not in words(app) and not app.exception


def test_the_view_goes_along_to_the_next_page(with_run):
    app = open_page("explorer", run=RUN_ID)
    app.multiselect[0].set_value(["Depth1"]).run()
    app.switch_page("pages/gradients.py").run()
    assert app.multiselect[0].value == ["Depth1"]
    assert float(next(n for n in app.text_input if n.label == "depth (µm)").value) == pytest.approx(60.0, abs=1)


@pytest.mark.parametrize("run", ["f" * 24, "../../etc/passwd", "0123", "demo"])
def test_unknown_run_in_a_link(run, with_run):
    app = open_page("explorer", run=run)
    assert "This run is not here" in words(app)
    app = open_page("runs", run=run)
    assert "not on this server" in words(app)


def test_downloads(with_run):
    app = open_page("export", run=RUN_ID)
    one_click = {b.key for b in app.get("download_button")}
    assert {"get_section", "get_volume"} <= one_click and not {"prepare_section", "prepare_volume"} & {
        b.key for b in app.button}
    said = words(app)
    assert said.count("One click") == 2 and said.count("then you can download it") == 3, "what a click does"
    assert "(**mean**)" in said and "(**sd**)" in said and "under **Save** in the" in said
    for key in ("prepare_tissue", "prepare_surfaces", "prepare_bundle"):
        next(b for b in app.button if b.key == key).click().run()
        assert not app.exception and not app.error, words(app)
    labels = [b.label for b in app.get("download_button")]
    assert any("virtual_tissue" in label for label in labels) and any(".glb" in label for label in labels)
    import anndata

    kept = list((with_run / "exports").glob("*/tissue.h5ad"))
    assert anndata.read_h5ad(kept[0]).obs["virtual"].all()


def test_a_quick_file_is_written_when_it_is_asked_for(tmp_path):
    from ui.export.prepare_and_download import made

    assert made(lambda path: path.write_text(path.name), tmp_path, ".csv") == b"file.csv"
    assert not list(tmp_path.iterdir()), "nothing stays behind"


def test_depth_of_a_virtual_section_is_typed(with_run):
    app = open_page("export", run=RUN_ID)

    def box():
        return next(b for b in app.text_input if b.label == "Depth (µm)")

    assert box().value == "60"
    box().set_value("600").run()
    assert box().value == "60"
    assert any("Between 0 and 120 µm. 60 is kept." in element.proto.body for element in app.get("html"))


def test_runs_are_listed_for_their_owner_only(with_run):
    mine = open_page("runs")
    assert list(mine.dataframe[0].value["Name"]) == ["small ball"]
    assert "No runs yet" in words(open_page("runs", visitor="b" * 32))


def test_only_the_owner_can_delete(with_run):
    assert "Delete for good" in {b.label for b in open_page("runs", run=RUN_ID).button}
    other = open_page("runs", visitor="b" * 32, run=RUN_ID)
    assert "small ball" in words(other) and "Delete for good" not in {b.label for b in other.button}
    assert "Someone else started this run" in words(other)


def _written_run(workspace, status, log=""):
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.jobs.status import Status, write_status
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections

    sections = Sections.from_anndata(make_phantom("ball", 2, 60.0, n_cells=60, n_genes=4)[0])
    run = create_run(workspace / "runs" / RUN_ID, sections, Config(), name="ball")
    write_status(run, Status(**status))
    (run / "log.txt").write_text(log)
    own(run, VISITOR)
    return run


def test_running_run_shows_progress_and_can_be_cancelled(empty):
    born = {"pid": os.getpid(), "started": time.time()}
    run = _written_run(empty, {"state": "running", "stage": "drift", "fraction": 0.4, "eta_s": 30.0, **born})
    app = open_page("runs", run=RUN_ID)
    assert {("Done", "40 %"), ("Time left", "30 s")} <= {(m.label, m.value) for m in app.metric}
    assert "still going" in words(open_page("explorer", run=RUN_ID))
    assert list(app.dataframe[0].value["State"]) == ["running, 40 %"]
    button(app, "Cancel the run").click().run()
    assert (run / "cancel").exists()
    assert "Cancelling" in str(app.get("progress")[0].proto) and "Cancel the run" not in {b.label for b in app.button}
    assert list(app.dataframe[0].value["State"]) == ["cancelling"]


def test_the_first_seconds_of_a_run_are_its_start_and_then_count_down(empty):
    run = _written_run(empty, {"state": "queued"})
    assert {("Time left", "starting"), ("Running for", "starting")} <= {
        (m.label, m.value) for m in open_page("runs", run=RUN_ID).metric}
    from isost_core.jobs.status import Status, write_status

    write_status(run, Status("running", "drift", 0.4, 200.0, pid=os.getpid(), updated=time.time() - 80, seconds=10.0))
    shown = {m.label: m.value for m in open_page("runs", run=RUN_ID).metric}
    assert (shown["Time left"], shown["Running for"]) == ("2 min", "2 min")


def test_a_finished_run_leads_to_the_explorer_and_folds_its_log_away(with_run):
    app = open_page("runs", run=RUN_ID)
    assert "Open in the Explorer" in {b.label for b in app.button}
    assert [(e.label, e.proto.expanded) for e in app.expander] == [("Training details", False)]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_run_that_came_to_nothing_can_be_started_again(state, empty, monkeypatch):
    started = []
    monkeypatch.setattr("isost_core.jobs.executors.in_own_process", lambda kind, path: started.append(path))
    run = _written_run(empty, {"state": state}, "18:00 drift")
    (run / "cancel").touch()
    app = open_page("runs", run=RUN_ID)
    assert {"Change the settings", "Delete for good"} <= {b.label for b in app.button}
    button(app, "Start again").click().run()
    assert not app.exception and started == [run] and not (run / "cancel").exists()
    assert list(app.dataframe[0].value["State"]) == ["waiting"]
    assert "Start again" not in {b.label for b in open_page("runs", visitor="b" * 32, run=RUN_ID).button}


def test_only_the_owner_renames_a_run(empty):
    run = _written_run(empty, {"state": "failed"})
    app = open_page("runs", run=RUN_ID)
    app.text_input[0].set_value("  brain,	second try ")
    button(app, "Rename").click().run()
    assert json.loads((run / "config.json").read_text())["name"] == "brain, second try"
    assert list(app.dataframe[0].value["Name"]) == ["brain, second try"]
    app.text_input[0].set_value("...")
    button(app, "Rename").click().run()
    assert "at least one letter or digit" in app.error[0].value
    assert not open_page("runs", visitor="b" * 32, run=RUN_ID).text_input


def test_failed_run_says_why_and_shows_the_log(empty):
    _written_run(empty, {"state": "failed", "stage": "drift", "message": "The disk is full."}, "18:00 drift\nno space")
    app = open_page("runs", run=RUN_ID)
    assert "The disk is full." in app.error[0].value
    assert "no space" in app.code[0].value
    assert "This run failed" in words(open_page("explorer", run=RUN_ID))


def test_delete_removes_the_folder(empty):
    run = _written_run(empty, {"state": "cancelled"})
    app = open_page("runs", run=RUN_ID)
    button(app, "Delete for good").click().run()
    assert not run.exists() and not app.exception
    assert "No runs yet" in words(app)


def csv(n=30, section="S1", depth=None, genes=("A", "B", "C"), seed=0):
    """Bytes of a small table of one section."""
    rng = np.random.default_rng(seed)
    head = "x,y,section" + (",z_um" if depth is not None else "") + "," + ",".join(genes)
    rows = [f"{x:.1f},{y:.1f},{section}" + (f",{depth}" if depth is not None else "") + ","
            + ",".join(str(v) for v in rng.poisson(3, len(genes))) for x, y in rng.uniform(0, 100, (n, 2))]
    return "\n".join([head, *rows]).encode()


def h5ad(section="S1", n=30, spatial=True, genes=("A", "B", "C")):
    """Bytes of a small AnnData file without unit and depth."""
    import tempfile

    import anndata
    import pandas as pd

    rng = np.random.default_rng(1)
    cells = anndata.AnnData(rng.poisson(3, (n, len(genes))).astype(np.float32), var=pd.DataFrame(index=list(genes)))
    if spatial:
        cells.obsm["spatial"] = rng.uniform(0, 100, (n, 2))
    with tempfile.TemporaryDirectory() as folder:
        cells.write_h5ad(Path(folder) / "x.h5ad")
        return (Path(folder) / "x.h5ad").read_bytes()


def upload(files):
    """The Sections page after these files ({name: bytes}) were given to it."""
    app = open_page("sections")
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files.items()])
    return app.run()


def fill(app, gap=50.0, scale=1.0):
    next(n for n in app.text_input if n.label == "Gap between sections (µm)").set_value(f"{gap:g}").run()
    return next(n for n in app.text_input if n.label == "Size of one unit (µm)").set_value(f"{scale:g}").run()


def test_upload_asks_for_what_only_the_user_knows(empty):
    app = upload({"b.h5ad": h5ad(), "a.h5ad": h5ad()})
    assert "2 sections, 60 cells, 3 genes" in words(app)
    assert button(app, "Continue to reconstruction").disabled
    assert "Fill in **µm per unit** for all sections" in words(app) and "Fill in **Depth (µm)**" in words(app)
    app = fill(app)
    assert not app.exception and "can be reconstructed" in words(app)
    button(app, "Continue to reconstruction").click().run()
    assert not app.exception
    assert "0–50 µm" in words(app) or "0 to 50 µm" in words(app), words(app)


def test_a_reload_finds_the_upload_and_the_answers(empty):
    fill(upload({"a.h5ad": h5ad(), "b.h5ad": h5ad()}))
    app = open_page("sections")
    assert "2 sections" in words(app) and "can be reconstructed" in words(app)
    assert "Upload the sections" in words(open_page("sections", visitor="b" * 32))


BAD = {
    "empty file": ({"a.h5ad": b""}, "is empty"),
    "truncated h5ad": ({"a.h5ad": h5ad()[:900]}, "cannot be opened"),
    "no coordinates": ({"a.h5ad": h5ad(spatial=False)}, "no positions"),
    "text in a numeric column": ({"a.csv": csv().replace(b"\n", b"\n1,2,S1,oops,1,1\n", 1)}, "oops"),
    "duplicate gene names": ({"a.csv": csv(genes=("A", "A", "B"))}, "more than once"),
    "no shared genes": ({"a.csv": csv(), "b.csv": csv(section="S2", genes=("D", "E"))}, "share no genes"),
    "not a table": ({"a.parquet": b"nonsense"}, "cannot be read"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_file_gives_its_reason_and_the_app_lives(case, empty):
    files, reason = BAD[case]
    app = upload(files)
    assert not app.exception
    assert reason in app.error[0].value.replace("\\", "")


INCOMPLETE = {
    "one section": ({"a.csv": csv(depth=0)}, "at least two sections"),
    "same depth": ({"a.csv": csv(depth=5), "b.csv": csv(section="S2", depth=5)}, "same depth"),
    "no unit": ({"a.csv": csv(depth=0), "b.csv": csv(section="S2", depth=5)}, "µm per unit"),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_incomplete_table_says_what_is_missing(case, empty):
    files, reason = INCOMPLETE[case]
    app = upload(files)
    assert not app.exception and reason in words(app)
    assert button(app, "Continue to reconstruction").disabled


UNUSABLE = {
    "10 cells": ({"a.csv": csv(10, depth=0), "b.csv": csv(section="S2", depth=9)}, "10 cells"),
    "NaN": ({"a.csv": csv(depth=0).replace(b"\n", b"\n1,2,S1,0,,1,1\n", 1), "b.csv": csv(section="S2", depth=9)}, "A"),
    "negative": ({"a.csv": csv(depth=0).replace(b"\n", b"\n1,2,S1,0,-4,1,1\n", 1),
                  "b.csv": csv(section="S2", depth=9)}, "negative"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_bad_values_are_found_before_the_run(case, empty):
    files, reason = UNUSABLE[case]
    app = upload(files)
    next(n for n in app.text_input if n.label == "Size of one unit (µm)").set_value("1").run()
    assert not app.exception
    assert reason in app.error[0].value
    assert button(app, "Continue to reconstruction").disabled


def test_good_files_are_kept_beside_a_bad_one(empty):
    app = upload({"a.h5ad": h5ad(), "b.h5ad": h5ad(), "c.h5ad": b""})
    assert "2 sections" in words(app) and "c.h5ad" in app.error[0].value.replace("\\", "")
    app.button(key="confirm_remove_bad").click().run()
    assert not app.error and "2 sections" in words(app)


def test_upload_limit_and_kinds():
    from streamlit import config

    assert config.get_option("server.maxUploadSize") == 2048
    from ui.sections.upload import TYPES
    assert {"h5ad", "csv", "tsv", "parquet", "zip", "tar", "gz", "tgz", "h5", "gem"} <= set(TYPES)


@pytest.mark.parametrize("name, safe", [("../../etc/passwd", "passwd"), ("..\\..\\a.h5ad", "a.h5ad"),
                                        ("a b(1).csv", "a b(1).csv"), ("x" * 300 + ".h5ad", None),
                                        ("né/é.csv", "é.csv")])
def test_file_names_from_outside_are_neutral(name, safe):
    from ui.stack.uploads import safe_name

    made = safe_name(name)
    assert made == safe if safe else made.endswith(".h5ad")
    assert "/" not in made and len(made) <= 120 and not made.startswith(".")


@pytest.mark.parametrize("name", ["..", "/", "answers.json", "..."])
def test_file_names_that_mean_something_are_refused(name):
    from isost_core.errors import InputError
    from ui.stack.uploads import safe_name

    with pytest.raises(InputError):
        safe_name(name)


def test_new_run_form_is_the_config(empty):
    fill(upload({"a.h5ad": h5ad(), "b.h5ad": h5ad(), "c.h5ad": h5ad()}))
    app = open_page("new_run")
    import dataclasses

    from isost_core.config import Config
    shown = [f for f in dataclasses.fields(Config) if not f.metadata.get("hidden")]
    labels = {n.label.split(" (")[0] for n in app.text_input}
    assert {f.metadata["label"] for f in shown} <= labels
    assert app.multiselect[0].options == ["b"]
    for preset in ("fast", "standard", "paper"):
        app.radio[0].set_value(preset).run()
        assert not app.exception and "about" in words(app)
    next(box for box in app.text_input if box.label == "Training steps").set_value("many").run()
    assert "'many' is not a whole number" in str([e.value for e in app.get("html")]) or "is not a number" in str(
        [e.value for e in app.get("html")])


def test_a_new_run_is_called_by_its_files_its_preset_and_the_day(empty, monkeypatch):
    monkeypatch.setattr("isost_core.jobs.executors.in_own_process", lambda kind, path: None)
    fill(upload({"brain_1.h5ad": h5ad(), "brain_2.h5ad": h5ad(), "brain_3.h5ad": h5ad()}))
    app = open_page("new_run")
    name = app.text_input[0]
    assert name.value.startswith("brain · Standard · ")
    app.radio[0].set_value("fast").run()
    assert app.text_input[0].value.startswith("brain · Fast · ")
    button(app, "Start").click().run()
    app = open_page("new_run")
    app.radio[0].set_value("fast").run()
    assert app.text_input[0].value.endswith(" (2)")
    app = open_page("new_run")
    app.text_input[0].set_value("mine").run()
    app.radio[0].set_value("fast").run()
    assert app.text_input[0].value == "mine"


@pytest.mark.parametrize("names, called", [
    (["mouse.h5ad"], "mouse"), (["merfish_4_paste.h5ad", "merfish_9_paste.h5ad"], "merfish"),
    (["a.csv", "b.csv", "c.csv"], "a and 2 more"), (["S1.tar.gz", "S2.tar.gz"], "S1 and 1 more")])
def test_files_are_called_by_what_their_names_share(names, called):
    from ui.runs.run_name import of_files

    assert of_files(names) == called


def test_start_makes_a_run_in_a_process_of_its_own(empty, monkeypatch):
    started = []
    monkeypatch.setattr("isost_core.jobs.executors.in_own_process", lambda kind, path: started.append(path))
    fill(upload({"a.h5ad": h5ad(), "b.h5ad": h5ad(), "c.h5ad": h5ad()}))
    app = open_page("new_run")
    app.radio[0].set_value("fast").run()
    app.multiselect[0].set_value(["b"]).run()
    button(app, "Start").click().run()
    assert not app.exception
    about = json.loads((started[0] / "config.json").read_text())
    assert about["config"]["preset"] == "fast" and about["source"]["hold_out"] == ["b"]
    assert [s["name"] for s in about["sections"]] == ["a", "c"]
    assert len(started[0].name) == 24 and (started[0] / "owner").is_file()
    assert VISITOR not in (started[0] / "owner").read_text()


def test_example_table_can_be_read():
    import pandas as pd

    from ui.sections.upload import EXAMPLE_CSV

    table = pd.read_csv(io.StringIO(EXAMPLE_CSV))
    assert {"x", "y", "section", "z_um"} <= set(table.columns)


@pytest.mark.parametrize("value", [3, 2.5, True, "viridis", ["A", "B"], (0.1, 2.0)])
def test_view_values_survive_the_link(value):
    from ui.shell.link_text import from_text, to_text

    default = type(value)() if not isinstance(value, tuple) else (0.0, 0.0)
    assert from_text(to_text(value), default) == value


def test_about_says_what_is_predicted_is_not_measured(empty):
    app = open_page("about")
    assert "What is predicted is not measured" in words(app)
    assert "10.1101/2025.08.15.670472" in app.code[0].value


def test_a_gene_by_its_id_and_one_that_is_not_there(with_run, monkeypatch):
    from isost_core.sections.stack import Sections

    named = property(lambda sections: {"Depth1": "ENSMUSG01", "Spherical1": "ENSMUSG02"})
    monkeypatch.setattr(Sections, "other_names", named)
    app = open_page("explorer", run=RUN_ID, genes="ensmusg01")
    assert app.multiselect[0].value == ["Depth1"]
    app.multiselect[0].set_value(["Spherical1"]).run()
    app.run()
    assert app.multiselect[0].options[0] == "Spherical1", "recent genes come first"
    assert not app.error and not app.exception


def through_menu(app, name):
    """To another page as the menu leads there: with an empty address."""
    app.query_params.clear()
    app.switch_page(f"pages/{name}.py").run()


def test_back_to_a_page_brings_its_view_back(with_run, no_webgl):
    app = open_page("explorer", run=RUN_ID, tilt="70")
    left = dict(app.query_params)
    through_menu(app, "gradients")
    through_menu(app, "explorer")
    next(s for s in app.slider if s.label == "Tilt").set_value(35).run()
    through_menu(app, "gradients")
    app.switch_page("pages/explorer.py")
    app.query_params.clear()
    for key, value in left.items():
        app.query_params[key] = value
    app.run()
    assert next(s for s in app.slider if s.label == "Tilt").value == 70
    assert dict(app.query_params) == left
