"""Write requirements.txt and requirements-dev.txt from the pins in pyproject.toml.

    make requirements                     # writes both
    python .ci/requirements.py --check    # ends with 1 and names the file that differs
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MADE = "# Made from pyproject.toml by `make requirements`: change the versions there."


def texts():
    """{file name: its text}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return {"requirements.txt": _lines("# What the app and the core run on; torch comes first: its own build is kept.",
                                       *project["dependencies"], *extras["app"]),
            "requirements-dev.txt": _lines("# What the tests and the checks add.", "-r requirements.txt",
                                           *extras["dev"])}


def _lines(*lines):
    return "\n".join([MADE, *lines, ""])


def main(check):
    """Write the files, or compare them; returns the exit status."""
    differ = []
    for name, text in texts().items():
        path = ROOT / name
        if check and path.read_text(encoding="utf-8") != text:
            differ.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if differ:
        print(f"{' and '.join(differ)} differ from pyproject.toml. Run `make requirements`.", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
