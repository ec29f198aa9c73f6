"""Registration in a real browser: the whole stack automatically, one section dragged, undone, used by a run."""

import json

import numpy as np
import pytest

from tests.e2e.test_app import click, has_drawn, settle, shoot

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def turned_stack(tmp_path_factory):
    """One declared file of sections with structure along x and y, one of them turned and shifted."""
    import anndata

    rng, parts = np.random.default_rng(0), []
    for k in range(3):
        xy = rng.uniform(-1, 1, (900, 2)) * [420, 260]
        xy = xy[(xy[:, 0] / 420) ** 2 + (xy[:, 1] / 260) ** 2 < 1 - 0.3 * (xy[:, 0] > 200)]
        centre = np.array([[-200, 60], [150, -80], [60, 140], [-60, -120]])
        rate = 8 * np.exp(-((xy[:, None] - centre) ** 2).sum(2) / 2 / 110**2)
        values = rng.poisson(np.hstack([rate, rate[:, ::-1] * 0.5 + 0.2])).astype(np.float32)
        if k == 1:
            angle = np.radians(35)
            xy = xy @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + [180, -90]
        made = anndata.AnnData(values, obsm={"spatial": xy})
        made.obs["section"], made.obs["z_um"] = f"S{k + 1}", 60.0 * k
        made.var_names = [f"G{g}" for g in range(8)]
        parts.append(made)
    cells = anndata.concat(parts, index_unique="-")
    path = tmp_path_factory.mktemp("turned") / "turned.h5ad"
    cells.write_h5ad(path)
    return path


def agreement(page):
    """The agreement that the page shows; NaN while it is being computed."""
    shown = page.locator('[data-testid="stMetricValue"]').last.inner_text()
    return float("nan") if shown == "…" else float(shown)


def waits_for(page, holds):
    """Whether the agreement that the page shows comes to hold, within the time that a busy computer may take."""
    for _ in range(60):
        if holds(agreement(page)):
            return True
        page.wait_for_timeout(500)
    return False


def open_registration(page, url, file):
    page.goto(f"{url}/sections")
    page.get_by_text("Upload the sections of one stack").wait_for()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("Found:").wait_for()
    page.locator(".js-plotly-plot").wait_for(timeout=30_000)
    page.get_by_role("link", name="Registration").click()
    page.locator(".overlay[data-version]").wait_for(timeout=30_000)
    settle(page)


def drag(page, right, down):
    box = page.locator(".overlay canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=5)
    page.mouse.up()
    page.wait_for_timeout(800)
    settle(page)


def test_sections_are_registered_corrected_by_hand_undone_and_used(server, new_page, turned_stack):
    page = new_page()
    open_registration(page, server.url, turned_stack)
    assert waits_for(page, lambda shown: shown == shown)
    uploaded = agreement(page)
    top = page.locator(".overlay canvas").bounding_box()["y"]
    shoot(page, "registration-1-before")
    click(page, "Register")
    page.locator(".st-key-registration_going").wait_for()
    assert page.locator(".overlay canvas").bounding_box()["y"] == pytest.approx(top, abs=4), "it is not pushed down"
    page.get_by_role("button", name="Register again").wait_for(timeout=120_000)
    settle(page)
    shoot(page, "registration-2-after")
    assert waits_for(page, lambda shown: shown == shown)
    registered = agreement(page)
    assert registered > uploaded + 0.2
    assert has_drawn(page, ".overlay canvas")
    page.get_by_text("Each section since upload").wait_for()
    drag(page, 60, 30)
    wide = [page.locator(part).bounding_box()["width"] for part in (".overlay", ".overlay canvas")]
    assert wide[0] == pytest.approx(wide[1], abs=1), "the picture fills its column"
    foot, undo = (box.bounding_box() for box in (page.get_by_test_id("stBottom"),
                                                 page.get_by_role("button", name="Undo")))
    assert undo["y"] > 0 and undo["y"] + undo["height"] <= foot["y"], "in sight of the picture"
    assert waits_for(page, lambda shown: shown < registered - 0.05)
    shoot(page, "registration-3-dragged")
    done = page.locator(".pose").inner_text()  # of what was taken over, too
    assert done.startswith("since upload: moved") and "moved 0, 0" not in done and "computing" not in done
    click(page, "Undo")
    assert waits_for(page, lambda shown: shown == pytest.approx(registered, abs=0.002))
    page.locator(".overlay canvas").focus()
    page.keyboard.press("f")
    page.wait_for_timeout(800)
    settle(page)
    assert waits_for(page, lambda shown: shown < registered - 0.05)
    click(page, "Undo")
    page.reload()
    page.get_by_role("button", name="Register again").wait_for(timeout=30_000)
    settle(page)
    assert waits_for(page, lambda shown: shown == pytest.approx(registered, abs=0.002))
    kept = next(server.workspace.glob("uploads/*/*/answers.json"))
    assert json.loads(kept.read_text())["registration"]["on"]
    click(page, "Continue to New run")
    page.get_by_text("Sections of this run").wait_for(timeout=30_000)
    settle(page)
    page.get_by_role("button", name="Start").wait_for()
