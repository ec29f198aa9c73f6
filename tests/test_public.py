"""The public names of the core, and the README's Python example."""

import re

import pytest

import isost_core as isost
from tests.conftest import ROOT


@pytest.mark.parametrize("name", isost.__all__)
def test_every_public_name_is_there(name):
    assert getattr(isost, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="isost_core.*no_such_verb"):
        isost.no_such_verb  # noqa: B018


def readme_example():
    """The first Python block of the README."""
    return re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL).group(1)


def test_the_example_in_the_readme_runs(tmp_path, monkeypatch):
    made, _ = isost.make_phantom("brain", 5, 50.0, n_cells=300, n_genes=12)
    made.write_h5ad(tmp_path / "stack.h5ad")
    monkeypatch.chdir(tmp_path)
    exec(compile(re.sub(r'"(standard|paper)"', '"fast"', readme_example()), "README.md", "exec"), {})
    runs = [isost.load_run(path) for path in tmp_path.iterdir() if path.is_dir()]
    assert len(runs) == 1 and runs[0].sections.genes == isost.read_sections(tmp_path / "stack.h5ad").genes
