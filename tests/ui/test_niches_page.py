"""The pages of niches and of spatially variable genes, through app.py."""

import time
from pathlib import Path

import pandas as pd
import pytest

from isost_core.analysis.niches import Niches, find_niches
from isost_core.runs.store import load_run
from isost_core.workflows.find_niches import found_niches, keep_niches
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
    assert control(app, "selectbox", "Find niches").options == ["by side", "by expression"]
    assert "No niches were found" in words(app) and not app.get("plotly_chart")
    control(app, "selectbox", "Number of niches").set_value("2").run()
    button(app, "Find niches").click().run()
    assert not app.exception
    finished(run)
    app = open_page("niches", run=RUN_ID, n_niches="2")
    names = control(app, "multiselect", "Niches shown").options
    assert sorted(name.split(" · ")[1] for name in names) == ["left", "right"]
    sizes = next(d.value for d in app.dataframe if "volume_um3" in d.value)
    assert list(sizes["niche"]) == list(names) and (sizes["volume_um3"] > 0).all()
    assert sizes["measured_cells"].sum() == load_run(run).sections.n_cells
    markers = next(d.value for d in app.dataframe if "difference" in d.value)
    assert len(markers) == 6 and markers["q"].between(0, 1).all()
    assert len(app.get("plotly_chart")) == 3 and len(app.get("download_button")) == 3
    assert not any(b.label == "Find niches" for b in app.button)


@pytest.mark.parametrize("page", ["explorer", "gradients", "niches", "export"])
def test_a_page_looks_through_the_niches_of_a_run_once(page, run, monkeypatch):
    keep_two(run)
    app = open_page(page, run=RUN_ID, draw="live", kind="surface")
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
    app = open_page("explorer", run=RUN_ID, draw="live", genes=[names[0], "Depth1"])
    assert control(app, "multiselect", "Genes and niches (up to 3)").value == [names[0], "Depth1"]
    assert len([m for m in app.markdown if "-badge" in m.value and "Trust" in m.value]) == 1
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


def finished(run):
    """Wait for the job that finds niches."""
    from isost_core.workflows.find_niches import ACTIVE, niches_status

    until = time.monotonic() + 120
    folder, = (run / "niches").iterdir()
    while niches_status(folder).state in ACTIVE and time.monotonic() < until:
        time.sleep(0.5)
    assert niches_status(folder).state == "done"


def test_genes_are_ranked_searched_and_kept(run):
    app = open_page("variable_genes", run=RUN_ID)
    table = app.dataframe[0].value
    assert len(table) == 6 and table["z"].is_monotonic_decreasing
    assert table["trust"].notna().all() and (run / "variable_genes.csv").is_file()
    gene = table["gene"].iloc[-1]
    app.text_input[0].set_value(gene.lower()).run()
    assert list(app.dataframe[0].value["gene"]) == [gene]
    app.text_input[0].set_value("nowhere").run()
    assert "No gene has 'nowhere'" in words(app) and not app.dataframe
    assert not app.exception


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
