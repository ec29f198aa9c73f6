"""The page of a validation: report.json, and report.html that opens anywhere without a network."""

from html import escape
from pathlib import Path

from isost_core.compare import best
from isost_core.errors import InputError
from isost_core.report_parts import HALVES, OURS
from isost_core.runs import write_json

FILES = ("report.json", "report.html")
STYLE = """
body { font: 16px/1.55 Inter, 'Segoe UI', system-ui, sans-serif; color: #232b36; margin: 0; background: #f5f7f9 }
main { max-width: 1160px; margin: 0 auto; padding: 2.2rem 1.4rem 5rem }
h1 { font-size: 1.9rem; margin: 0 0 .3rem } h2 { font-size: 1.25rem; margin: 0 0 .4rem }
section { background: white; border: 1px solid #e3e8ee; border-radius: 12px;
  padding: 1.3rem 1.5rem; margin-top: 1.3rem }
p { margin: .4rem 0; max-width: 52rem } .faint { color: #667180 } .scroll { overflow-x: auto }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(235px, 1fr)); gap: 1rem; margin-top: 1.3rem }
.card { background: white; border: 1px solid #e3e8ee; border-radius: 12px; padding: 1rem 1.2rem }
.card b { display: block; font-size: 1.7rem; color: #14807a; line-height: 1.25 }
table { border-collapse: collapse; margin-top: .8rem; font-size: .86rem; font-variant-numeric: tabular-nums }
th, td { padding: .32rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #edf0f3 }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: white }
thead th { vertical-align: bottom; font-weight: 600; white-space: normal; max-width: 5.6rem }
thead tr.groups th { text-align: center; color: #667180 }
tr.ours td { background: #e9f6f4 } tr.reference td { color: #667180; font-style: italic; background: white }
td.best { font-weight: 700 } .tall { max-height: 30rem; overflow: auto } .tall thead th { position: sticky; top: 0;
  background: white; cursor: pointer }
.grade { font-weight: 700; padding: .05rem .5rem; border-radius: 6px; color: white }
.A { background: #14948c } .B { background: #cc8935 } .C { background: #ac4b2f } .none { background: #8c94a0 }
button { font: inherit; padding: .3rem .8rem; border: 1px solid #c9d1da; border-radius: 8px; background: white }
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


def check_folder(folder):
    """InputError where a report cannot be put: a file, or a folder with other things in it."""
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file. Give a folder for the report.")
    if folder.is_dir() and {p.name for p in folder.iterdir()} - set(FILES):
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
    names = ", ".join(s["section"] for s in report["sections"])
    how = "one at a time" if about["hold_out"] == "each" else "together"
    made = ["<p class=faint><b>Synthetic tissue</b>, not a measurement.</p>"] if about["stack"]["synthetic"] else []
    body = "".join([
        "<h1>How far can this reconstruction be trusted?</h1>",
        f"<p class=faint>{len(about['stack']['sections'])} sections, "
        f"{sum(s['cells'] for s in about['stack']['sections']):,} cells, {about['stack']['genes']:,} genes. "
        f"Held out {how} and predicted from the others: {escape(names)}.</p>", *made,
        _cards(report), _pictures(report), _methods(report), _sections(report), _gaps(report), _intervals(report),
        _genes(report), _notes(report)])
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Validation · isoST Studio</title>"
            f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>"
            f"<script>{get_plotlyjs()}</script></head><body><main>{body}</main><script>{SCRIPT}</script></body></html>\n")


def _cards(report):
    about, ours = report["about"], report["summary"][OURS]
    width, rival = about["trust_um"], report["summary"][about["best_simple"]]
    ceiling = report["summary"][HALVES][f"ceiling_{width:g}"]
    counts = {grade: sum(g["grade"] == grade for g in report["genes"]) for grade in "ABC"}
    cards = [
        (number(ours[f"pcc_{width:g}"]), f"correlation (PCC) of predicted with measured expression over {width:g} µm "
         f"bins, median gene. Best simple method {number(rival[f'pcc_{width:g}'])}; the measured sections themselves "
         f"would allow {number(ceiling)}."),
        (f"{counts['A']} · {counts['B']} · {counts['C']}", "genes of trust grade A, B and C, judged on sections "
         "the model never saw."),
        (f"{100 * ours['cov80']:.0f} %" if ours["cov80"] is not None else "–", "of the measured values lie inside the "
         "predicted 80 % intervals. Close to 80 means that the stated uncertainty can be believed."),
        (f"{number(ours['chamfer_um'], 1)} µm", "between a predicted cell and the nearest measured one, on average. "
         f"Neighbouring measured cells are {number(about['stack']['cell_spacing_um'], 1)} µm apart."),
    ]
    return "<div class=cards>" + "".join(f"<div class=card><b>{b}</b>{escape(t)}</div>" for b, t in cards) + "</div>"


def _pictures(report):
    from isost_core.report_figures import picture

    width = report["about"]["trust_um"]
    parts = [f"<p><b>{escape(p['gene'])}</b>, {p['role']} of the genes (PCC {number(p['pcc'])}, "
             f"grade {_badge(p['grade'])}) on section {escape(p['section'])}, depth {p['depth_um']:,.0f} µm</p>"
             + _figure(picture(p)) for p in report["pictures"]]
    return _section("Measured and predicted, side by side", "A section that was held out, and what was predicted at "
                    "its depth. Left, single cells: a sampled cell is as noisy as a measured one. Right, means over "
                    f"{width:g} µm bins, which the correlations are computed from.", "".join(parts))


def _methods(report):
    from isost_core.report_tables import methods_table

    return _section("Against simple methods", "Mean over the held-out sections. The best value of each column is bold; "
                    "the last row, half of a section predicting its other half, is a reference and no competitor. "
                    "Smoothing wins correlations and loses structure, copying does the reverse: read the "
                    "columns together.", methods_table(report["summary"], report["about"]["grid_um"]))


def _sections(report):
    from isost_core.report_tables import sections_table

    return _section("Section by section", "The reconstruction alone.",
                    sections_table(report["sections"], report["about"]["grid_um"]))


def _gaps(report):
    from isost_core.report_figures import gap_figure

    width = report["about"]["trust_um"]
    more = max(p["held_out_with"] for p in report["gaps"])
    text = ("One, two and three neighbouring sections were left out together." if more > 1 and
            report["about"]["hold_out"] == "each" else "Each point is one held-out section.")
    return _section("The wider the gap, the larger the error", f"{text} A point is one held-out section; the dotted "
                    "line is what a perfect prediction would score against these noisy measurements.",
                    _figure(gap_figure(report["gaps"], width, report["summary"][HALVES][f"ceiling_{width:g}"])))


def _intervals(report):
    from isost_core.report_figures import calibration_figure

    curves = report["calibration"]["methods"]
    rival = best("interval_score", {m: _known(report["summary"][m]) for m in curves if m != OURS})[0]
    return _section("Can the stated uncertainty be believed?", "For every value an interval is predicted. If 80 % "
                    "intervals hold 80 % of the measured values the curve lies on the dotted line; above it the "
                    "intervals are too wide, below it too narrow.",
                    _figure(calibration_figure(report["calibration"], OURS, rival)))


def _genes(report):
    from isost_core.report_figures import genes_figure
    from isost_core.report_tables import genes_table

    about = report["about"]
    grades = "".join(f"<p>{_badge(g)} {escape(text)}</p>" for g, text in about["grades"].items())
    return _section("Genes, most to be trusted first", f"Judged over {about['trust_um']:g} µm bins of the held-out "
                    f"sections, for the pattern within a section. {about['rule']}",
                    grades + _figure(genes_figure(report["genes"])) + "<p><button id=csv>Download as CSV</button> "
                    "<span class=faint>Click a column to sort.</span></p>" + genes_table(report["genes"]))


def _notes(report):
    about = report["about"]
    config = ", ".join(f"{k} {v}" for k, v in about["config"].items())
    return _section("How it was done", "Held-out sections were left out of everything: scaling, the latent space, "
                    "training, and the choice of every setting. Genes beyond the "
                    f"{about['stack']['compared_genes']:,} most variable ones are not compared. Expression is log1p "
                    f"(normalisation: {about['stack']['normalize']}). Predictions are not measurements.",
                    f"<p class=faint>isoST Studio {escape(about['software'])}, {escape(about['created'])}, "
                    f"{about['seconds']:,.0f} s on {escape(about['device'])}. Settings: {escape(config)}.</p>")


def _section(title, text, content):
    return f"<section><h2>{escape(title)}</h2><p class=faint>{escape(text)}</p>{content}</section>"


def _figure(figure):
    return figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False, "responsive": True})


def _badge(grade):
    return f"<span class='grade {'none' if grade == '-' else grade}'>{'–' if grade == '-' else grade}</span>"


def _known(values):
    return {k: float("nan") if v is None else v for k, v in values.items()}


def number(value, digits=2):
    """A number as the page shows it; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"
