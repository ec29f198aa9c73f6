"""Quality of a stack: planted defects are found, sound stacks pass, the real sets get the verdict they deserve."""

import dataclasses
import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core import keys
from isost_core.cli.main import main
from isost_core.datasets.phantoms import make_phantom
from isost_core.figures import quality as qc_figures
from isost_core.quality.order import better_order
from isost_core.quality.stack_quality import check
from isost_core.readers import ReadOptions, read_sections
from isost_core.reports import quality_words
from isost_core.reports.quality_page import page_of
from isost_core.reports.quality_words import introduction, verdict_line
from isost_core.sections.agreement import stack_agreement
from isost_core.sections.stack import Sections
from isost_core.words import number


@pytest.fixture(scope="module")
def lobe():
    """A phantom without a symmetry, so that a turned section does not look like itself."""
    return Sections.from_anndata(make_phantom("lobe", 5, 15.0, n_cells=800, n_genes=24, seed=1)[0])


@pytest.fixture(scope="module")
def sound(lobe):
    return check(lobe)


def changed(sections, name, xy=None, X=None):
    """The sections with positions or values of one of them changed by a function."""
    cells = sections.cells.copy()
    rows = sections.rows(name)
    if xy is not None:
        cells.obsm[keys.SPATIAL][rows] = xy(cells.obsm[keys.SPATIAL][rows])
    if X is not None:
        cells.X[rows] = X(cells.X[rows])
    return Sections.from_log1p(cells)


def turned(xy):
    middle = xy.mean(0)
    return (xy - middle)[:, ::-1] * [1, -1] + middle


def found(quality, kind, severity=None):
    return [f for f in quality.findings if f.kind == kind and severity in (None, f.severity)]


@pytest.mark.parametrize("kind", ["layers", "tube", "horn", "branch"])
def test_a_sound_phantom_has_no_severe_finding(kind):
    quality = check(Sections.from_anndata(make_phantom(kind, 5, 30.0, n_cells=700, n_genes=24, seed=1)[0]))
    assert not quality.of("severe"), quality.of("severe")


def test_a_sound_stack_is_good_and_says_what_was_measured(lobe, sound):
    assert not sound.of("severe")
    assert [row["name"] for row in sound.sections] == list(lobe.names)
    assert [row["cells"] for row in sound.sections] == [len(lobe.rows(name)) for name in lobe.names]
    assert len(sound.pairs) == len(lobe.names) - 1
    assert all(pair["judged"] > pair["judged_null"] for pair in sound.pairs)
    share = [row["zeros"] for row in sound.sections]
    X = lobe.cells.X
    assert np.average(share, weights=[r["cells"] for r in sound.sections]) == pytest.approx((X == 0).mean(), abs=1e-6)


def test_progress_is_told_up_to_the_end(lobe):
    told = []
    check(lobe, on_step=lambda what, share: told.append((share, what)))
    assert [share for share, _ in told] == sorted(share for share, _ in told) and told[-1][0] == 1.0
    assert sum("S02" in what for _, what in told) == 2


def test_area_is_that_of_the_tissue(sound):
    lattice = [row["cells"] * row["spacing_um"]**2 / 1e6 for row in sound.sections]
    assert np.all(np.array([row["area_mm2"] for row in sound.sections]) / lattice > 0.7)
    assert np.all(np.array([row["area_mm2"] for row in sound.sections]) / lattice < 2.2)


@pytest.mark.parametrize("name", ["S01", "S02", "S03"])
def test_a_turned_section_is_named(lobe, name):
    quality = check(changed(lobe, name, xy=turned))
    pose = found(quality, "pose")
    assert [f.where for f in pose] == [name] and "turned" in pose[0].title
    assert found(quality, "agreement", "severe")
    assert quality.verdict == "Do not reconstruct yet"


@pytest.mark.parametrize("kind,seed", [("tube", 2), ("horn", 1)])
def test_no_pose_is_told_of_a_tissue_that_looks_alike_in_all(kind, seed):
    quality = check(Sections.from_anndata(make_phantom(kind, 5, 30.0, n_cells=700, n_genes=24, seed=seed)[0]))
    assert not found(quality, "pose")


