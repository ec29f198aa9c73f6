"""Makes the validation that the demo ships with: `python benchmarks/demo_validation.py [FOLDER]`.

Runs `python -m isost_core validate` on the public sections of the demo (downloaded, or in `originals` of the folder
ISOST_DATA_DIR), which takes about 8 minutes on two cores, and keeps its report in the package with how it was made.
FOLDER: one that this command has written already; it is kept instead.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from isost_core.datasets.examples import EXAMPLES, fetch_example  # noqa: E402
from isost_core.files import sha256  # noqa: E402
from isost_core.workflows import demo_validation  # noqa: E402


def main(written=None):
    paths, depths = fetch_example("merfish"), ",".join(f"{depth:g}" for depth in EXAMPLES["merfish"].options.depths)
    options = ["--depths", depths, "--um-per-unit", "1"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(written or folder)
        if not written:
            subprocess.run([sys.executable, "-m", "isost_core", "validate", *map(str, paths), *options, "--out",
                            str(out)], check=True, cwd=ROOT)
        report = json.loads((out / "report.json").read_text())
    about = report["about"]
    demo_validation.keep(report, {
        "command": " ".join(["python -m isost_core validate", *(path.name for path in paths), *options,
                             "--out DIR"]),
        "software": about["software"], "created": about["created"], "seconds": about["seconds"],
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {about['device']}, Python "
                   f"{platform.python_version()}",
        "inputs": {path.name: sha256(path) for path in paths}})


if __name__ == "__main__":
    main(*sys.argv[1:])
