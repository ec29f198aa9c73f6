"""Figures say what they show: units, measured or predicted, the same colours; and stay small."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from isost_core.export import figure_data
from isost_core.figures import charts, colours, lit_scene, profiles, sections, slices, style, tissue
from isost_core.figures.surfaces import ColouredSurface


def make_slice(u=(1, 0, 0), v=(0, 1, 0), origin=(100, 50, 30), n=16):
    mask = np.ones((n, n), bool)
    mask[:3] = False
    values = np.where(mask, np.arange(n * n, dtype=np.float32).reshape(n, n) / 50, np.nan)
    return SimpleNamespace(values=values, sd=np.where(mask, 0.25, np.nan), mask=mask, spacing_um=5.0,
                           known=np.where(mask, values / 6, np.nan),
                           origin=np.array(origin, float), u=np.array(u, float), v=np.array(v, float),
                           normal=np.cross(u, v), gene="Gad1")


def make_surface(n=40, **more):
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    ring = np.stack([900 + 800 * np.cos(angle), 900 + 800 * np.sin(angle), 100 * np.cos(3 * angle)], axis=1)
    faces = np.stack([np.zeros(n - 2), np.arange(1, n - 1), np.arange(2, n)], axis=1).astype(np.int32)
    look = {"colour": "rgb(1, 2, 3)", "level": 1.2} | more
    return ColouredSurface("Gad1", ring.astype(np.float32), faces, **look)


def make_points(n, values=True):
    rng = np.random.default_rng(0)
    points = {"xyz": rng.uniform(0, 1800, (n, 3)) * [1, 1, 0.1], "name": "Gad1", "colour_map": "magma"}
    return points | ({"values": rng.poisson(1.0, n).astype(float)} if values else {})


def make_profile():
    rows = [pd.DataFrame({"gene": g, "source": s, "distance_um": np.arange(0, 201, step), "mean": 1.0, "low": 0.8,
                          "high": 1.2, "known_share": np.linspace(0.4, 0.9, len(np.arange(0, 201, step))), "n": 30})
            for g in ("Gad1", "Mbp") for s, step in (("predicted", 10.0), ("measured", 50.0))]
    return pd.concat(rows, ignore_index=True)


def make_sections(k):
    rng = np.random.default_rng(0)
    return [{"xy": rng.uniform(0, 500, (200, 2)), "values": rng.poisson(1.0, 200), "name": f"S{i}",
             "depth_um": 50.0 * i} for i in range(k)]


def make_all(name="viridis"):
    loss = pd.DataFrame({"step": [1, 2, 3, 4], "stage": ["forward", "forward", "backward", "backward"],
                         "loss": [9, 3.0, 1.0, 0.1]})
    cells = make_sections(1)[0]
    return {"3d": tissue.tissue_3d([make_surface()], make_surface(level=None), make_points(50) | {"colour_map": name}),
            "slice": slices.slice_image(make_slice(), name), "sd": slices.slice_image(make_slice(), layer="sd"),
            "section": sections.section_points(cells["xy"], cells["values"], "S0", 50.0, gene="Gad1", colour_map=name),
            "strip": sections.sections_strip(make_sections(7), "Gad1", colour_map=name),
            "profile": profiles.profile_lines(make_profile(), "depth"), "loss": charts.loss_curve(loss)}


@pytest.mark.parametrize("name", colours.COLOUR_MAPS)
def test_no_colour_scale_is_hexadecimal(name):
    """Magma starts at #000004, a placeholder of the Streamlit theme: it would be drawn pink."""
    for figure in make_all(name).values():
        drawn = json.loads(figure.to_json())
        drawn["layout"].pop("template", None)
        assert not re.search(r'"#[0-9a-fA-F]{3,8}"', json.dumps(drawn))


def test_every_value_is_called_measured_or_predicted():
    for name, figure in make_all().items():
        text = figure.to_json()
        if name != "loss":
            assert "measured" in text or "predicted" in text
            assert "log1p" in text
    text = make_all()["slice"].to_json()
    assert "measured" not in text


