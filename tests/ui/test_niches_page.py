"""The pages of niches and of spatially variable genes, through app.py."""

import os
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from isost_core.analysis.niche_places import niche_surface
from isost_core.analysis.niches import Niches, find_niches
from isost_core.jobs.executors import process_born
from isost_core.jobs.job import Job, Kind
from isost_core.jobs.status import Status, write_status
from isost_core.runs.store import load_run
from isost_core.workflows.find_niches import found_niches, keep_niches
from isost_core.workflows.spatial_genes import ranked_genes, spatial_genes_job
from tests.ui.test_pages import RUN_ID, VISITOR, button, open_page, own, words


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace with one finished run of a phantom whose cells are labelled by the side they lie on."""
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    workspace = tmp_path_factory.mktemp("workspace")
    cells = make_phantom("layers", 3, 60.0, n_cells=150, n_genes=6)[0]
    cells.obs["side"] = pd.Categorical(["left" if x < 0 else "right" for x in cells.obsm["spatial"][:, 0]])
    config = Config.of_preset("fast", train_steps=4, factors=6, width=8, step_um=60.0, masked_cells=50)
    execute(create_run(workspace / "runs" / RUN_ID, Sections.from_anndata(cells), config, name="sides"))
    return workspace


@pytest.fixture
def run(made, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(made))
    own(made / "runs" / RUN_ID, VISITOR)
    return made / "runs" / RUN_ID


def control(app, kind, label):
    return next(found for found in app.get(kind) if found.label == label)


@pytest.mark.parametrize("page", ["niches", "variable_genes"])
def test_without_a_run_they_say_what_to_do(page, tmp_path, monkeypatch):
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    assert "No run is open" in words(open_page(page))


def test_niches_are_found_in_a_process_of_their_own_kept_and_shown(run):
    app = open_page("niches", run=RUN_ID)
    assert control(app, "selectbox", "Group cells").options == ["by side", "by expression"]
    assert "not looked for niches with these settings" in words(app) and not app.get("plotly_chart")
    control(app, "selectbox", "Number of niches").set_value("2").run()
    button(app, "Find niches").click().run()
    assert not app.exception
    finished(run / "niches", Kind.FIND_NICHES)
    app = open_page("niches", run=RUN_ID, n_niches="2")
    names = control(app, "button_group", "Niches shown").value  # all, and each whole on its pill
    assert sorted(name.split(" · ")[1] for name in names) == ["left", "right"]
    sizes = next(d.value for d in app.dataframe if "volume_mm3" in d.value)
    assert list(sizes["niche"]) == list(names) and (sizes["volume_mm3"] > 0).all()
    assert sizes["measured_cells"].sum() == load_run(run).sections.n_cells
    markers = next(d.value for d in app.dataframe if "difference" in d.value)
    assert len(markers) == 6 and markers["q"].between(0, 1).all()
    assert len(app.get("plotly_chart")) == 3 and len(app.get("download_button")) == 3
    assert not any(b.label == "Find niches" for b in app.button)
    opened, kept = load_run(run), Niches.load(found_niches(run)[0])
    full = niche_surface(opened, kept, 0).n_cells
    assert 0 < niche_surface(opened, kept, 0, full // 3).n_cells <= full // 3, "a picture needs fewer triangles"


@pytest.mark.parametrize("page", ["explorer", "gradients", "niches", "export"])
def test_a_page_looks_through_the_niches_of_a_run_once(page, run, monkeypatch):
    keep_two(run)
    app = open_page(page, run=RUN_ID, kind="surface")
    looked, glob = [], Path.glob

    def counting(folder, pattern, **how):
        if folder == run / "niches":
            looked.append(pattern)
        return glob(folder, pattern, **how)

    monkeypatch.setattr(Path, "glob", counting)
    app.run()
    assert not app.exception and looked == ["*/niches.json"]


def test_niches_are_shown_where_genes_are_and_passed_over_elsewhere(run):
    names = keep_two(run)
    app = open_page("explorer", run=RUN_ID, genes=[names[0], "Depth1"])
    assert control(app, "multiselect", "Genes and niches (up to 3)").value == [names[0], "Depth1"]
    assert len([m for m in app.markdown if "-badge[Trust" in m.value]) == 1
    app.switch_page("pages/gradients.py").run()
    assert app.multiselect[0].value == ["Depth1"] and not app.error
    control(app, "selectbox", "Profile").set_value("surface").run()
    control(app, "selectbox", "Isosurface or niche").set_value(names[1]).run()
    assert not app.exception and not app.error and "Lines are **predicted**" in words(app)


def keep_two(run):
    """Keep two niches with the run, unless it has some; returns the names of those found last."""
    if not found_niches(run):
        keep_niches(run, find_niches(load_run(run), "side", 2), 2)
    return Niches.load(found_niches(run)[0]).names


def finished(jobs, kind):
    """Wait for the only job of a folder of jobs."""
    until = time.monotonic() + 120
    job = Job(kind, next(jobs.iterdir()))
    while job.going() and time.monotonic() < until:
        time.sleep(0.5)
    assert job.status().state == "done", job.log()


def labels(app):
    return {b.label for b in app.button}


def going(job):
    """Make a job look as if this process did it."""
    job.folder.mkdir(parents=True)
    write_status(job.folder, Status("running", "comparing with permuted cells", 0.4, 30.0, pid=os.getpid(),
                                    born=process_born(os.getpid()), seconds=20.0))


def test_genes_are_ranked_in_a_process_of_their_own_kept_and_searched(run):
    app = open_page("variable_genes", run=RUN_ID)
    assert "have not been ranked yet" in words(app) and not app.dataframe
    button(app, "Rank genes").click().run()
    assert not app.exception and "Rank genes" not in labels(app)
    assert (spatial_genes_job(run).folder / "owner").is_file()
    finished(run / "spatial_genes", Kind.SPATIAL_GENES)
    app = open_page("variable_genes", run=RUN_ID)
    table = app.dataframe[0].value
    assert len(table) == 6 and table["morans_i"].is_monotonic_decreasing
    assert table["trust"].notna().all() and ranked_genes(run).is_file()
    gene = table["gene"].iloc[-1]
    app.text_input[0].set_value(gene.lower()).run()
    assert list(app.dataframe[0].value["gene"]) == [gene]
    app.text_input[0].set_value("nowhere").run()
    assert "No gene has 'nowhere'" in words(app) and not app.dataframe
    assert not app.exception


@pytest.fixture
def other(run):
    """Another run: nothing was found in it yet."""
    made = shutil.copytree(run, run.with_name("f" * 24), ignore=shutil.ignore_patterns("spatial_genes", "niches"))
    yield made
    shutil.rmtree(made)


def test_ranking_shows_how_far_it_is_and_can_be_cancelled(other):
    going(spatial_genes_job(other))
    app = open_page("variable_genes", run=other.name)
    assert "Comparing genes with shuffled cells" in str(app.get("progress")[0].proto)
    assert "Rank genes" not in labels(app)
    button(app, "Cancel ranking genes").click().run()
    assert (spatial_genes_job(other).folder / "cancel").exists()


def test_ranking_that_fails_says_why_and_can_be_started_again(other):
    job = spatial_genes_job(other)
    job.folder.mkdir(parents=True)
    write_status(job.folder, Status("failed", "reading", message="Out of luck."))
    app = open_page("variable_genes", run=other.name)
    assert "Out of luck" in app.error[0].value and "Rank genes" in labels(app)


def test_who_has_the_link_only_cannot_write_into_the_run(other):
    app = open_page("variable_genes", visitor="b" * 32, run=other.name)
    assert "Only the person who started the run" in words(app) and "Rank genes" not in labels(app)
    assert not spatial_genes_job(other).folder.exists()
    going(spatial_genes_job(other))
    app = open_page("variable_genes", visitor="b" * 32, run=other.name)
    assert app.get("progress") and "Cancel ranking genes" not in labels(app)


def test_anybody_may_rank_the_genes_of_the_demo(other, tmp_path, monkeypatch):
    shutil.copytree(other, tmp_path / "demo")
    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    assert "Rank genes" in labels(open_page("variable_genes", visitor="b" * 32, run="demo"))


def test_genes_ranked_by_an_earlier_version_are_shown(other):
    (other / "variable_genes.csv").write_text("gene,morans_i,expected,z,p,q\nFlat1,0.2,0.0,5.0,1e-6,1e-5\n")
    app = open_page("variable_genes", visitor="b" * 32, run=other.name)
    assert list(app.dataframe[0].value["gene"]) == ["Flat1"]


def test_a_chosen_gene_is_the_gene_of_the_view(monkeypatch):
    from ui.gradients import spatial_genes
    from ui.shell import layout, state

    view, gone = {}, []
    monkeypatch.setattr(state, "set_view", view.__setitem__)
    monkeypatch.setattr(layout, "go", gone.append)
    monkeypatch.setattr(spatial_genes.st, "button", lambda label, **how: not how["disabled"])
    spatial_genes.way_to_explorer(["B"])
    assert view == {"genes": ["B"]} and gone == ["explorer"]
    view.clear()
    spatial_genes.way_to_explorer([])
    assert not view