def test_shuffled_cells_do_not_agree(lobe):
    order = np.random.default_rng(0)
    quality = check(changed(lobe, "S02", X=lambda X: X[order.permutation(len(X))]))
    assert {f.where for f in found(quality, "agreement", "severe")} == {"S01 – S02", "S02 – S03"}
    assert not found(quality, "order")


def test_agreement_of_totals_alone_does_not_count(lobe):
    """Each section's cells shuffled, then made brighter towards the middle: they agree, but in nothing but totals."""
    cells, order = lobe.cells.copy(), np.random.default_rng(0)
    counts = np.expm1(np.asarray(cells.X, dtype=np.float64))
    for name in lobe.names:
        rows = lobe.rows(name)
        xy = cells.obsm[keys.SPATIAL][rows]
        bright = np.exp(-((xy - xy.mean(0))**2).sum(1) / (2 * 60.0**2))
        counts[rows] = np.round(counts[order.permutation(rows)] * (0.2 + 3 * bright[:, None]))
    cells.X = np.log1p(counts).astype(np.float32)
    quality = check(Sections.from_log1p(cells))
    assert all(pair["r"] > 0.3 for pair in quality.pairs)
    assert all(pair["judged"] < 0.15 for pair in quality.pairs)
    assert not [f for f in quality.findings if f.severity == "note" and "agree at" in f.title]


def test_sections_out_of_order_are_put_in_order(lobe):
    cells = lobe.cells.copy()
    depth = dict(zip(lobe.names, lobe.depths, strict=True))
    depth["S02"], depth["S04"] = depth["S04"], depth["S02"]
    cells.obs[keys.DEPTH] = [depth[name] for name in cells.obs[keys.SECTION].astype(str)]
    order = found(check(Sections.from_log1p(cells)), "order")
    assert len(order) == 1
    named = order[0].detail.split("in the order ")[1].split(" (or")[0].split(", ")
    assert named in ([*lobe.names], [*lobe.names][::-1])


def test_the_better_order_of_a_known_table():
    place = np.array([0.0, 3.0, 2.0, 1.0, 4.0])  # places 1 and 3 are exchanged
    table = np.exp(-np.abs(place[:, None] - place))
    better = better_order(np.repeat(table[..., None], 10, -1), np.ones((5, 10)))
    order, gain = better.order, better.gain
    assert list(place[order]) in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0])
    assert gain == pytest.approx(np.exp(-1) - np.mean([np.exp(-3), np.exp(-1), np.exp(-1), np.exp(-3)]))


def test_missing_genes_are_named(lobe):
    def without(X):
        X = X.copy()
        X[:, ::6] = 0
        return X

    genes = found(check(changed(lobe, "S04", X=without)), "genes")
    assert [f.where for f in genes] == ["S04"] and genes[0].severity == "severe"
    assert lobe.genes[0] in genes[0].detail


def test_brightness_that_jumps_is_told_from_a_gradient(lobe):
    code = lobe.cells.obs[keys.SECTION].cat.codes.to_numpy()

    def with_offsets(offset):
        cells = lobe.cells.copy()
        cells.X = np.where(cells.X > 0, np.maximum(cells.X + np.array(offset)[code][:, None], 0.05), 0)
        return check(Sections.from_log1p(cells))

    jumping, steady = with_offsets([0, 0.7, 0, 0.7, 0]), with_offsets([-0.6, -0.3, 0, 0.3, 0.6])
    assert found(jumping, "brightness") and not found(jumping, "gradient")
    assert found(steady, "gradient")
    assert not [f for f in found(steady, "brightness") if "jumps" in f.title]


