"""How sure a prediction is: resolved shares by place, grades of genes at the end of a run, doubled structures."""

import dataclasses
import json
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core.analysis.profiles import profile, uncertain_bins
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.figures import profiles, slices
from isost_core.figures.uncertainty import UncertaintyView
from isost_core.model.decoder import PublishedDecoder
from isost_core.model.model import PublishedModel
from isost_core.model.training import train
from isost_core.reconstruction import isosurfaces
from isost_core.reconstruction.slices import oblique
from isost_core.reconstruction.volume import make_volume
from isost_core.sections.stack import Sections
from isost_core.validation import doubled_layers, trust
from isost_core.validation.hold_out import predict_section
from isost_core.validation.metrics import Measured, grid_widths, score_mean
from isost_core.validation.provisional_trust import _in_a_gap, provisional_grades, provisional_trust

MIDDLE = (0.0, 0.0, 120.0)


@pytest.fixture(scope="module")
def clear(ball):
    """The gene of the ball with the strongest pattern, and its volume."""
    return ball[0].clearest_gene, make_volume(ball[0], [ball[0].clearest_gene], 10.0)


def test_the_known_share_runs_from_nothing_to_all(ball):
    decoder = ball[0].decoder
    signal = decoder.covariance.signal.astype(np.float32)
    fixed, free = decoder.known_share(np.stack([0 * signal, signal]))
    assert fixed == pytest.approx(1) and free == pytest.approx(0, abs=1e-5)
    assert decoder.known_share(10 * signal[None]).min() == 0


def test_more_is_known_at_a_section_than_in_the_middle_of_a_gap(ball, clear):
    run = ball[0]
    model, column = run.model, [run.genes.index(clear[0])]
    xy = run.measured_xyz[run.sections.rows(run.sections.names[2]), :2]
    places = (np.column_stack([xy, np.full(len(xy), z)]) for z in (120.0, 150.0))
    at, between = (model.decoder.known_share(model.kriging.predict(xyz)[1], column) for xyz in places)
    assert np.median(at) > np.median(between) + 0.03
    assert (at > between).mean() > 0.9


def test_the_layer_of_a_volume_is_a_share_inside_the_tissue_only(clear):
    volume = clear[1]
    assert np.isfinite(volume.known[0]).tolist() == volume.mask.tolist()
    assert 0 <= np.nanmin(volume.known) < np.nanmax(volume.known) <= 1
    shares = trust.region_shares(volume.known)
    assert sum(shares.values()) == pytest.approx(1)
    assert trust.share_below(volume.known, 0.5) == pytest.approx(shares["C"])
    assert shares["A"] == pytest.approx((volume.known[0][volume.mask] >= 0.75).mean())


def test_a_threshold_cuts_the_surface_where_less_is_known(ball, clear):
    run, (gene, volume) = ball[0], clear
    level = isosurfaces.level_of_percentile(volume, gene, 30)
    least = float(np.nanmedian(volume.known))
    whole, cut = (isosurfaces.isosurface(run, gene, level, least_known=share) for share in (0.0, least))
    assert _enclosed(*cut) < 0.8 * _enclosed(*whole)
    place = np.rint((cut[0] - volume.origin_um) / volume.spacing_um).astype(int)
    known = volume.known[0][tuple(np.clip(place, 0, np.array(volume.mask.shape) - 1).T)]
    assert np.nanquantile(known, 0.1) > least - 0.05
    assert len(isosurfaces.isosurface(run, gene, level, least_known=1.0)[1]) == 0


def _enclosed(vertices, faces):
    a, b, c = (vertices[faces[:, k]].astype(float) for k in range(3))
    return abs(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) / 6


def test_a_slice_hides_or_hatches_the_places_of_which_less_is_known(ball, clear):
    cut = oblique(ball[0], clear[0], MIDDLE, 0, 90, 300.0, 64)
    least = float(np.nanmedian(cut.known))
    uncertain = cut.mask & (cut.known < least)
    hidden = slices.slice_image(cut, uncertainty=UncertaintyView("hide", least))
    assert np.isnan(np.asarray(hidden.data[0].z, float))[uncertain].all()
    assert np.isfinite(np.asarray(hidden.data[0].z, float))[cut.mask & ~uncertain].all()
    hatched = slices.slice_image(cut, uncertainty=UncertaintyView("show", least))
    lines = np.isfinite(np.asarray(hatched.data[1].z, float))
    assert lines[uncertain].mean() > 0.3 and not lines[~uncertain].any()
    assert "predicted" in hidden.layout.title.text and "hidden" in hidden.layout.title.text
    known = slices.slice_image(cut, layer="known").data[0]
    assert (known.zmin, known.zmax) == (0, 1) and "resolved share" in known.colorbar.title.text


