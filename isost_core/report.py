"""The page of a validation: report.json, and report.html that opens anywhere without a network."""

from html import escape
from pathlib import Path

from isost_core.errors import InputError
from isost_core.figures.colours import CANVAS
from isost_core.figures.validation import calibration_figure, gap_figure, genes_figure, picture
from isost_core.files import write_json
from isost_core.report_tables import TABLE_STYLE, genes_table, lines, methods_table, sections_table
from isost_core.report_words import TITLE, cards, introduction, known, parts, picture_words, provenance, standing
from isost_core.validation.comparison import best
from isost_core.validation.summary import HALVES, OURS

FILES = ("report.json", "report.html")
INK = "rgb(29, 42, 45)"
STYLE = """
body { font: 16px/1.55 Inter, 'Segoe UI', system-ui, sans-serif; color: #1d2a2d; margin: 0; background: #f5f7f9 }
main { max-width: 1160px; margin: 0 auto; padding: 2.2rem 1.4rem 5rem }
h1 { font-size: 1.9rem; letter-spacing: -.02em; margin: 0 0 .3rem } h2 { font-size: 1.25rem; margin: 0 0 .4rem }
section { background: white; border: 1px solid #e3e8ee; border-radius: 12px;
  padding: 1.3rem 1.5rem; margin-top: 1.3rem }
p { margin: .4rem 0; max-width: 54rem } .keep p { max-width: none }
.faint { color: #5f6b78 } .run { color: #14807a; font-weight: 600 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(235px, 1fr)); gap: 1rem; margin-top: 1.3rem }
.card { background: white; border: 1px solid #e3e8ee; border-radius: 12px; padding: 1rem 1.2rem; font-size: .88rem;
  color: #5f6b78 }
.card b { display: block; font-size: 1.9rem; color: #14807a; line-height: 1.2; white-space: nowrap }
.card strong { display: block; color: #1d2a2d; font-weight: 600; margin-bottom: .3rem }
td:first-child, th:first-child { position: sticky; left: 0; background: white }
tr.ours td:first-child { background: #e9f6f4 }
.tall { max-height: 30rem; overflow: auto } .tall thead th { position: sticky; top: 0; background: white;
  cursor: pointer } .tall thead th:first-child { z-index: 1 }
.grade { font-weight: 700; padding: .05rem .5rem; border-radius: 6px; color: white }
.A { background: #14948c } .B { background: #cc8935 } .C { background: #ac4b2f } .none { background: #8c94a0 }
button { font: inherit; padding: .3rem .8rem; border: 1px solid #c9d1da; border-radius: 8px; background: white }
@page { size: A4; margin: 12mm }
@media print { body { background: white } main { zoom: .62; width: 1130px; max-width: none; padding: 0 }
  .screen { display: none } section { border: 0; padding: 0 } .cards { grid-template-columns: repeat(4, 1fr) }
  .keep, .card, tr, .plotly-graph-div { break-inside: avoid } h2, section > p { break-after: avoid }
  .tall { max-height: none } .tall thead th { position: static } .scroll { overflow: visible }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
"""
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


def check_folder(folder, files=FILES):
    """InputError where a report of these files cannot be put: a file, or a folder with other things in it."""
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file. Give a folder for the report.")
    if folder.is_dir() and {p.name for p in folder.iterdir()} - set(files):
        raise InputError(f"{folder} holds other files. Choose an empty or a new folder for the report.")
    if not folder.parent.is_dir():
        raise InputError(f"The folder {folder.parent} does not exist. Make it first, or choose another.")


def write_report(report, folder):
    """Write report.json and report.html of a `validate` report into a folder; returns the path of the page."""
    check_folder(folder)
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    write_json(folder / "report.json", report)
    page = folder / "report.html"
    page.write_text(page_of(report), encoding="utf-8")
    return page


def headline(report):
    """What a script wants to know of a report: means over the held-out sections, and the number of genes per grade."""
    about, summary = report["about"], report["summary"]
    rival = about["best_simple"]
    grades = {grade: sum(g["grade"] == grade for g in report["genes"]) for grade in about["grades"]}
    return {"held_out": [s["section"] for s in report["sections"]], "grid_um": about["grid_um"],
            "reconstruction": summary[OURS], "best_simple": {"method": rival} | summary[rival], "grades": grades}


def page_of(report):
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


def _cards(report):
    made = "".join(f"<div class=card><b>{escape(value)}</b><strong>{escape(what)}</strong>{escape(text)}</div>"
                   for value, what, text in cards(report))
    return f"<div class=cards>{made}</div>"


def _pictures(report):
    genes = {g["gene"]: g for g in report["genes"]}
    found = [(shown, genes[shown["gene"]]) for shown in report["pictures"]]
    return "".join(f"<div class=keep><p><b>{escape(gene['gene'])}</b> {_badge(gene['grade'])} {shown['role']} of the "
                   f"genes: {escape(picture_words(gene, report['bins']))}.</p>"
                   + figure_html(picture(gene["gene"], report["bins"], shown)) + "</div>" for shown, gene in found)


def _methods(report):
    sentence, behind = standing(report)
    return f"<p>{escape(sentence)}</p>{lines(behind)}" + methods_table(report["summary"], report["about"]["grid_um"])


def _sections(report):
    return sections_table(report["sections"], report["about"]["grid_um"])


def _gaps(report):
    width = report["about"]["trust_um"]
    return figure_html(gap_figure(report["gaps"], width, report["summary"][HALVES][f"ceiling_{width:g}"]))


def _intervals(report):
    return figure_html(calibration_figure(report["calibration"], OURS, interval_rival(report)))


def _genes(report):
    grades = "".join(f"<p>{_badge(g)} {escape(text)}</p>" for g, text in report["about"]["grades"].items())
    return (grades + figure_html(genes_figure(report["genes"])) + "<p class=screen><button id=csv>Download as CSV"
            "</button> <span class=faint>Click a column to sort.</span></p>" + genes_table(report["genes"]))


def _notes(report):
    return f"<p class=faint>{escape(provenance(report))}</p>"


def interval_rival(report):
    """The simple method with the best intervals, beside which ours are shown."""
    return best("interval_score", {m: known(report["summary"][m]) for m in report["calibration"]["methods"]
                                   if m != OURS})[0]


def titled(title, text, content):
    """A part of a page with its heading."""
    return f"<section><h2>{escape(title)}</h2><p class=faint>{escape(text)}</p>{content}</section>"


def figure_html(figure):
    """A figure as part of a page that holds the script of plotly."""
    if figure.layout.paper_bgcolor != CANVAS:
        figure.update_layout(template="plotly_white", font={"color": INK, "size": 13})
    return figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False, "responsive": True})


def _badge(grade):
    return f"<span class='grade {'none' if grade == '-' else grade}'>{'–' if grade == '-' else grade}</span>"