def test_axes_carry_units():
    made = make_all()
    for axis in "xyz":
        assert made["3d"].layout.scene[f"{axis}axis"].title.text.endswith("(µm)")
    for name in ("slice", "section"):
        assert made[name].layout.xaxis.title.text == "x (µm)"
        assert made[name].layout.yaxis.title.text == "y (µm)"
    assert made["profile"].layout.xaxis.title.text == "depth (µm)"
    assert profiles.profile_lines(make_profile(), "radial").layout.xaxis.title.text == "distance from the axis (µm)"


def test_3d_keeps_the_true_proportions_and_stretches_only_depth():
    plain = tissue.tissue_3d([], make_surface(), None).layout.scene
    deep = tissue.tissue_3d([], make_surface(), None, depth_scale=4.0).layout.scene
    assert plain.aspectratio.z / plain.aspectratio.x == pytest.approx(200 / 1600, rel=1e-3)
    assert deep.aspectratio.z / deep.aspectratio.x == pytest.approx(4 * 200 / 1600, rel=1e-3)
    assert "4×" in deep.zaxis.title.text
    assert tuple(deep.zaxis.range) == tuple(plain.zaxis.range)


@pytest.mark.parametrize("camera", lit_scene.CAMERAS)
def test_cameras_look_at_the_tissue_from_outside(camera):
    space = tissue.tissue_3d([make_surface()], camera=camera).layout.scene
    eye, half = space.camera.eye, space.aspectratio
    assert max(abs(eye.x) / half.x, abs(eye.y) / half.y, abs(eye.z) / half.z) > 0.5


def test_3d_picture_stays_under_a_megabyte_and_points_under_their_limit():
    n = 110
    i, j = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    vertices = np.stack([i.ravel(), j.ravel(), (i * j).ravel() % 7], axis=1).astype(np.float32)
    a = (i[:-1, :-1] * n + j[:-1, :-1]).ravel()
    faces = np.concatenate([np.stack([a, a + 1, a + n], 1), np.stack([a + 1, a + n + 1, a + n], 1)]).astype(np.int32)
    figure = tissue.tissue_3d([make_surface(), ColouredSurface("big", vertices, faces)], None, make_points(50_000))
    assert len(faces) == 23_762
    assert len(figure.to_json()) < 1_000_000
    assert len(figure.data[-1].x) == lit_scene.MOST_POINTS


def test_mesh_indices_survive_their_narrow_type():
    surface = make_surface()
    mesh = tissue.tissue_3d([surface]).data[0]
    np.testing.assert_array_equal(np.stack([mesh.i, mesh.j, mesh.k], 1), surface.faces)


def test_an_empty_3d_picture_is_still_a_picture():
    assert len(tissue.tissue_3d([ColouredSurface("A", np.zeros((0, 3)), np.zeros((0, 3), int))]).data) == 0


def test_slice_lies_where_it_was_cut_and_is_blank_outside_the_tissue():
    figure = slices.slice_image(make_slice())
    heat = figure.data[0]
    assert (heat.x[0], heat.x[-1]) == (100, 175)
    assert (heat.y[0], heat.y[-1]) == (50, 125)
    assert np.isnan(np.asarray(heat.z, float)[:3]).all()
    assert np.asarray(heat.z)[5, 2] == pytest.approx((5 * 16 + 2) / 50)
    assert figure.layout.yaxis.scaleanchor == "x"
    assert heat.colorbar.title.text == "Gad1 · predicted (log1p)"


def test_tilted_slice_is_measured_from_its_centre_and_an_upright_one_along_depth():
    tilted = slices.slice_image(make_slice(u=(np.sqrt(0.5), 0, -np.sqrt(0.5))))
    assert "from its centre (µm)" in tilted.layout.xaxis.title.text
    assert np.mean(tilted.data[0].x) == pytest.approx(0)
    upright = slices.slice_image(make_slice(u=(0, 0, -1)))
    assert upright.layout.xaxis.title.text == "depth (µm)"
    assert (upright.data[0].x[0], upright.data[0].x[-1]) == (30, -45)
    assert tuple(upright.layout.xaxis.range) == (30, -45)
    bar = upright.layout.shapes[0]
    assert (bar.x0, bar.x1) == (27, 17)  # lower left also where the axis runs backwards