def test_uneven_and_too_wide_gaps_are_found(lobe):
    uneven = lobe.without(["S02", "S03"])
    assert "uneven" not in " ".join(f.title for f in check(lobe).findings)
    assert [f for f in found(check(lobe.without(["S02"])), "gap") if "uneven" in f.title]
    cells = uneven.cells.copy()
    cells.obs[keys.DEPTH] = cells.obs[keys.DEPTH].to_numpy() * 20
    wide = found(check(Sections.from_log1p(cells)), "gap", "severe")
    assert wide and "too wide" in wide[0].title


def test_a_torn_section_is_found(lobe):
    def torn(xy):
        return xy + np.where(xy[:, :1] > np.median(xy[:, 0]), [[150.0, 0.0]], 0)

    pieces = [f for f in found(check(changed(lobe, "S02", xy=torn)), "tissue") if "pieces" in f.title]
    assert [f.where for f in pieces] == ["S02"] and pieces[0].value == 2


def test_findings_come_worst_first_with_a_picture_and_advice(lobe):
    quality = check(changed(lobe, "S03", xy=turned))
    ranks = [("severe", "warning", "note").index(f.severity) for f in quality.findings]
    assert ranks == sorted(ranks)
    for f in quality.findings:
        assert f.advice and f.detail and np.isfinite(f.value)
        assert qc_figures.finding_picture(quality, f).data


def test_a_bar_of_agreement_begins_at_zero_and_has_its_number_and_zones_beside_it(sound):
    figure = qc_figures.agreement_figure(sound)
    assert figure.layout.yaxis.range[0] <= 0
    for pair, label in zip(sound.pairs, figure.layout.xaxis.ticktext, strict=True):
        assert label.endswith(f"<b>{number(pair['judged'])}</b>")
    assert [(one.text, one.xref, one.xanchor) for one in figure.layout.annotations] == [
        ("too low", "paper", "left"), ("usable", "paper", "left")]


def test_what_looks_turned_is_pictured_by_a_gene_with_a_pattern(lobe):
    quality = check(changed(lobe, "S02", xy=turned))
    gene = quality.about["clearest_gene"]
    figure = qc_figures.finding_picture(quality, found(quality, "pose")[0])
    assert not gene.startswith("Flat") and figure.layout.coloraxis.colorbar.title.text.startswith(f"{gene} · measured")
    assert [a.text.split(" ")[0] for a in figure.layout.annotations[:3]] == ["S01", "S02", "S03"]


def test_what_looks_shifted_is_pictured_over_its_neighbours(lobe):
    quality = check(changed(lobe, "S02", xy=lambda xy: xy + [600.0, 0.0]))
    shift = found(quality, "shift")
    assert [f.where for f in shift] == ["S02"] and shift[0].title == "S02 looks shifted"
    assert [trace.name for trace in qc_figures.finding_picture(quality, shift[0]).data] == ["S01", "S03", "S02"]


def test_it_is_plain_json_and_a_page(sound):
    held = json.loads(json.dumps(sound.to_dict()))
    assert held["verdict"] == sound.verdict and len(held["pairs"]) == len(sound.pairs)
    page = page_of(sound)
    assert sound.verdict in page and "S03" in page and "cdn" not in page.split("</style>")[0]


def test_two_sections_can_be_checked():
    quality = check(Sections.from_anndata(make_phantom("tube", 2, 30.0, n_cells=300, n_genes=24)[0]))
    assert len(quality.pairs) == 1 and not found(quality, "order")


