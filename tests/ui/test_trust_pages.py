"""Uncertainty and trust on the pages that show predictions."""

import json

import pytest

from tests.ui.test_pages import RUN_ID, finished, no_webgl, open_page, with_run, words  # noqa: F401


def badges(app):
    """What the box of trust says of each gene."""
    return [b for m in app.markdown for b in [m.value] if "Trust" in b and "-badge" in b]


@pytest.mark.parametrize("name", ["explorer", "gradients"])
def test_every_page_with_a_prediction_says_how_far_to_trust_the_gene(name, with_run):  # noqa: F811
    app = open_page(name, run=RUN_ID)
    assert len(badges(app)) == 1 and "Accuracy on hidden cells: r = " in badges(app)[0]
    assert "(quick estimate)" in badges(app)[0]


def test_each_gene_has_its_badge(with_run):  # noqa: F811
    app = open_page("explorer", run=RUN_ID, genes=["Depth1", "Spherical1"])
    assert len(badges(app)) == 2


@pytest.mark.parametrize("name, still, done", [("explorer", "surfaces", "Hidden:"), ("explorer", "slice", "Hidden:"),
                                               ("gradients", "slice", "left out")])
def test_uncertainty_is_hidden_by_a_link(name, still, done, with_run, no_webgl):  # noqa: F811
    app = open_page(name, run=RUN_ID, uncertainty="hide", least="65", still=still)
    assert not app.error and done in words(app)
    assert next(s for s in app.slider if s.label == "Least resolved share").value == 65
    assert "uncertainty=hide" in app.code[0].value and "least=65" in app.code[0].value


WAYS = [("explorer", "surfaces"), ("explorer", "slice"), ("gradients", "slice")]


@pytest.mark.parametrize("name, still", WAYS)
def test_uncertainty_is_off_until_asked_for(name, still, with_run, no_webgl):  # noqa: F811
    app = open_page(name, run=RUN_ID, still=still)
    control = next(b for b in app.get("button_group") if b.label == "Uncertainty")
    assert control.value == "off" and "Least resolved share" not in {s.label for s in app.slider}
    control.set_value("show").run()
    assert not app.exception and app.query_params["uncertainty"] in ("show", ["show"])


@pytest.mark.parametrize("layer", ["hatched", "known", "sd"])
def test_layers_of_a_slice(layer, with_run, no_webgl):  # noqa: F811
    app = open_page("explorer", run=RUN_ID, uncertainty="show", **{"as": layer})
    assert not app.error
    assert ("Least resolved share" in {s.label for s in app.slider}) == (layer == "hatched")


def test_a_doubled_structure_is_named_with_what_to_do(with_run):  # noqa: F811
    file = with_run / "runs" / RUN_ID / "trust.json"
    kept = file.read_text()
    double = {"gene": "Depth1", "below": "S01", "above": "S02", "share": 0.8, "apart_um": 85.0}
    try:
        file.write_text(json.dumps(json.loads(kept) | {"doubles": [double]}))
        assert "looks doubled between S01 and S02: two layers 85 µm apart" in words(
            open_page("explorer", run=RUN_ID, genes="Depth1"))
        assert "looks doubled" not in words(open_page("explorer", run=RUN_ID, genes="Spherical1"))
    finally:
        file.write_text(kept)


def test_a_run_without_grades_still_opens_and_says_so(with_run):  # noqa: F811
    file = with_run / "runs" / RUN_ID / "trust.json"
    kept = file.read_text()
    try:
        file.unlink()
        assert "Not judged" in badges(open_page("explorer", run=RUN_ID))[0]
    finally:
        file.write_text(kept)


def test_the_paper_preset_says_that_uncertainty_by_place_is_not_known(tmp_path, monkeypatch, no_webgl):  # noqa: F811
    from isost_core.config import Config
    from isost_core.datasets.phantoms import make_phantom
    from isost_core.runs.store import create_run
    from isost_core.sections.stack import Sections
    from isost_core.workflows.reconstruct import execute

    monkeypatch.setenv("ISOST_WORKSPACE", str(tmp_path))
    config = Config.of_preset("paper", train_steps=1, factors=6, width=8, step_um=60.0, batch_cells=40)
    sections = Sections.from_anndata(make_phantom("ball", 3, 60.0, n_cells=80, n_genes=6)[0])
    execute(create_run(tmp_path / "runs" / RUN_ID, sections, config, name="paper"))
    for name, still in WAYS:
        app = open_page(name, run=RUN_ID, uncertainty="hide", still=still)
        assert not app.error and "This run has no uncertainty by place" in words(app)
        assert "Not judged" in badges(app)[0]


def test_the_box_of_trust_is_short_and_says_the_rule_where_it_is_asked_for(with_run):  # noqa: F811
    app = open_page("explorer", run=RUN_ID)
    judged = next(box for box in app.expander if box.label == "How it is judged")
    rule = judged.caption[0].value
    assert "best possible" in rule and "quick estimate" in rule
    others = [caption.value for caption in app.caption if caption.value != rule]
    assert not [words for words in others if "best possible" in words]
    region = "_1_0_0_0_1_0_0_0_0_50_0_50_50_0_50"
    shared = open_page("explorer", run=RUN_ID, region=region)
    assert f"region={region}" in shared.code[0].value and "region" not in app.code[0].value
    assert "region" not in open_page("explorer", run=RUN_ID, region="_1_2").code[0].value