def test_sd_is_a_picture_of_its_own():
    figure = slices.slice_image(make_slice(), layer="sd")
    assert np.nanmax(np.asarray(figure.data[0].z, float)) == 0.25
    assert figure.data[0].colorbar.title.text == "Gad1 · predicted, sd (log1p)"


def test_section_and_slice_share_a_range():
    cells = make_sections(1)[0]
    figure = sections.section_points(cells["xy"], cells["values"], "S0", 50.0, gene="Gad1", limits=(0.5, 3.0))
    marker = figure.data[0].marker
    assert (marker.cmin, marker.cmax) == (0.5, 3.0)
    assert "depth 50 µm · measured" in figure.layout.title.text
    assert list(marker.color) == sorted(cells["values"])


def test_strip_shows_every_section_in_one_frame():
    figure = sections.sections_strip(make_sections(7), "Gad1")
    assert len(figure.data) == 7
    assert len({tuple(figure.layout[f"xaxis{k or ''}"].range) for k in ("", 2, 7)}) == 1
    assert figure.layout.annotations[0].text == "S0 · 0 µm"
    unknown = [s | {"depth_um": None} for s in make_sections(2)]
    assert sections.sections_strip(unknown).layout.annotations[1].text == "S1"


def test_profile_draws_predicted_solid_in_a_band_and_measured_dashed():
    figure = profiles.profile_lines(make_profile(), "depth")
    lines = {t.name: t for t in figure.data if t.fill is None}
    bands = [t for t in figure.data if t.fill == "toself"]
    assert len(bands) == 2
    assert min(bands[0].y) == 0.8
    assert max(bands[0].y) == 1.2
    assert lines["Gad1 · predicted"].line.dash is None
    assert lines["Gad1 · measured"].line.dash == "dash"
    assert lines["Gad1 · predicted"].line.color == lines["Gad1 · measured"].line.color
    assert lines["Gad1 · predicted"].line.color != lines["Mbp · predicted"].line.color


def test_loss_over_decades_is_on_a_log_axis():
    assert make_all()["loss"].layout.yaxis.type == "log"
    flat = pd.DataFrame({"step": [1, 2], "stage": ["a", "a"], "loss": [1.0, 0.9]})
    assert charts.loss_curve(flat).layout.yaxis.type != "log"
    assert len(charts.loss_curve(flat.iloc[:0]).data) == 0


@pytest.mark.parametrize("span, length, text", [(1800, 200, "200 µm"), (9000, 1000, "1 mm"), (90, 10, "10 µm"),
                                                (26_000, 5000, "5 mm"), (0, 1, "1 µm")])
def test_scale_bars_are_round(span, length, text):
    assert style.nice_length(span) == pytest.approx(length)
    assert style.length_text(style.nice_length(span)) == text


def test_tables_hold_what_is_drawn():
    cut = make_slice()
    table = figure_data.slice_table(cut)
    assert len(table) == cut.mask.sum()
    row = table.iloc[0]
    assert (row["x_um"], row["y_um"], row["depth_um"]) == (100, 65, 30)
    assert row["Gad1_predicted_log1p"] == pytest.approx(cut.values[3, 0])
    surface = make_surface()
    triangles = figure_data.mesh_table([surface, surface])
    assert len(triangles) == 2 * len(surface.faces)
    assert triangles["level_log1p"].iloc[0] == 1.2
    assert triangles["y_b_um"].iloc[0] == pytest.approx(surface.vertices[surface.faces[0, 1], 1], abs=0.01)
    assert len(figure_data.mesh_table([])) == 0
    assert figure_data.section_table(np.zeros((2, 2)), [1, 2], "Gad1")["Gad1_measured_log1p"].tolist() == [1, 2]


