"""Every page of a run at the sizes of a laptop, a large screen, 150 % zoom and a phone: nothing is cut off or lies over
something else, nothing scrolls sideways without a sign, nothing stands in ragged rows. The run has long names.

`fit.js` measures the page that the browser shows; it says what does not fit.
"""

from pathlib import Path

import pytest

from tests.e2e.test_app import SCREENSHOTS, settle

pytestmark = pytest.mark.e2e
FIT = Path(__file__).with_name("fit.js").read_text()
RUN_ID = "b" * 24
NAME = "Donor 20.33.012, left hippocampus, three sections 60 µm apart, second attempt"
SIZES = [[(1280, 800), (1600, 900), (853, 533)], [(390, 844)]]  # a phone has its menu closed from the start
ROWS = {390: 2}  # of the bar above a run's pages; elsewhere it is one
WITH_CHART = ("niches", "gradients", "validate")
VIEWS = [("", ""), ("about", ""), ("export", ""), ("variable_genes", ""), ("validate", ""), ("explorer", ""),
         ("niches", ""), ("niches", "Composition"), ("niches", "Sizes"), ("niches", "Markers"), ("niches", "How many"),
         ("gradients", ""), ("gradients&kind=spherical&focus_by=hot", ""), ("gradients&kind=radial&axis=any", ""),
         ("gradients&kind=spherical&focus_by=clump&uncertainty=hide", ""), ("gradients&kind=surface", ""),
         ("gradients", "Ranked genes"), ("gradients", "Groups of foci"), ("gradients&groups=two", "Groups of foci")]
BOXES = {"explorer": ("download", "share", "trust"), "gradients": ("chart_options", "chart_words"),
         "niches": ("niche_words",)}


@pytest.fixture(scope="module")
def run(server):
    """A run of a small phantom, hardly trained, with names of 46 (sections), 35 (genes) and 34 letters (labels); its
    niches are found, its genes ranked, and it is validated."""
    import numpy as np

    from isost_core.analysis.neighbourhoods import usual_reach
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run, load_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.find_niches import create_niches, execute_niches
    from isost_core.workflows.reconstruct import execute
    from isost_core.workflows.spatial_genes import create_spatial_genes, execute_spatial_genes
    from isost_core.workflows.validate import create_validation, execute_validation

    cells = make_phantom("layers", 3, 60.0, n_cells=200, n_genes=8)[0]
    cells.obs["section"] = [f"Donor_H20.33.012_hippocampus_left_section_{s[1:]:0>4}" for s in cells.obs["section"]]
    cells.obs["cell_type_of_the_reference_atlas"] = np.where(
        cells.obsm["spatial"][:, 0] > 0, "Glutamatergic neuron of layer five", "Oligodendrocyte precursor, cycling")
    cells.var_names = [f"ENSMUSG{number:011d}_Predicted_Gm{number:04d}" for number in range(cells.n_vars)]
    config = Config.of_preset("fast", train_steps=4, factors=6, width=8, step_um=60.0, masked_cells=50)
    folder = execute(create_run(server.workspace / "runs" / RUN_ID, Sections.from_anndata(cells), config, name=NAME))
    execute_validation(create_validation(folder).folder)
    reach = usual_reach(load_run(folder))
    execute_niches(create_niches(folder, "cell_type_of_the_reference_atlas", None, reach).folder)
    execute_spatial_genes(create_spatial_genes(folder).folder)
    return folder


def visit(page, server, view, tab):
    """Open a view of the run, and wait until it is drawn."""
    path, _, query = view.partition("&")
    page.goto(f"{server.url}/{path}?run={RUN_ID}&{query}")
    page.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
    settle(page)
    if path == "explorer":
        page.locator(".explorer[data-ready=yes]").wait_for(timeout=60_000)
    if tab:
        page.get_by_role("tab", name=tab, exact=True).click()
        settle(page)
    if path in WITH_CHART and tab not in ("Sizes", "Markers", "Ranked genes", "How many"):
        page.locator(".js-plotly-plot .main-svg").locator("visible=true").first.wait_for(timeout=60_000)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)


def faults(page):
    """What does not fit once the page has come to rest: a busy computer draws charts anew late."""
    for _ in range(10):
        if not (found := page.evaluate(FIT)):
            break
        page.wait_for_timeout(500)
    return found


@pytest.mark.parametrize("sizes", SIZES, ids=["screens", "phone"])
def test_everything_fits(server, run, browser, sizes):
    context = browser.new_context(viewport={"width": sizes[0][0], "height": sizes[0][1]})
    page, found = context.new_page(), []
    for view, tab in VIEWS:
        visit(page, server, view, tab)
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(700)  # charts follow the size of the window
            found += [f"{view} {tab} {width}: {fault}" for fault in faults(page)]
            page.screenshot(path=SCREENSHOTS / f"fit_{view.replace('&', '_')}_{tab.replace(' ', '_')}_{width}.png")
            if page.locator(".st-key-slim_bar").count():
                rows = page.locator(".st-key-slim_bar").bounding_box()["height"] // 40
                assert rows <= ROWS.get(width, 1), (view, width)
        found += [] if tab else boxes(page, view)
    context.close()
    assert not found, "\n".join(found)


def boxes(page, view):
    """What does not fit in the boxes that open from the view, at the size it has."""
    found = []
    for box in BOXES.get(view, ()):
        page.locator(f".st-key-{box} button").first.click()
        page.get_by_test_id("stPopoverBody").wait_for()
        page.wait_for_timeout(500)
        found += [f"{view} {box}: {fault}" for fault in faults(page)]
        page.screenshot(path=SCREENSHOTS / f"fit_{view}_{box}_{page.viewport_size['width']}.png")
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
    return found


def test_the_menu_has_its_width_from_the_first_picture(server, new_page):
    page = new_page()
    page.add_init_script("""
      window.widths = new Set();
      const look = () => {
        const menu = document.querySelector('[data-testid="stSidebar"]');
        if (menu?.checkVisibility()) window.widths.add(Math.round(menu.getBoundingClientRect().width));
        requestAnimationFrame(look);
      };
      look();""")
    page.goto(server.url)
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    settle(page)
    assert page.evaluate("[...window.widths]") == [240]
