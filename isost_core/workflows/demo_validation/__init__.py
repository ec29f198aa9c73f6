"""The validation of the demo, computed in advance: `report.json.xz`, and `made.json`, which says how.

Made by `benchmarks/demo_validation.py`, which runs the public command line. It is put into the demo only where the demo
was made of the same files with the same settings by the same version, and where its values are the same.
"""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from isost_core import __version__
from isost_core.files import read_json, sha256, write_json
from isost_core.runs.run import Run
from isost_core.sections.expression import dense
from isost_core.validation.trust import GRADES, RULE

_REPORT, _MADE = (Path(__file__).parent / name for name in ("report.json.xz", "made.json"))
CLOSE = 1e-4  # of a gene's mean in the hidden sections


@cache
def report() -> dict[str, Any]:
    """The report, as `validate` returned it; its grades are explained in the words of today."""
    found = json.loads(lzma.decompress(_REPORT.read_bytes()))
    found["about"] |= {"grades": GRADES, "rule": RULE}
    return found


def made() -> dict[str, Any]:
    """How it was made: command, version, day, machine, seconds, and the SHA-256 of each input and of the report."""
    return read_json(_MADE)


def keep(found: dict[str, Any], how: dict[str, Any]) -> None:
    """Put a report and how it was made into the package."""
    _REPORT.write_bytes(lzma.compress(json.dumps(found, separators=(",", ":")).encode(), preset=9))
    write_json(_MADE, how | {"report_sha256": sha256(_REPORT)})


def fits(run: Run) -> bool:
    """Whether this is the validation of a run: of the same files and values, settings and version."""
    about = report()["about"]
    return (run.about["input_hashes"] == made()["inputs"] and run.config.to_dict() == about["config"]
            and about["software"] == run.about["version"] == __version__
            and run.about["source"].get("hold_out", []) == [] and _same_values(run))


def _same_values(run: Run) -> bool:
    """Whether genes have the same mean in the sections that were hidden."""
    means = {gene["gene"]: gene["mean"] for gene in report()["genes"]}
    hidden = [found["section"] for found in report()["sections"]]
    if not (set(means) <= set(run.genes) and set(hidden) <= set(run.sections.names)):
        return False
    columns = [run.genes.index(gene) for gene in means]
    here = np.mean([dense(run.sections.X[run.sections.rows(name)][:, columns], np.float64).mean(0)
                    for name in hidden], axis=0)
    return bool(np.allclose(here, list(means.values()), atol=CLOSE))
