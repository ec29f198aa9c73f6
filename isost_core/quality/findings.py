"""A finding about a stack: what, where, how bad, what to do.

The thresholds of all findings were set on phantoms with planted defects and hold on the real sets of the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

SEVERITIES = ("severe", "warning", "note")
KINDS = ("units", "counts", "copy", "agreement", "order", "pose", "shift", "coverage", "genes", "depth", "gap",
         "brightness", "tissue", "gradient")
AGREES = 0.2  # judged agreement below which neighbours do not agree

Row = dict[str, Any]  # of a section or a pair of neighbours, as `single_sections` and `section_pairs` give them


@dataclass(frozen=True)
class Finding:
    """One thing about a stack that its owner should know.

    kind : one of KINDS; severity : one of SEVERITIES; where : a section, a pair 'A – B' or 'all sections'
    title : what; detail : how bad, with its number; advice : what to do; value : the number; names : sections it is
    about
    """

    kind: str
    severity: str
    where: str
    title: str
    detail: str
    advice: str
    value: float
    names: tuple[str, ...] = ()


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst first: by severity, then by kind, then by how many sections it is about."""
    return tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), KINDS.index(f.kind), -len(f.names))))
