"""Findings on units: sections, gaps and cells whose sizes cannot all be in µm."""

from __future__ import annotations

from isost_core.quality.findings import Finding
from isost_core.sections.scale import scale_doubts
from isost_core.sections.stack import Sections


def unit_findings(sections: Sections) -> list[Finding]:
    """What looks like another unit, with the likely factor."""
    return [Finding("units", "severe" if doubt.severe else "warning", " – ".join(doubt.names) or "all sections",
                    doubt.title, doubt.detail, doubt.advice, doubt.value, doubt.names)
            for doubt in scale_doubts(sections)]
