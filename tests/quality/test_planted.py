"""Defects that a person would see in a stack are found, named with their number, and not seen where they are not."""

import re

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from isost_core import keys
from isost_core.datasets.phantoms import make_phantom
from isost_core.figures import quality as qc_figures
from isost_core.quality.depths import by_name
from isost_core.quality.stack_quality import check
from isost_core.readers import read_sections
from isost_core.reports.quality_page import page_of
from isost_core.sections.expression import dense
from isost_core.sections.stack import Sections


def phantom(kind, n=5, gap=15.0, cells=600, genes=24, seed=1):
    return Sections.from_anndata(make_phantom(kind, n, gap, n_cells=cells, n_genes=genes, seed=seed)[0])


@pytest.fixture(scope="module")
def lobe():
    return phantom("lobe")


@pytest.fixture(scope="module")
def brain():
    return phantom("brain", gap=30.0)


def kept(sections, name, keep):
    """The sections with only some cells of one, given by a function of their positions."""
    rows, all_of_it = sections.rows(name), np.ones(sections.n_cells, dtype=bool)
    all_of_it[rows] = keep(sections.xy[rows])
    return Sections.from_log1p(sections.cells[all_of_it])


def with_copy(sections, of, as_name, change=lambda X, xy: (X, xy)):
    """The sections with one in the place of another."""
    cells, mine, gone = sections.cells, sections.rows(of), sections.rows(as_name)
    X, xy = change(dense(cells.X[mine]), sections.xy[mine])
    rest = np.setdiff1d(np.arange(sections.n_cells), gone)
    depth = sections.depths[sections.names.index(as_name)]
    obs = pd.DataFrame({keys.SECTION: [*cells.obs[keys.SECTION].astype(str)[rest], *[as_name] * len(X)],
                        keys.DEPTH: [*sections.cell_depths[rest], *[depth] * len(X)]})
    obs.index = obs.index.astype(str)
    made = ad.AnnData(np.vstack([dense(cells.X[rest]), X]).astype(np.float32), obs=obs, var=cells.var.copy())
    made.obsm[keys.SPATIAL] = np.vstack([sections.xy[rest], xy])
    return Sections.from_log1p(made)


def with_depths(sections, change):
    cells = sections.cells.copy()
    depth = cells.obs[keys.DEPTH].to_numpy(float).copy()
    for name in sections.names:
        rows = sections.rows(name)
        depth[rows] = change(name, depth[rows])
    cells.obs[keys.DEPTH] = depth
    return Sections.from_log1p(cells)


def with_values(sections, name, change):
    cells = sections.cells.copy()
    cells.X[sections.rows(name)] = change(cells.X[sections.rows(name)])
    return Sections.from_log1p(cells)


def found(quality, kind):
    return [f for f in quality.findings if f.kind == kind]


def words_of(quality):
    return " ".join(f"{f.title} {f.detail} {f.advice}" for f in quality.findings)


@pytest.mark.parametrize("name", ["S01", "S03", "S05"])
def test_half_a_section_is_missed(brain, name):
    middle = np.median(brain.xy[brain.rows(name), 0])
    lacking = found(check(kept(brain, name, lambda xy: xy[:, 0] < middle)), "coverage")
    assert [f.where for f in lacking] == [name] and lacking[0].severity == "severe"
    assert lacking[0].title.startswith(f"{name} covers half of what its neighbour")
    assert lacking[0].value == pytest.approx(0.5, abs=0.08)


def test_a_corner_and_a_hole_are_missed(brain):
    rows = brain.rows("S03")
    middle = np.median(brain.xy[rows], 0)
    corner = found(check(kept(brain, "S03", lambda xy: ~(xy > middle).all(1))), "coverage")
    assert [f.title for f in corner] == ["S03 covers three quarters of what its neighbours cover"]
    assert corner[0].severity == "warning"
    away = np.linalg.norm(brain.xy[rows] - middle, axis=1)
    reach = np.quantile(away, 0.12)
    hole = found(check(kept(brain, "S03", lambda xy: np.linalg.norm(xy - middle, axis=1) > reach)), "coverage")
    assert [f.title for f in hole] == ["S03 has a hole where its neighbours have tissue"]


@pytest.mark.parametrize("kind", ["ball", "layers", "tube", "embryo", "brain", "branch", "lobe", "horn"])
def test_tissue_that_tapers_moves_or_parts_lacks_nothing(kind):
    quality = check(phantom(kind, gap=30.0, cells=500))
    assert not found(quality, "coverage") and not found(quality, "copy") and not found(quality, "depth")
    assert not found(quality, "counts")


def test_a_section_that_is_shifted_is_not_called_cut(brain):
    cells = brain.cells.copy()
    cells.obsm[keys.SPATIAL][brain.rows("S03")] += [150.0, 0.0]
    assert not found(check(Sections.from_log1p(cells)), "coverage")


