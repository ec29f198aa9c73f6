"""The table of sections where their names or their unit leave something open."""

from typing import Any

import numpy as np

from isost_core.readers import read_sections
from tests.readers.test_readers import N, section, stack
from tests.ui.test_pages import button, empty, fill, upload, words  # noqa: F401 (a fixture)
from ui.stack.table import options_of, problems, with_scaled_depths


def as_bytes(cells, tmp_path, name):
    cells.write_h5ad(tmp_path / name)
    return (tmp_path / name).read_bytes()


def unclear(tmp_path):
    return {name: as_bytes(section(k), tmp_path, name)
            for k, name in enumerate(("mouse2_slice1.h5ad", "mouse1_slice2.h5ad"))}


def test_an_order_that_names_leave_open_is_asked_for(empty, tmp_path):  # noqa: F811
    app = fill(upload(unclear(tmp_path)))
    assert not app.error and "can be read in two orders" in words(app)
    assert button(app, "Continue to Quality").disabled and "Confirm that the order" in words(app)
    app = next(c for c in app.checkbox if c.key == "order_is_right").check().run()
    assert not app.error and not button(app, "Continue to Quality").disabled


def test_no_question_where_the_file_has_depths(empty, tmp_path):  # noqa: F811
    cells = stack()
    cells.obs["section"] = np.repeat(["m2_s1", "m1_s2", "m3_s0"], N)
    app = upload({"s.h5ad": as_bytes(cells, tmp_path, "s.h5ad")})
    assert "can be read in" not in words(app) and not button(app, "Continue to Quality").disabled


def test_a_note_is_said_once_and_without_options(empty, tmp_path):  # noqa: F811
    cells = stack()
    cells.obsm["spatial"][2] = np.nan
    cells.obsm["spatial"][N + 3] = [50.0, 1e6]
    app = upload({"s.h5ad": as_bytes(cells, tmp_path, "s.h5ad")})
    said = " ".join(str(part.value) for part in [*app.info, *app.caption])
    assert said.count("lies far from all others") == 1 == said.count("of the stored values was taken")
    assert "How the files are read" in said and "--keep" not in said


def row(name, order, **more):
    return {"use": True, "order": order, "name": name, "file": "s.h5ad", "depth": 10.0 * order, "scale": 1.0,
            "depth_in_file": None, "order_found": order, "order_doubt": True, "order_confirmed": False} | more


def test_an_order_that_was_changed_by_hand_is_not_asked_for():
    assert "Confirm that the order" in problems([row("a", 1), row("b", 2)])[0]
    assert not problems([row("a", 2, order_found=1), row("b", 1, order_found=2)])
    assert not problems([row("a", 1, order_confirmed=True), row("b", 2, order_confirmed=True)])


def test_depths_in_the_unit_of_x_and_y_follow_it(tmp_path):
    cells: Any = stack()
    cells.obsm["spatial3d"] = np.column_stack([cells.obsm["spatial"], cells.obs["z_um"]]) / 0.345
    cells.obs = cells.obs.drop(columns="z_um")
    del cells.obsm["spatial"]
    cells.write_h5ad(tmp_path / "s.h5ad")
    rows = [row(f"s{k}", k + 1, depth=None, scale=None, depth_in_units=50 * k / 0.345, order_doubt=False)
            for k in range(3)]
    rows = with_scaled_depths([r | {"scale": 0.345} for r in with_scaled_depths(rows)])
    np.testing.assert_allclose([r["depth"] for r in rows], [0, 50, 100])
    options = options_of({"depth_key": "spatial3d"}, rows)
    np.testing.assert_allclose(read_sections(tmp_path / "s.h5ad", options).depths, [0, 50, 100])
    own = with_scaled_depths([rows[0] | {"depth": 7.0}, *rows[1:]])
    assert own[0]["depth"] == 7.0
