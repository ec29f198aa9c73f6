"""What benchmarks/scaling.py stores: scaling.json, scaling.md and a plot."""

import json

import numpy as np

STAGES = {"read": "read", "start": "copy into run", "load": "load", "latent space": "latent space",
          "mean field": "mean field", "drift": "drift", "calibration": "calibration", "tissue": "lattice",
          "trust": "trust", "volume": "volume of a gene", "volume again": "of another gene",
          "section": "virtual section, first of a process", "section again": "another virtual section"}
FIT = ("load", "latent space", "mean field", "drift", "calibration", "tissue", "trust")
INTRO = """# Time and memory as stacks grow

Seconds of the clock and, in brackets, of the processors; peak memory in GiB. Sparse counts of a slab with laminae,
cells 15 µm apart, gaps of 60 µm, preset standard. A fit is all from loading to trust. Where the load is well above 1
the machine did other work too: then only seconds of the processors compare.
"""


def fit_of(row):
    """Seconds of a fit (of the clock, of the processors) and its peak memory (GiB)."""
    parts = [row["stages"][name] for name in FIT if name in row["stages"]]
    return [sum(p["seconds"] for p in parts), sum(p["cpu_s"] for p in parts), max(p["peak_gib"] for p in parts)]


def slopes(rows):
    """Exponents in the number of cells, {name: (over all sizes, over the last two)}."""
    cells = np.log([row["cells"] for row in rows])
    held = np.log([fit_of(row) for row in rows])
    return {name: (float(np.polyfit(cells, held[:, k], 1)[0]),
                   float((held[-1, k] - held[-2, k]) / (cells[-1] - cells[-2])))
            for k, name in enumerate(("fit, clock", "fit, processors", "peak memory"))}


def markdown(results):
    text = [INTRO]
    for case, found in results.items():
        rows = found["rows"]
        text += [f"## {case}\n", f"Bar: {found['bar']}. {found['machine']}, load {found['load']:.1f}; code "
                 f"{found['code']}, {found['date']}.\n"]
        text += ["| cells x genes | " + " | ".join(f"{r['cells']:,} x {r['genes']:,}" for r in rows) + " |",
                 "|---" * (len(rows) + 1) + "|"]
        text += [f"| {label} | " + " | ".join(_cell(r["stages"].get(name)) for r in rows) + " |"
                 for name, label in STAGES.items() if any(name in r["stages"] for r in rows)]
        fits = [fit_of(r) for r in rows if "drift" in r["stages"]]
        if fits:
            text.append("| **fit** | " + " | ".join(f"**{f[0]:.0f} ({f[1]:.0f}), {f[2]:.2f}**" for f in fits) + " |")
        text += ["| voxels of a volume | " + " | ".join(" x ".join(map(str, r["voxels"])) for r in rows) + " |",
                 "| virtual cells in the section | " + " | ".join(f"{r['virtual_cells']:,}" for r in rows) + " |",
                 "| files of the run, MiB | " + " | ".join(f"{r['run_mib']:.0f}" for r in rows) + " |\n"]
        if len(rows) > 1:
            text += [f"Exponent of {name}: {all_:.2f} over all sizes, {last:.2f} over the last two.  "
                     for name, (all_, last) in slopes(rows).items()]
    return "\n".join(text) + "\n"


def _cell(stage):
    return "-" if stage is None else f"{stage['seconds']:.1f} ({stage['cpu_s']:.1f}), {stage['peak_gib']:.2f}"


def store(case, found, folder):
    """Put a case's results with those that are stored, and write the tables and the plot again."""
    file = folder / "scaling.json"
    results = json.loads(file.read_text()) if file.is_file() else {}
    results[case] = found
    file.write_text(json.dumps(results, indent=1) + "\n")
    (folder / "scaling.md").write_text(markdown(results))
    if "grow" in results:
        plot(results, folder / "scaling.svg")
    print(markdown({case: found}))


def plot(results, path):
    """Seconds of the processors and peak memory of a fit against cells, both axes logarithmic, as SVG."""
    rows = sorted(results["grow"]["rows"] + results.get("million", {"rows": []})["rows"], key=lambda r: r["cells"])
    cells, held = np.array([r["cells"] for r in rows]), np.array([fit_of(r) for r in rows])
    parts = [_panel(30, cells, held[:, 1:2], "fit, seconds of the processors"),
             _panel(330, cells, held[:, 2:], "fit, peak memory in GiB")]
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="620" height="270" font-family="sans-serif" '
                    'font-size="12"><rect width="620" height="270" fill="white"/>' + "".join(parts) + "</svg>\n")


def _panel(left, cells, columns, title):
    """One diagram of 240 x 180 with a line of slope 1 from the first point."""
    low, high = np.log10(columns.min()) - 0.2, np.log10(columns.max()) + 0.2
    begin, end = np.log10(cells[0]) - 0.1, np.log10(cells[-1]) + 0.1

    def at(x, y):
        return (left + 240 * (np.log10(x) - begin) / (end - begin), 220 - 180 * (np.log10(y) - low) / (high - low))

    def line(points, style):
        return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" {style}/>'

    last = min(cells[-1], cells[0] * 10**high / columns[0, 0])
    made = [f'<text x="{left}" y="25">{title}</text>',
            line([(left, 40), (left, 220), (left + 240, 220)], 'stroke="#888"'),
            line([at(cells[0], columns[0, 0]), at(last, columns[0, 0] * last / cells[0])],
                 'stroke="#bbb" stroke-dasharray="4"')]
    for y in columns.T:
        made.append(line([at(*p) for p in zip(cells, y, strict=True)], 'stroke="#1f6f8b" stroke-width="2"'))
        made += [f'<text x="{x - 8:.0f}" y="{h - 8:.0f}">{value:.3g}</text>'
                 for value, (x, h) in ((v, at(c, v)) for c, v in zip(cells, y, strict=True))]
    made += [f'<text x="{at(c, columns.min())[0] - 14:.0f}" y="238">{c / 1000:.0f}k</text>' for c in cells]
    return "".join(made) + f'<text x="{left + 100}" y="256">cells</text>'