def test_a_profile_leaves_out_the_bins_of_which_less_is_known(ball, clear):
    table = profile(ball[0], [clear[0]], "depth", MIDDLE)
    predicted = table[table["source"] == "predicted"].reset_index(drop=True)
    assert (table.loc[table["source"] == "measured", "known_share"] == 1).all()
    least = float(predicted["known_share"].median())
    uncertain = uncertain_bins(table, least)
    assert 0 < uncertain.sum() < len(predicted) and not uncertain[table["source"] == "measured"].any()
    line = profiles.profile_lines(table, "depth", uncertainty=UncertaintyView("hide", least)).data[1]
    np.testing.assert_array_equal(np.isnan(np.asarray(line.y, float)), uncertain_bins(predicted, least))
    rings = profiles.profile_lines(table, "depth", uncertainty=UncertaintyView("show", least)).data[2]
    assert len(rings.x) == uncertain.sum()
    bare = profiles.profile_lines(table, "depth", intervals=False)
    assert len(bare.data[0].x) == 0 and np.isnan(np.asarray(bare.data[-1].error_y.array, float)).all()


def test_a_run_ends_with_a_grade_for_every_gene(ball):
    run, about, _ = ball
    kept = json.loads((run.path / "trust.json").read_text())
    assert kept["source"] == trust.PROVISIONAL and kept["doubles"] == []
    assert list(kept["genes"]) == run.genes
    assert all(set(row) == {"grade", "pcc", "ceiling", "share"} for row in kept["genes"].values())
    kind = {g["name"]: g["type"] for g in json.loads(about)["genes"]}
    graded = {t: [row for gene, row in kept["genes"].items() if kind[gene] == t] for t in ("spherical", "flat")}
    assert {row["grade"] for row in graded["flat"]} <= {"C", "-"}
    assert np.mean([row["grade"] in "AB" for row in graded["spherical"]]) > 0.5
    assert all(row["ceiling"] <= 1 for row in kept["genes"].values())


def test_a_validation_replaces_provisional_grades_gene_by_gene(tmp_path):
    run = SimpleNamespace(path=tmp_path)
    assert trust.gene_trust(run.path).of("A").grade == "-" and "not judged" in trust.gene_trust(run.path).source
    row = {"grade": "B", "pcc": 0.4, "ceiling": 0.7, "share": 0.6}
    double = {"gene": "A", "below": "S1", "above": "S2", "share": 0.9, "apart_um": 85.0}
    (tmp_path / "trust.json").write_text(json.dumps({"source": trust.PROVISIONAL, "genes": {"A": row, "B": row},
                                                     "doubles": [double]}))
    before = trust.gene_trust(run.path)
    assert before.of("A") == trust.GeneTrust("B", 0.4, 0.7, 0.6, provisional=True)
    (tmp_path / "validation").mkdir()
    judged = {"gene": "A", "grade": "A", "pcc": 0.8, "ceiling": None, "share": None, "best_simple": 0.7}
    (tmp_path / "validation" / "report.json").write_text(json.dumps({"genes": [judged]}))
    after = trust.gene_trust(run.path)
    assert after.of("A") == trust.GeneTrust("A", 0.8, None, None, provisional=False)
    assert after.of("B").provisional and after.source == trust.VALIDATED
    assert after.doubles_of("A") == [double] and not after.doubles_of("B")


def test_no_gene_reaches_more_than_the_best_possible(tmp_path):
    """The best possible is estimated from halves of a section, and a noisy gene can pass the estimate."""
    passing = {"gene": "A", "grade": "C", "pcc": 0.26, "ceiling": 0.14, "share": 1.86}
    (tmp_path / "validation").mkdir()
    (tmp_path / "validation" / "report.json").write_text(json.dumps({"genes": [passing]}))
    assert trust.trust_table(["A"], trust.gene_trust(tmp_path))["trust_share"].tolist() == [1.0]


def test_exported_cells_carry_the_trust_in_each_gene(ball, tmp_path):
    run = ball[0]
    cells = ad.AnnData(np.zeros((2, len(run.genes)), np.float32), var=pd.DataFrame(index=run.genes))
    trust.with_trust(cells, run.path).write_h5ad(tmp_path / "cells.h5ad")
    back = ad.read_h5ad(tmp_path / "cells.h5ad").var
    of = trust.gene_trust(run.path).of
    assert back["trust_grade"].tolist() == [of(gene).grade for gene in run.genes]
    assert back["trust_pcc"].to_numpy() == pytest.approx([of(g).pcc or np.nan for g in run.genes], nan_ok=True)
    assert trust.PROVISIONAL in set(back["trust_source"])