def test_a_section_at_another_scale_is_not_called_cut_or_small(brain):
    cells = brain.cells.copy()
    cells.obsm[keys.SPATIAL][brain.rows("S03")] *= 9.3
    quality = check(Sections.from_log1p(cells))
    assert not found(quality, "coverage") and not found(quality, "counts")
    assert not [f for f in found(quality, "tissue") if "smaller" in f.title]


CHANGES = {
    "as it is": lambda X, xy: (X, xy),
    "turned and moved": lambda X, xy: (X, xy[:, ::-1] * [1, -1] + 500),
    "a little changed": lambda X, xy: (X * (1 + 0.1 * np.random.default_rng(0).standard_normal(X.shape)).clip(0.1), xy),
    "scaled": lambda X, xy: (np.log1p(3 * np.expm1(X)), xy),
    "half of its cells": lambda X, xy: (X[::2], xy[::2]),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("as_name", ["S02", "S05"])
def test_the_same_section_twice_is_found(lobe, change, as_name):
    twice = found(check(with_copy(lobe, "S01", as_name, CHANGES[change])), "copy")
    assert [f.where for f in twice] == [f"S01 – {as_name}"] and twice[0].severity == "severe"
    assert ("100 %" in twice[0].detail) == (change != "a little changed"), twice[0].detail


@pytest.mark.parametrize("k", range(4))
def test_two_neighbours_swapped_are_named(k):
    brain = phantom("brain", gap=60.0, cells=800)
    depth = dict(zip(brain.names, brain.depths, strict=True))
    a, b = brain.names[k], brain.names[k + 1]
    depth[a], depth[b] = depth[b], depth[a]
    assert not [f for f in found(check(brain), "order") if f.severity != "note"]
    order = found(check(with_depths(brain, lambda name, _: depth[name])), "order")
    assert order and set(order[0].names) == {a, b} and order[0].severity != "note"
    assert order[0].title == f"{b} and {a} look swapped"


def test_a_section_moved_elsewhere_is_named_and_the_whole_backwards_is_none():
    tube = phantom("tube", n=7, gap=25.0, cells=400)
    moved = dict(zip(["S01", "S06", "S02", "S03", "S04", "S05", "S07"], tube.depths, strict=True))
    order = found(check(with_depths(tube, lambda name, _: moved[name])), "order")
    assert order and "S01, S02, S03, S04, S05, S06, S07" in order[0].detail
    assert not found(check(with_depths(tube, lambda name, depth: -depth)), "order")


def test_where_nothing_tells_the_order_this_is_said():
    """Layers look alike at all depths: a swap could not be noticed."""
    order = found(check(phantom("layers", gap=15.0)), "order")
    assert [f.severity for f in order] == ["note"] and "would not notice" in order[0].detail


def test_sections_mixed_in_depth_are_found(lobe):
    spread = np.random.default_rng(0)
    touching = with_depths(lobe, lambda _, depth: depth + spread.uniform(0, 15, len(depth)))
    assert not found(check(touching), "depth")
    mixed = found(check(with_depths(lobe, lambda _, depth: depth + spread.uniform(0, 40, len(depth)))), "depth")
    assert [f.title for f in mixed][0] == "S01 and S02 overlap in depth" and mixed[0].severity == "severe"
    near = found(check(with_depths(lobe, lambda name, depth: depth - 14.5 * (name == "S03"))), "depth")
    assert [f.title for f in near] == ["S02 and S03 lie almost at the same depth"] and "0.5 µm" in near[0].detail


@pytest.mark.parametrize("names, order", [
    (["S1", "S3", "S2", "S4"], ["S1", "S2", "S3", "S4"]), (["S4", "S3", "S2"], None), (["S1", "S2", "S10"], None),
    (["Bregma-0.04", "Bregma-0.09", "Bregma-0.14"], None), (["B-0.1", "B0.05", "B0.2"], None), (["a", "b", "c"], None),
    (["A1_2", "A2_1", "A3_7"], None), (["z 20", "z 5", "z 10"], ["z 5", "z 10", "z 20"])])
def test_the_order_that_names_suggest(names, order):
    assert by_name(names) == order


def test_names_in_another_order_than_the_depths_are_said(lobe):
    depth = dict(zip(lobe.names, lobe.depths[[0, 3, 2, 1, 4]], strict=True))
    named = [f for f in found(check(with_depths(lobe, lambda name, _: depth[name])), "depth")]
    assert [f.severity for f in named] == ["note"] and "By name: S01, S02, S03, S04, S05" in named[0].detail


@pytest.mark.parametrize("name", ["S01", "S03"])
def test_a_section_without_counts_is_said_to_be_so_and_nothing_else(name):
    quality = check(with_values(phantom("tube", gap=30.0), name, lambda X: X * 0))
    empty = [f for f in quality.findings if name in f.names]
    assert [(f.title, f.severity) for f in empty] == [(f"{name} has no counts", "severe")]
    assert "100 %" in empty[0].detail and not found(quality, "agreement") and not found(quality, "brightness")
    shown = re.sub(r"<script.*?</script>", "", page_of(quality), flags=re.S)
    assert not re.search(r"\d[eE][+-]\d", re.sub("<[^>]*>", " ", shown))


def test_many_cells_without_counts_are_said(lobe):
    some = found(check(with_values(lobe, "S02", lambda X: X * (np.arange(len(X)) % 3 > 0)[:, None])), "counts")
    assert [f.title for f in some] == ["Many cells of S02 have no counts"] and some[0].detail.startswith("33 %")


@pytest.mark.parametrize("name", ["S01", "S03", "S05"])
def test_a_section_with_ten_times_fewer_counts_is_named(lobe, name):
    drawn = np.random.default_rng(0)
    fewer = check(with_values(lobe, name, lambda X: np.log1p(drawn.binomial(np.expm1(X).round().astype(int), 0.1))))
    dim = [f for f in found(fewer, "brightness") if "fewer counts" in f.title]
    assert [f.where for f in dim] == [name]
    assert 7 < dim[0].value < 14 and "times the total of this one" in dim[0].detail
    assert not found(fewer, "genes")


def test_a_section_with_few_cells_is_named(lobe):
    few = found(check(kept(lobe, "S04", lambda xy: np.arange(len(xy)) % 5 == 0)), "counts")
    assert [f.title for f in few] == ["S04 has few cells"] and "Its" not in few[0].detail


def test_files_that_share_few_genes_are_said(tmp_path, lobe):
    paths = []
    for k, name in enumerate(lobe.names[:3]):
        genes = np.arange(24) if k != 1 else np.arange(14, 24)
        path = tmp_path / f"{name}.h5ad"
        part = lobe.cells[lobe.rows(name), genes].copy()
        part.X = np.expm1(part.X).round()
        part.obs["z_um"] = part.obs[keys.DEPTH]
        part.write_h5ad(path)
        paths.append(path)
    shared = found(check(read_sections(paths)), "genes")
    assert [(f.title, f.severity) for f in shared] == [("The files share few genes", "warning")]
    assert "Of 24 genes, 10 (42 %) are in every file" in shared[0].detail


NASTY = {
    "huge": lambda X: np.log1p(np.expm1(X) * 1e12), "tiny": lambda X: X * 1e-12, "none": lambda X: X * 0,
    "one gene": lambda X: X * (np.arange(X.shape[1]) == 0), "one cell": lambda X: X * (np.arange(len(X)) == 0)[:, None],
}


@pytest.mark.parametrize("odd", NASTY)
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_no_words_hold_an_exponent_or_no_number(odd, scale):
    sections = phantom("lobe", n=3, cells=120)
    cells = with_values(sections, "S02", NASTY[odd]).cells.copy()
    cells.obsm[keys.SPATIAL] = cells.obsm[keys.SPATIAL] * scale
    cells.obs[keys.DEPTH] = cells.obs[keys.DEPTH] * max(scale, 1e-3)
    quality = check(Sections.from_log1p(cells))
    for bad in ("e+", "e-0", "e-1", "nan", "inf "):
        assert bad not in words_of(quality), words_of(quality)
    for f in quality.findings:
        assert qc_figures.finding_picture(quality, f).data


@pytest.mark.data
def test_the_last_two_of_a_real_stack_swapped_are_found(data_dir):
    sections = read_sections([data_dir / "merfish_poa_5sections.h5ad"])
    assert not check(sections).findings
    depth = dict(zip(sections.names, sections.depths[[0, 1, 2, 4, 3]], strict=True))
    order = found(check(with_depths(sections, lambda name, _: depth[name])), "order")
    assert len(order) == 1 and set(order[0].names) == set(sections.names[3:]) and "look swapped" in order[0].title


@pytest.mark.data
@pytest.mark.parametrize("stack", ["st_breast_cancer_4layers", "her2st_A"])
def test_the_last_two_swapped_are_found_or_it_is_said_that_nothing_tells(data_dir, stack):
    sections = read_sections([data_dir / f"{stack}.h5ad"])
    depths = sections.depths.copy()
    depths[[-1, -2]] = depths[[-2, -1]]
    depth = dict(zip(sections.names, depths, strict=True))
    order = found(check(with_depths(sections, lambda name, _: depth[name])), "order")
    assert any(set(sections.names[-2:]) <= set(f.names) for f in order)