@pytest.mark.parametrize("odd", ["one gene", "all alike", "one line"])
def test_odd_stacks_are_checked_without_failing(odd):
    rng, n = np.random.default_rng(0), 90
    X = rng.poisson(2, (n, 1 if odd == "one gene" else 24)).astype(np.float32)
    X = np.ones_like(X) if odd == "all alike" else X
    xy = rng.uniform(0, 100, (n, 2)) * ([1, 0] if odd == "one line" else [1, 1])
    obs = pd.DataFrame({"section": np.repeat(["a", "b", "c"], n // 3), "z_um": np.repeat([0.0, 20.0, 40.0], n // 3)},
                       index=[str(i) for i in range(n)])
    quality = check(Sections.from_anndata(ad.AnnData(X, obs=obs, obsm={"spatial": xy})))
    json.dumps(quality.to_dict(), allow_nan=False)
    assert all(np.isfinite(f.value) and "nan" not in f.detail for f in quality.findings)
    assert "nan" not in " ".join(verdict_line(quality)) + introduction(quality)


def test_the_command_writes_both_files(tmp_path, capsys):
    stack = tmp_path / "stack.h5ad"
    make_phantom("layers", 3, 30.0, n_cells=300, n_genes=24)[0].write_h5ad(stack)
    assert main(["qc", str(stack), "--out", str(tmp_path / "quality"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["severe"] == 0
    written = json.loads((tmp_path / "quality" / "quality.json").read_text())
    assert written["verdict"] == result["verdict"]
    assert "<html" in (tmp_path / "quality" / "quality.html").read_text()


def test_the_command_does_not_write_among_other_files(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["qc", "stack.h5ad", "--out", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err


@pytest.mark.data
def test_stereoseq_sections_that_do_not_agree_get_a_severe_finding(data_dir):
    quality = check(read_sections([data_dir / "stereoseq_drosophila_e14_3sections.h5ad"]))
    severe = found(quality, "agreement", "severe")
    assert severe and severe[0].where == "all sections" and "agree" in severe[0].title
    assert max(pair["r"] for pair in quality.pairs) > 0.35  # what totals alone would have made believe


@pytest.mark.data
@pytest.mark.parametrize("stack", ["merfish_poa_5sections", "her2st_A", "her2st_C", "st_breast_cancer_4layers",
                                   "bdtnp_drosophila_3d"])
def test_sound_real_stacks_have_no_severe_finding(data_dir, stack):
    assert not check(read_sections([data_dir / f"{stack}.h5ad"])).of("severe")


@pytest.mark.data
@pytest.mark.parametrize("which", [0, 1, 3])
def test_a_mirrored_section_of_a_nearly_symmetric_tissue_is_named_alone(data_dir, which):
    sections = read_sections([data_dir / "merfish_poa_5sections.h5ad"])
    assert not {f.kind for f in check(sections).findings} & {"pose", "shift"}
    name = sections.names[which]
    pose = found(check(changed(sections, name, xy=lambda xy: xy * [-1, 1])), "pose")
    assert [f.where for f in pose] == [name] and "looks mirrored" in pose[0].title
    assert pose[0].severity == "warning" and "of its genes agree better" in pose[0].detail


@pytest.mark.data
def test_sections_that_were_not_registered_do_not_agree(data_dir):
    options = ReadOptions(spatial_key="spatial_array_raw", um_per_unit=200.0)
    quality = check(read_sections([data_dir / "st_breast_cancer_4layers.h5ad"], options))
    assert [f.where for f in found(quality, "agreement", "severe")] == ["layer2 – layer3"]


def test_cells_that_share_their_places_are_checked():
    cells = make_phantom("ball", 3, 20.0, 200, 6)[0]
    cells.obsm["spatial"] = np.round(np.asarray(cells.obsm["spatial"]) / 12) * 12
    assert check(Sections.from_anndata(cells)).verdict


def test_no_pattern_is_less_than_nothing(sound):
    structure = sound.structure | {"share": np.array([0.5, -0.1]), "distance_um": np.array([10.0, 20.0]),
                                   "across": np.full(len(sound.structure["gaps_um"]), -0.2)}
    figure = qc_figures.structure_figure(structure)
    assert [min(trace.y) >= 0 for trace in figure.data] == [True, True]
    assert "below 0 % shown as 0 %" in figure.data[1].name
    other = dataclasses.replace(sound, structure=structure)
    assert quality_words.pair_values(other, 0)["across"] == 0


def test_chance_is_the_same_number_wherever_it_is_told(lobe):
    told = [pair.null for pair in stack_agreement(lobe)]
    for seed in (0, 3):
        assert [pair["null"] for pair in check(lobe, seed=seed).pairs] == pytest.approx(told, abs=1e-6)