def test_a_masked_section_is_judged_as_the_middle_of_a_gap():
    far, near, ceiling = (np.array([value, np.nan]) for value in (0.4, 0.9, 0.8))
    half_way = _in_a_gap(far, near, ceiling, np.array([0.2, 0.64, 0.42]))
    assert half_way[0] == pytest.approx(np.sqrt((0.4**2 + (0.8 * 0.8) ** 2) / 2)) and np.isnan(half_way[1])
    assert _in_a_gap(far, near, ceiling, np.array([0.5, 0.5, 0.6]))[0] == 0.4  # a masked section is no farther
    assert _in_a_gap(near, far, ceiling, np.array([0.2, 0.6, 0.4]))[0] == 0.9  # never less than was reached
    assert _in_a_gap(-far, -far, ceiling, np.array([0.2, 0.6, 0.4]))[0] == -0.4


def test_provisional_grades_mean_what_sections_held_out_say():
    """Of a stack without every second section, whose own sections are masked across gaps twice as wide."""
    made, _ = make_phantom("lobe", 9, 40.0, n_cells=600, n_genes=20)
    stack = Sections.from_anndata(made)
    out, genes, widths = stack.names[1:-1:2], np.arange(20), grid_widths(stack)
    model = train(stack.without(out), Config.of_preset("fast"))
    found = []
    for name in out:
        rows = stack.rows(name)
        predicted = predict_section(model, float(stack.depths[stack.names.index(name)]), genes)
        measured = Measured(stack.xy[rows], stack.X[rows])
        found.append(score_mean(measured, predicted, widths).genes[f"pcc_{widths[1]:g}"])
    grades = provisional_grades(model, lambda done: None)
    pcc = np.array([grades[gene]["pcc"] for gene in stack.genes], float)
    assert abs(np.nanmean(pcc - np.nanmean(found, axis=0))) < 0.1


def test_without_a_mean_field_nothing_is_judged_and_nothing_known(ball):
    decoder = PublishedDecoder(ball[0].decoder.latent, np.ones(3))
    kept = provisional_trust(PublishedModel(Config.of_preset("paper"), None, "cpu", decoder, None))
    assert kept["source"].startswith("not judged") and not kept["genes"] and not kept["doubles"]
    assert decoder.known_share(np.ones((2, 1))) is None


def moving_layer(seed, move_um=80.0, gap_um=40.0, half_width_um=14.0, n=900):
    """Three sections with one layer, a few cells thick, that lies somewhere else in each; and a gene without one."""
    rng = np.random.default_rng(seed)
    side, parts = 15.0 * np.sqrt(n), []
    for k in range(3):
        xy = rng.uniform(0, side, (n, 2))
        layer = np.exp(-0.5 * ((xy[:, 1] - side / 2 - (k - 1) * move_um) / half_width_um) ** 2)
        rate = np.column_stack([0.3 + 6 * layer, 0.3 + 6 * layer, np.full(n, 3.0), np.full(n, 3.0)])
        obs = pd.DataFrame({"section": f"S{k}", "z_um": k * gap_um}, index=[f"{k}_{i}" for i in range(n)])
        parts.append(ad.AnnData(rng.poisson(rate).astype(np.float32), obs, pd.DataFrame(index=["L1", "L2", "F1", "F2"]),
                                obsm={"spatial": xy}))
    return Sections.from_anndata(ad.concat(parts, merge="same"))


def found_in(sections, follow=False):
    model = train(sections, Config.of_preset("fast", train_steps=2, factors=8, masked_cells=100), "cpu")
    return doubled_layers.find_doubles(dataclasses.replace(model, follow=follow))


def test_a_layer_that_moves_unfollowed_is_flagged():
    flagged = [found_in(moving_layer(seed)) for seed in range(5)]
    assert sum(bool(found) for found in flagged) >= 4
    found = [double for part in flagged for double in part]
    assert {double["gene"] for double in found} <= {"L1", "L2"}
    assert {(d["below"], d["above"]) for d in found} == {("S0", "S1"), ("S1", "S2")}
    assert np.median([d["apart_um"] for d in found]) == pytest.approx(80, rel=0.25)


def test_layers_that_stay_are_not_flagged():
    for seed in range(5):
        made, _ = make_phantom("layers", 3, 50.0, n_cells=600, n_genes=10, seed=seed)
        assert not found_in(Sections.from_anndata(made))
