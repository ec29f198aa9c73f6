"""Write all text that is made from the code or from measurements: `python docs/generate.py`.

docs/results.md, docs/cli.md and docs/examples.md whole; in README.md what stands between <!-- NAME --> and
<!-- /NAME -->.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import results_page, results_tables  # noqa: E402
from isost_core.datasets.examples import EXAMPLES  # noqa: E402
from isost_core.readers import formats  # noqa: E402

WIDTH = "100"  # columns of a help text
CLI = """# Command line

This page is written by `python docs/generate.py` from the commands themselves. Change them there, not here.

`pip install .` gives you the command `isost`. It is the same as `python -m isost_core`, which needs no installation.

Messages go to stderr and results to stdout. `--json` prints the result as one line of JSON. Bad input ends with exit
status 2 and one line that says what to do.

Files with `obs['section']`, `obs['z_um']` and `obsm['spatial']` are taken to be in µm. For all others, `--um-per-unit`
says how many µm one unit is.
"""
SETS = """# Example data

This page is written by `python docs/generate.py` from `isost_core/datasets/examples.py`. Change it there, not here.

The page **Start** offers these public data sets. isoST Studio holds no copy of them: your computer downloads the files
from where they were published, at a fixed commit, and checks the SHA-256 of each. They stay under their own licences.
"""
BLOCKS = {"formats": formats.markdown_table, "trust": results_tables.trust_table, "needs": results_tables.needs_table}


def help_text(*command: str) -> str:
    """What `python -m isost_core COMMAND --help` prints."""
    done = subprocess.run([sys.executable, "-m", "isost_core", *command, "--help"], cwd=ROOT, check=True, text=True,
                          capture_output=True, env={**os.environ, "COLUMNS": WIDTH, "NO_COLOR": "1"})
    return done.stdout.rstrip()


def commands() -> list[str]:
    """Names of the public commands, in the order of the help text."""
    names = re.search(r"\{([\w,-]+)\}", help_text()).group(1).split(",")
    return [name for name in names if not name.startswith("_")]


def cli_page() -> str:
    """docs/cli.md as text."""
    return "\n".join([CLI, *(f"## {name}\n\n```\n{help_text(name)}\n```\n" for name in commands())])


def examples_page() -> str:
    """docs/examples.md as text."""
    parts = [SETS]
    for example in EXAMPLES.values():
        title, _, words = example.title.partition(": ")
        files = "\n".join(f"| `{file}` | `{known}` |" for file, known in example.files.items())
        parts.append(f"## {title}\n\n{words[0].upper()}{words[1:]}.\n\n- {example.citation}\n- Licence: "
                     f"{example.licence}\n- {example.notice.removesuffix('.')}\n- From {example.url}\n\n"
                     f"| file | SHA-256 |\n|---|---|\n{files}\n")
    return "\n".join(parts)


def readme(text: str) -> str:
    """The README with its generated blocks written again."""
    for name, make in BLOCKS.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, found, rest = text.partition(begin)
        if not found or end not in rest:
            raise ValueError(f"README.md has no block {begin} ... {end}.")
        text = f"{before}{begin}\n{make()}\n{end}{rest.partition(end)[2]}"
    return text


def pages() -> dict[Path, str]:
    """All generated files and what they should hold."""
    return {ROOT / "docs" / "results.md": results_page.page(), ROOT / "docs" / "cli.md": cli_page(),
            ROOT / "docs" / "examples.md": examples_page(),
            ROOT / "README.md": readme((ROOT / "README.md").read_text())}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text)
        print(path.relative_to(ROOT))
