"""The page of a stack's quality: quality.json, and quality.html that opens anywhere without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isost_core.axis import DEPTH
from isost_core.figures import quality as figures
from isost_core.figures.style import with_y
from isost_core.files import write_json
from isost_core.reports import quality_words
from isost_core.reports.page import STYLE, check_folder, figure_html, titled
from isost_core.reports.validation_tables import TABLE_STYLE
from isost_core.words import number

if TYPE_CHECKING:

    from isost_core.quality.findings import Finding
    from isost_core.quality.stack_quality import Quality

FILES = ("quality.json", "quality.html")
OWN_STYLE = """
.verdict { border-left: 6px solid #14948c; background: white; padding: .9rem 1.3rem; border-radius: 8px;
  margin-top: 1rem }
.verdict b { font-size: 1.35rem; display: block } .verdict.severe { border-color: #ac4b2f }
.verdict.warning { border-color: #cc8935 }
.mark { font-weight: 700; padding: .05rem .5rem; border-radius: 6px; color: white; font-size: .85rem }
.mark.severe { background: #9c3f24 } .mark.warning { background: #8a5a14 } .mark.note { background: #5f6b78 }
"""


def write_quality(quality: Quality, folder: str | Path) -> Path:
    """Write quality.json and quality.html into a folder; returns the path of the page."""
    check_folder(folder, FILES)
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    write_json(folder / FILES[0], quality.to_dict())
    page = folder / FILES[1]
    page.write_text(page_of(quality), encoding="utf-8")
    return page


def page_of(quality: Quality, y_down: bool | None = None) -> str:
    """The quality of a stack as one HTML page, figures and all; y goes as the data have it unless told otherwise."""
    from plotly.offline import get_plotlyjs

    y_down = bool(quality.about.get("y_down")) if y_down is None else y_down
    verdict, why = quality_words.verdict_line(quality)
    made = ("<p class=faint><b>Synthetic tissue</b>, not a measurement.</p>" if quality.about["synthetic"] else "")
    notes = "".join(f"<li>{escape(note)}</li>" for note in quality.about["notes"])
    body = "".join([
        f"<h1>{quality_words.TITLE}</h1><p class=faint>{escape(quality_words.introduction(quality))}</p>{made}",
        f"<div class='verdict {quality.severity}'><b>{verdict}</b>{why}</div>",
        *(_finding(quality, found, y_down) for found in quality.findings),
        titled("Neighbours", quality_words.agreement_words(quality),
               figure_html(figures.agreement_figure(quality)) + _pairs(quality)),
        titled("All sections", f"Each {quality_words.noun_of(quality)} is coloured by its total.",
               figure_html(with_y(figures.strip(quality), y_down)) + _sections(quality)),
        titled(f"Along {DEPTH.name}", "Median values of each section.",
               figure_html(figures.depth_figure(quality.sections, noun=quality_words.noun_of(quality)))),
        titled("How far structures reach", "The curve shows how much of the pattern is left at a distance within a "
               "section. About as much is left across a gap of the same width.",
               figure_html(figures.structure_figure(quality.structure))),
        titled("Notes from reading the files", "", f"<ul class=faint>{notes}</ul>") if notes else ""])
    return ("<!doctype html><html lang=en><head><meta charset=utf-8><title>Quality · isoST Studio</title>"
            f"<meta name=viewport content='width=device-width'><style>{STYLE}{TABLE_STYLE}{OWN_STYLE}</style>"
            f"<script>{get_plotlyjs()}</script></head><body><main>{body}</main></body></html>\n")


def _finding(quality: Quality, found: Finding, y_down: bool) -> str:
    mark = f"<span class='mark {found.severity}'>{quality_words.LABELS[found.severity]}</span>"
    picture = "" if found.severity == "note" else figure_html(
        with_y(figures.finding_picture(quality, found), y_down))
    return (f"<section class=keep><h2>{mark} {escape(found.title)}</h2><p>{escape(found.detail)}</p>"
            f"<p><b>What to do:</b> {escape(found.advice)}</p>{picture}</section>")


def _sections(quality: Quality) -> str:
    return _table("section", quality_words.section_columns(quality),
                  [(row["name"], quality_words.section_values(row)) for row in quality.sections],
                  quality_words.column_help(quality))


def _pairs(quality: Quality) -> str:
    return _table("neighbours", quality_words.pair_columns(quality),
                  [(f"{p['first']} – {p['second']}", quality_words.pair_values(quality, k))
                   for k, p in enumerate(quality.pairs)], quality_words.column_help(quality))


def _table(first: str, columns: Sequence[quality_words.Column],
           rows: Sequence[tuple[str, Mapping[str, Any]]], helps: Mapping[str, str]) -> str:
    head = f"<th>{escape(first)}</th>" + "".join(
        f"<th title=\"{escape(helps.get(key, ''))}\">{escape(title)}</th>" for key, title, _ in columns)
    lines = "".join(f"<tr><td>{escape(name)}</td>" + "".join(f"<td>{_text(values[key], digits)}</td>"
                                                             for key, _, digits in columns) + "</tr>"
                    for name, values in rows)
    return f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"


def _text(value: float, digits: int) -> str:
    return number(value, digits)
