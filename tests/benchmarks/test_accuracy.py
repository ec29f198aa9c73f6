"""The accuracy benchmark: what is held out, and what counts as a missed bar."""

import pytest

from benchmarks.accuracy import main
from benchmarks.accuracy_bars import Bar, bars, mean_lead
from benchmarks.accuracy_tables import markdown
from benchmarks.cases import CASES
from benchmarks.stability import count_sweep, step_change
from isost_core.config import Config
from isost_core.datasets.phantoms import make_phantom
from isost_core.model.training import train
from isost_core.sections.stack import Sections
from isost_core.validation.baselines import COPY, MOVED, OWN, UNION
from isost_core.validation.summary import OURS

WIDTHS = (10.0, 20.0, 40.0)
GOOD = {"genegene_r": 0.95, "var_ratio": 1.0, "zero_diff": 0.01, "n_ratio": 1.0, "depth_error_um": 0.0,
        "chamfer_um": 5.0, "density_pcc": 0.8, "cov80": 0.8, "cov80_dense": 0.8, "cov80_sparse": 0.9,
        "interval_score": 1.0, "pcc_1nn": 0.6}
GOOD |= {f"{c}_{w:g}": v for c, v in (("pcc", 0.7), ("rmse", 0.2), ("coverage", 0.9)) for w in WIDTHS}


def result(**ours):
    """What `run_case` stores of two sections, where every method scores GOOD and ours differs as given."""
    keys = [(OWN, COPY), (OWN, UNION), (OWN, MOVED), ("kernel ridge", UNION), ("kernel ridge", COPY)]
    sections = []
    for name, shift in (("S2", -0.01), ("S3", 0.01)):
        scored = [{"method": OURS, "places": OURS} | GOOD | ours]
        scored += [{"method": m, "places": p} | GOOD | {"chamfer_um": 5 + 10 * shift} for m, p in keys]
        sections.append({"section": name, "scored": scored, "halves": GOOD})
    return {"sections": sections, "training_s": [1.0], "counts": [{"largest": 0.01, "jump": 0.0}],
            "step": [{"spread_x": 0.001, "mean_x": 0.0, "spread_g": 0.0, "mean_g": 0.0}]}


def missed(name="merfish", **ours):
    return {b.what: b.missed_by for b in bars(name, result(**ours), WIDTHS) if not b.met}


def test_as_good_as_the_best_misses_nothing():
    assert missed() == {}


@pytest.mark.parametrize("column, value, by", [
    ("pcc_20", 0.69, 0.005), ("rmse_10", 0.205, 0.003), ("coverage_40", 0.87, 0.01), ("genegene_r", 0.9, 0.03),
    ("var_ratio", 1.2, 0.1), ("chamfer_um", 6.0, 1 - 0.2 / 2**0.5), ("interval_score", 1.05, 0.04),
    ("cov80", 0.9, 0.05), ("zero_diff", 0.03, 0.01), ("depth_error_um", 0.5, 0.499)])
def test_each_bar_says_by_how_much_it_is_missed(column, value, by):
    assert missed(**{column: value}) == {column: pytest.approx(by, abs=1e-9)}


def test_a_value_that_is_not_known_is_missed():
    assert not Bar("pcc", float("nan"), low=0.5).met


def test_the_widest_bins_of_small_sections_do_not_count():
    assert missed("bdtnp", pcc_40=0.1) == {}
    assert "pcc_40" in missed("breast", pcc_40=0.1)


def test_the_lead_is_over_all_pcc_columns():
    assert mean_lead([(result(pcc_10=0.74), WIDTHS), (result(), WIDTHS)]) == pytest.approx(0.04 / 8)


def test_what_is_held_out_lies_between_sections_that_stay():
    names = tuple(f"S{k:02d}" for k in range(20))
    assert CASES["bdtnp"].hold_out(names) == [names[1:18:2]]
    (wide,) = CASES["bdtnp-wide"].hold_out(names)
    assert len(wide) == 12 and {names[0], names[18], names[19]}.isdisjoint(wide)
    assert CASES["merfish"].hold_out(names[:5]) == [(n,) for n in names[1:4]]


def test_the_page_shows_the_best_in_bold_and_what_was_missed():
    found = {"title": "T", "widths": WIDTHS, "presets": {"standard": result(pcc_10=0.8, cov80=0.5)}, "machine": "m",
             "code": "c", "date": "d"}
    page = markdown({"merfish": found, "breast": found})
    (row, again) = (line for line in page.splitlines() if line.startswith("| standard"))
    assert row == again and row.startswith("| standard | **0.800** |")
    assert page.count("- missed: cov80 0.5, at least 0.75") == 2
    assert "+0.0250 (bar: above 0)" in page


def test_sections_without_a_licence_are_never_written():
    assert [name for name, case in CASES.items() if not case.published] == ["her2st"]
    with pytest.raises(SystemExit):
        main(["nothing"])


def test_counts_and_steps_can_be_judged_on_any_model():
    made, _ = make_phantom("tube", 3, 40.0, n_cells=150, n_genes=8)
    model = train(Sections.from_anndata(made), Config.of_preset("fast", train_steps=5))
    assert count_sweep(model)["largest"] < 0.1
    assert all(0 <= value < 0.2 for value in step_change(model).values())