def test_the_map_of_a_focus_shows_cells_cross_and_ring():
    xyz = np.random.default_rng(0).uniform(0, 500, (4000, 3))
    figure = profiles.focus_points(xyz, xyz[:, 0] / 500, (0.0, 1.0), (100.0, 200.0, 30.0), radius_um=50.0)
    cells, rim, cross = figure.data
    assert 1000 < len(cells.x) < 4000 and np.allclose(cells.marker.color, np.asarray(cells.x) / 500)
    assert {*np.ravel(cells.customdata)} <= {*xyz[:, 2]}
    assert (cross.x[0], cross.y[0]) == (100.0, 200.0)
    around, ring, bar = figure.layout.shapes
    assert (ring.x0, ring.x1, ring.y0, ring.y1) == (50.0, 150.0, 150.0, 250.0)
    for below, above in (rim.marker, cross.marker), (around, ring):
        assert (below.line.color, above.line.color) == (colours.CANVAS, "rgb(255, 255, 255)"), "seen on any colour"
        assert below.line.width > above.line.width
    assert bar.type == "line" and bar.y0 < xyz[:, 1].min() and figure.layout.annotations[0].text == "50 µm"
    assert cells.marker.colorbar.title.text == "log1p"


def test_the_box_of_a_profile_says_where_it_is_and_its_points_where_they_are():
    depth, radial = (profiles.profile_lines(make_profile(), kind).layout.xaxis for kind in ("depth", "radial"))
    assert depth.unifiedhovertitle.text == "depth %{x:,.0f} µm"
    assert radial.unifiedhovertitle.text == "distance %{x:,.0f} µm"
    told = {t.name: t.hovertemplate for t in profiles.profile_lines(make_profile(), "depth").data}
    assert told["Gad1 · measured"].endswith(", at %{x:,.0f}") and "at %{x" not in told["Gad1 · predicted"]


def test_the_buttons_of_a_profile_do_not_lie_over_its_legend():
    layout = profiles.profile_lines(make_profile(), "depth").layout
    assert layout.modebar.orientation == "v" and layout.margin.r >= 40


@pytest.mark.parametrize("what", ["section", "strip", "slice", "sd"])
def test_pictures_of_tissue_can_have_y_downwards(what):
    up, down = make_all()[what], style.y_downwards(make_all()[what])
    for axis in up.layout:
        if axis.startswith("yaxis"):
            low, high = up.layout[axis].range
            assert low < high and tuple(down.layout[axis].range) == (high, low)
        if axis.startswith("xaxis"):
            assert up.layout[axis].range == down.layout[axis].range
    assert down.layout.shapes[0].y0 == up.layout.shapes[0].y0, "the scale bar stays beside the cells"
    on_axis = [label for label in down.layout.annotations if label.yref == "y"]
    assert on_axis and all(label.yshift > 0 for label in on_axis), "its label does not lie on the cells"


def test_depth_goes_downwards_in_3d_and_nothing_is_mirrored():
    camera = make_all()["3d"].layout.scene.camera
    cameras = [lit_scene.camera(name) for name in ("oblique", "front")] + [lit_scene.from_angles(33, 27)]
    for eye, up in [([*map(camera.eye.__getitem__, "xyz")], [*map(camera.up.__getitem__, "xyz")]), *cameras]:
        assert np.cross(up, eye)[0] > 0 and up[2] < 0, "x to the right, depth downwards"
    assert np.allclose(lit_scene.from_angles(0, 90)[0], [0, 0, -1]), "from above: where depth is least"


def test_charts_keep_their_way_up_and_a_picture_without_a_range_turns_too():
    import plotly.graph_objects as go

    chart = style.y_downwards(profiles.profile_lines(make_profile(), "depth"))
    assert chart.layout.yaxis.autorange is None
    picture = go.Figure(go.Scatter(x=[0, 1], y=[0, 1])).update_yaxes(scaleanchor="x")
    assert style.y_downwards(picture).layout.yaxis.autorange == "reversed"


def test_long_names_keep_their_beginning_and_end():
    from isost_core.figures.sections import short

    assert short("Bregma-0.04") == "Bregma-0.04" and short("a_rather_long_section_name_S01") == "a_rathe…name_S01"
