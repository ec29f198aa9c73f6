"""The page of a validation: report.json, and report.html that opens anywhere without a network."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from isost_core.figures.style import with_y
from isost_core.figures.validation import calibration_figure, gap_figure, genes_figure, pictures
from isost_core.files import write_json
from isost_core.reports.page import STYLE, check_folder, figure_html, titled
from isost_core.reports.validation_tables import TABLE_STYLE, genes_table, lines, methods_table, sections_table
from isost_core.reports.validation_words import (
    TITLE,
    cards,
    introduction,
    known,
    parts,
    picture_words,
    provenance,
    standing,
)
from isost_core.validation.comparison import at_width, best
from isost_core.validation.summary import HALVES, OURS

FILES = ("report.json", "report.html")
SCRIPT = """
const table = document.getElementById('genes'), body = table.tBodies[0];
const value = (row, k) => row.cells[k].dataset.v ?? row.cells[k].textContent;
table.querySelectorAll('th').forEach((head, k) => head.addEventListener('click', () => {
  const down = head.dataset.down !== '1'; head.dataset.down = down ? '1' : '0';
  const number = v => v === '' ? -Infinity : Number(v);
  [...body.rows].sort((a, b) => { const x = value(a, k), y = value(b, k);
    const order = isNaN(x) || isNaN(y) ? x.localeCompare(y) : number(y) - number(x);
    return down ? order : -order; }).forEach(row => body.appendChild(row)); }));
document.getElementById('csv').addEventListener('click', () => {
  const quote = v => '"' + String(v).replaceAll('"', '""') + '"';
  const lines = [...table.rows].map(row => [...row.cells].map((c, k) => quote(row.parentNode === body ? value(row, k)
    : c.textContent)).join(','));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([lines.join('\\n')], {type: 'text/csv'}));
  link.download = 'genes.csv'; link.click(); });
"""


def write_report(report: Mapping[str, Any], folder: str | Path) -> Path:
    """Write report.json and report.html of a `validate` report into a folder; returns the path of the page."""
    check_folder(folder, FILES)
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    write_json(folder / "report.json", report)
    page = folder / "report.html"
    page.write_text(page_of(report), encoding="utf-8")
    return page


def headline(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a script wants to know of a report: means over the held-out sections, and the number of genes per grade."""
    about, summary = report["about"], report["summary"]
    rival = about["best_simple"]
    grades = {grade: sum(g["grade"] == grade for g in report["genes"]) for grade in about["grades"]}
    return {"held_out": [s["section"] for s in report["sections"]], "grid_um": about["grid_um"],
            "reconstruction": summary[OURS], "best_simple": {"method": rival} | summary[rival], "grades": grades}


def page_of(report: Mapping[str, Any]) -> str:
    """The report as one HTML page, figures and all."""
    from plotly.offline import get_plotlyjs

    about = report["about"]
    run = f"<p class=run>{escape(about['run'])}</p>" if about.get("run") else ""
    made = "<p class=faint><b>Synthetic tissue</b>, not a measurement.</p>" if about["stack"]["synthetic"] else ""
    contents = {"pictures": _pictures, "methods": _methods, "genes": _genes, "gaps": _gaps, "intervals": _intervals,
                "sections": _sections, "notes": _notes}
    words = parts(report)
    body = "".join([run, f"<h1>{TITLE}</h1>", f"<p class=faint>{escape(introduction(report))}</p>", made,
                    _cards(report), *(titled(*words[name], make(report)) for name, make in contents.items())])
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Validation · isoST Studio</title>"
            f"<meta name=viewport content='width=device-width'><style>{STYLE}{TABLE_STYLE}</style>"
            f"<script>{get_plotlyjs()}</script></head><body><main>{body}</main><script>{SCRIPT}</script></body></html>\n")


def _cards(report: Mapping[str, Any]) -> str:
    made = "".join(f"<div class=card><b>{escape(value)}</b><strong>{escape(what)}</strong>{escape(text)}</div>"
                   for value, what, text in cards(report))
    return f"<div class=cards>{made}</div>"


def _pictures(report: Mapping[str, Any]) -> str:
    genes = {g["gene"]: g for g in report["genes"]}
    found = [(shown, genes[shown["gene"]]) for shown in report["pictures"]]
    y_down = bool(report["about"]["stack"].get("y_down"))
    return "".join(f"<div class=keep><p><b>{escape(gene['gene'])}</b> {_badge(gene['grade'])} {shown['role']} of the "
                   f"genes: {escape(picture_words(gene, report['bins']))}.</p><div class=pair>"
                   + "".join(f"<div>{figure_html(with_y(figure, y_down))}</div>"
                             for figure in pictures(gene["gene"], report["bins"], shown)) + "</div></div>"
                   for shown, gene in found)


def _methods(report: Mapping[str, Any]) -> str:
    sentence, behind = standing(report)
    return f"<p>{escape(sentence)}</p>{lines(behind)}" + methods_table(report["summary"], report["about"]["grid_um"])


def _sections(report: Mapping[str, Any]) -> str:
    return sections_table(report["sections"], report["about"]["grid_um"])


def _gaps(report: Mapping[str, Any]) -> str:
    width = report["about"]["trust_um"]
    return figure_html(gap_figure(report["gaps"], width, report["summary"][HALVES][at_width("ceiling", width)]))


def _intervals(report: Mapping[str, Any]) -> str:
    return figure_html(calibration_figure(report["calibration"], OURS, interval_rival(report)))


def _genes(report: Mapping[str, Any]) -> str:
    grades = "".join(f"<p>{_badge(g)} {escape(text)}</p>" for g, text in report["about"]["grades"].items())
    return (grades + figure_html(genes_figure(report["genes"])) + "<p class=screen><button id=csv>Download as CSV"
            "</button> <span class=faint>Click a column to sort.</span></p>" + genes_table(report["genes"]))


def _notes(report: Mapping[str, Any]) -> str:
    return f"<p class=faint>{escape(provenance(report))}</p>"


def interval_rival(report: Mapping[str, Any]) -> str | None:
    """The simple method with the best intervals, beside which ours are shown."""
    return best("interval_score", {m: known(report["summary"][m]) for m in report["calibration"]["methods"]
                                   if m != OURS})[0]


def _badge(grade: str) -> str:
    return f"<span class='grade {'none' if grade == '-' else grade}'>{'–' if grade == '-' else grade}</span>"
