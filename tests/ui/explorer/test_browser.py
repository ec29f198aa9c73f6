"""The explorer's JavaScript: its bundle is that of its sources, and it repeats nothing that the server sends it.

Its own tests (`make test-js`) compare it with values of the core; here those values are compared with the core.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.ui.explorer.browser_values import FILE, expected
from ui.explorer import schema

BROWSER = Path(__file__).resolve().parents[3] / "ui/explorer/browser"
SOURCES = sorted(BROWSER.glob("*.js"))


def same(found, wanted, where=""):
    """Whether two JSON values agree, numbers to their seventh digit; asserts."""
    if isinstance(wanted, dict):
        assert list(found) == list(wanted), where
        for name in wanted:
            same(found[name], wanted[name], f"{where}.{name}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), where
        for i, pair in enumerate(zip(found, wanted, strict=True)):
            same(*pair, f"{where}[{i}]")
    elif isinstance(wanted, float):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6, err_msg=where)
    else:
        assert found == wanted, where


def test_the_values_that_the_javascript_is_tested_with_are_the_cores():
    same(json.loads(FILE.read_text(encoding="utf-8")), json.loads(json.dumps(expected())))


def test_the_bundle_is_that_of_the_sources(tmp_path):
    esbuild = BROWSER / "node_modules/esbuild/bin/esbuild"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    node = shutil.which("node", path=path)
    if node is None or not esbuild.exists():
        pytest.skip("esbuild is not installed here: make test-js installs it, with the node of requirements-dev.txt")
    asked = shlex.split(json.loads((BROWSER / "package.json").read_text())["scripts"]["bundle"])
    given = [f"--outdir={tmp_path}" if word.startswith("--outdir") else word for word in asked[1:]]
    subprocess.run([node, str(esbuild), *given, "--log-level=warning"], cwd=BROWSER, check=True)
    made = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    held = {file.name: file.read_text(encoding="utf-8") for file in (BROWSER / "bundle").iterdir()}
    assert made == held, "the bundle is older than its sources: make js, and commit it with them"


def test_the_browser_repeats_no_colour_and_no_option_of_the_schema():
    colours = schema.for_browser()["colours"]
    stated = {*schema.SCREEN.values(), *schema.FIGURE.values(), colours["unknown"], *colours["axes"]}
    for file in [*SOURCES, BROWSER / "explorer.css"]:
        text = file.read_text(encoding="utf-8")
        assert not stated & set(re.findall(r"rgba?\([\d., ]+\)", text)), file.name
        assert not [word for word in (*schema.ENDS[1:], schema.KNOWN_MAP) if f'"{word}"' in text], file.name


def test_the_types_name_the_values_of_the_view():
    text = (BROWSER / "types.js").read_text(encoding="utf-8")
    described = text[text.index("The view, as server and link have it."):text.index("@typedef {{ least")]
    named = set(re.findall(r"@property \{[^}]+\} (\w+)", described))
    assert named == {*schema.opening(), "cx", "cy", "cdepth", "levels", "ranges"}


def test_each_opening_value_is_within_its_bounds():
    for name, number in schema.NUMBERS.items():
        assert number.fit(number.opening) == number.opening, name
        assert type(number.fit(1e9)) is type(number.opening), name
    for name, pair in schema.CAMERAS.items():
        assert schema.NUMBERS["rise"].fit(pair[1]) == pair[1], name
    assert json.loads(json.dumps(schema.for_browser(), allow_nan=False)) == schema.for_browser()
