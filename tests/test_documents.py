"""README and docs: what is generated is fresh, links lead somewhere, and the formats are those of the readers."""

import re
import struct
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import results_page, results_tables
from docs import generate
from isost_core.readers import formats

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
WORDS = 550, 720
LARGEST_PICTURE, WIDEST = 400_000, 1500


def without_code_and_tables(text):
    text = re.sub(r"```.*?```|<!--.*?-->|!\[[^\]]*\]\([^)]*\)", "", text, flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if not line.startswith("|"))


def headings(text):
    return re.findall(r"^## (.+)$", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def pages():
    return generate.pages()


@pytest.mark.parametrize("name", ["README.md", "docs/results.md", "docs/cli.md"])
def test_generated_text_is_fresh(pages, name):
    """The width of usage lines differs between versions of Python, so only words count."""
    assert (ROOT / name).read_text().split() == pages[ROOT / name].split(), "run `python docs/generate.py`"


def test_readme_is_short():
    text = re.sub(r"\]\([^)]*\)", "]", without_code_and_tables(README.read_text()))
    assert WORDS[0] <= len(re.findall(r"\S*\w\S*", text)) <= WORDS[1]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(path):
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    gone = [link for link in links if not re.match(r"https?:|#", link)
            and not (path.parent / link.partition("#")[0]).exists()]
    assert not gone


def test_pictures_are_small():
    for path in (ROOT / "docs" / "images").glob("*.png"):
        data = path.read_bytes()
        assert len(data) <= LARGEST_PICTURE and struct.unpack(">I", data[16:20])[0] <= WIDEST, path.name


def test_every_format_is_described_and_read():
    assert headings((ROOT / "docs" / "formats.md").read_text())[1:-1] == [f.name for f in formats.FORMATS]
    for name in formats.modules():
        reader = import_module(f"isost_core.readers.{name}")
        assert callable(reader.is_one) and callable(reader.read_headers)


@pytest.mark.parametrize("command", ["fit", "validate", "align", "qc"])
def test_help_of_the_command_line_names_every_format(command):
    said = " ".join(generate.help_text(command).split())
    assert formats.input_in_words() in said
    assert all(f.name.lower() in said.lower() for f in formats.FORMATS)


def test_pages_name_every_format():
    from ui.sections import examples, upload

    assert all(f.name.lower() in examples.ALL_FORMATS.lower() for f in formats.FORMATS)
    assert formats.markdown_table() in upload.FORMATS and formats.upload_endings() == upload.TYPES


def test_architecture_names_every_wing():
    """Rows of the table of wings: a wing per `name/`."""
    text = (ROOT / "docs" / "architecture.md").read_text().partition("| wings |")[2].partition("\n\n")[0]
    wings = {path.parent.name for path in (ROOT / "isost_core").glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)/`", text)) == wings


def test_hidden_commands_stay_hidden():
    assert "fit" in generate.commands() and not [name for name in generate.commands() if name.startswith("_")]


def test_a_result_of_an_earlier_engine_is_refused(monkeypatch):
    monkeypatch.setitem(results_page.ENGINE_SINCE, "accuracy", "2999-01-01")
    with pytest.raises(ValueError, match=r"accuracy.json holds numbers of .* Measure them again"):
        results_page.page()


def test_trust_table_shows_the_simple_method_beside_every_prediction():
    rows = results_tables.trust_table().splitlines()[2:]
    assert len(rows) == 3 and all(row.count(" / ") == 2 for row in rows)
