// Words, scale bars, colour bars, axes and the crosshair over the panes.
const DEPTH_NAMES = ["x", "y", "depth"];

function drawOverlay(app) {
  const ctx = app.over.getContext("2d");
  ctx.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  ctx.clearRect(0, 0, app.width, app.height);
  const pen = new CanvasPen(ctx, app);
  for (const pane of app.panes) decorate(app, pen, pane);
  if (app.loop?.length > 1) pen.line([...app.loop, app.loop[0]], inks(app).mark, 1.5, [4, 3]);
}

const inks = (app) => app.figure ? { ink: "rgb(20, 26, 30)", faint: "rgb(110, 120, 130)", line: "rgb(170, 178, 186)", mark: "rgb(190, 60, 20)", plate: "rgba(255, 255, 255, 0.75)" }
  : { ink: "rgb(226, 232, 240)", faint: "rgb(140, 150, 164)", line: "rgb(70, 80, 92)", mark: "rgb(255, 214, 90)", plate: "rgba(14, 17, 23, 0.66)" };

function decorate(app, pen, pane) {
  pen.clip(pane.x, pane.y, pane.w, pane.h, () => pane.kind === "3d" ? decorate3d(app, pen, pane) : decorateFlat(app, pen, pane));
}

// Lines of words on a plate, in the pane's top left corner.
function heading(app, pen, pane, lines) {
  const { ink, faint, plate } = inks(app), wide = lines.map(({ words, colour, strong }) => (colour ? 28 : 13) + pen.width(words, 12.5, strong ? 600 : 400));
  pen.plate(pane.x + 5, pane.y + 5, Math.max(...wide), 17 * lines.length + 6, plate);
  lines.forEach(({ words, colour, strong }, i) => {
    const y = pane.y + 20 + 17 * i;
    if (colour) pen.disc(pane.x + 17, y - 4, 4.5, colour);
    pen.text(pane.x + (colour ? 27 : 12), y, words, strong ? ink : faint, { size: 12.5, weight: strong ? 600 : 400 });
  });
}

function decorate3d(app, pen, pane) {
  const { view, config } = app, { ink, faint, line, mark } = inks(app), l = lens(app, pane);
  const at = (p) => { const [x, y] = project(l, p); return [pane.x + x * pane.w, pane.y + y * pane.h]; };
  const corner = (x, y, z) => [config.box[x][0], config.box[y][1], config.box[z][2]];
  if (view.frame) {
    for (const [a, b] of BOX_EDGES) pen.line([at(corner(...a)), at(corner(...b))], line, 1);
    for (const { depth_um } of config.sections) {
      const [low, high] = config.box, ring = [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]], [low[0], low[1]]];
      pen.line(ring.map(([x, y]) => at([x, y, depth_um])), line, 0.8, [2, 3]);
    }
  }
  const focus = [view.cx, view.cy, view.cdepth], [fx, fy] = at(focus);
  if (view.plane && !app.figure) {
    const tip = planeHandle(app, l), [tx, ty] = at(tip);
    pen.line([[fx, fy], [tx, ty]], mark, 2);
    pen.disc(tx, ty, 6, mark); pen.disc(fx, fy, 4.5, "rgba(0, 0, 0, 0.35)", mark);
  }
  gizmo(app, pen, pane, l);
  const shown = config.channels.filter((_, c) => !pane.alone || c === pane.channel);
  heading(app, pen, pane, shown.map((channel) => ({
    words: `${channel.name} ≥ ${number(levelOf(app, channel))} ${channel.unit} · predicted`, strong: true, colour: css(channel.colour) }))
    .concat(view.cells !== "off" ? [{ words: `points: measured cells${config.cells_shown}` }] : [])
    .concat(doubtWords(app, pane).map((words) => ({ words }))));
  if (view.stretch !== 1) pen.text(pane.x + pane.w - 12, pane.y + 20, `depth drawn × ${+view.stretch.toFixed(1)}`, faint, { align: "right" });
  rule(app, pen, pane, 2 * l.reach2[0] / pane.w);
}
const BOX_EDGES = [0, 1].flatMap((a) => [0, 1].flatMap((b) => [[[0, a, b], [1, a, b]], [[a, 0, b], [a, 1, b]], [[a, b, 0], [a, b, 1]]]));

// Least known share (%) of a gene's pattern anywhere in the tissue.
function leastKnown(app, pack) {
  const { known } = pack.parts, { tissue } = app.tissue.parts;
  pack.leastKnown ??= known ? known.reduce((least, share, i) => tissue[i] > 127 ? Math.min(least, share) : least, 255) / 2.55 : 100;
  return pack.leastKnown;
}

// How uncertainty is drawn in a pane.
function doubtWords(app, pane) {
  const { view, config } = app, solid = pane.kind === "3d";
  if (!config.known || view.uncertainty === "off") return [];
  const genes = app.packs.filter((_, c) => solid ? !pane.alone || c === pane.channel : togetherAs(app, pane) || c === pane.channel);
  if (genes.every((pack) => leastKnown(app, pack) >= view.least)) {
    return [`${solid && view.uncertainty === "show" ? "grey: less is known; " : ""}nowhere less than ${view.least} % known`];
  }
  if (view.uncertainty === "hide") return [`hidden where less than ${view.least} % of the pattern is known`];
  const hatched = layerOf(app, pane) === "values" && (!solid || view.plane) ? [`hatched: less than ${view.least} % known`] : [];
  return [[...(solid ? ["grey: less is known"] : []), ...hatched].join("; ")].filter(Boolean);
}

// The end of the arrow that tilts the plane.
function planeHandle(app, l) {
  const { view } = app, normal = planeAxes(view.azimuth, view.tilt, false).normal, length = 0.32 * Math.min(...l.reach2);
  const drawn = Math.hypot(normal[0], normal[1], normal[2] * l.stretch);
  return add([view.cx, view.cy, view.cdepth], normal, length / drawn);
}

function gizmo(app, pen, pane, l) {
  const { faint } = inks(app), x0 = pane.x + pane.w - 46, y0 = pane.y + pane.h - 44;
  const colours = ["rgb(214, 106, 92)", "rgb(92, 176, 112)", "rgb(92, 146, 226)"];
  [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis, d) => ({ d, x: dot(axis, l.right), y: -dot(axis, l.up), z: dot(axis, l.eye) }))
    .sort((a, b) => a.z - b.z).forEach(({ d, x, y }) => {
      pen.line([[x0, y0], [x0 + 26 * x, y0 + 26 * y]], colours[d], 2);
      const aside = Math.hypot(x, y) < 0.3 ? 12 : 0, ends = app.view[`ends_${DEPTH_NAMES[d]}`];  // one that points at the eye
      pen.text(x0 + 34 * x - aside, y0 + 34 * y + 4 + aside, DEPTH_NAMES[d] + (ends ? ` ${ends[1]}` : ""), faint, { align: "center", size: 11 });
    });
}

function decorateFlat(app, pen, pane) {
  const { view, config } = app, { ink, faint, mark } = inks(app), s = sheet(app, pane), channel = config.channels[pane.channel];
  const at = (p) => { const [x, y] = offSheet(s, p); return [pane.x + x * pane.w, pane.y + y * pane.h]; };
  const bars = pane.kind === "slice" || pane.kind === "cells" ? colourBars(app, pen, pane, channel) : null;
  if (view.frame && pane.kind !== "cells") sectionLines(app, pen, pane, s, bars?.box);
  const [fx, fy] = at([view.cx, view.cy, view.cdepth]);
  if (!app.figure) {
    pen.line([[fx, pane.y], [fx, fy - 7]], mark, 0.7); pen.line([[fx, fy + 7], [fx, pane.y + pane.h]], mark, 0.7);
    pen.line([[pane.x, fy], [fx - 7, fy]], mark, 0.7); pen.line([[fx + 7, fy], [pane.x + pane.w, fy]], mark, 0.7);
  }
  directions(app, pen, pane, s);
  rule(app, pen, pane, 2 * s.halves[0] / pane.w);
  if (bars) drawBars(app, pen, bars);
  heading(app, pen, pane, flatWords(app, pane, channel));
}

// Where measured sections cross the plane. Their names keep clear of the colour bars.
function sectionLines(app, pen, pane, s, bars) {
  const { line, faint } = inks(app);
  if (Math.hypot(s.u[2], s.v[2]) < 0.02) return;
  const taken = [];
  for (const { name, depth_um } of app.config.sections) {
    const away = (depth_um - s.centre[2]), rise = [s.u[2] * s.halves[0], s.v[2] * s.halves[1]];
    const ends = [];
    for (const side of [-1, 1]) {
      if (Math.abs(rise[1]) > 1e-9) { const y = (away - side * rise[0]) / rise[1]; if (Math.abs(y) <= 1) ends.push([side, y]); }
      if (Math.abs(rise[0]) > 1e-9) { const x = (away - side * rise[1]) / rise[0]; if (Math.abs(x) <= 1) ends.push([x, side]); }
    }
    if (ends.length < 2) continue;
    const points = ends.slice(0, 2).map(([x, y]) => [pane.x + (x + 1) / 2 * pane.w, pane.y + (1 - y) / 2 * pane.h]);
    pen.line(points, line, 1, [3, 4]);
    const [x, y] = points[0][1] > points[1][1] + 1 || Math.abs(points[0][1] - points[1][1]) <= 1 && points[0][0] > points[1][0] ? points[0] : points[1];
    const at = [clamp(x - 4, pane.x + 90, pane.x + pane.w - 4), clamp(y - 4, pane.y + 60, pane.y + pane.h - 46)];
    if (bars && at[0] > bars.x && at[1] > bars.y - 4) at[1] = bars.y - 6;
    if (taken.some((other) => Math.abs(at[0] - other[0]) < 86 && Math.abs(at[1] - other[1]) < 12)) continue;
    taken.push(at);
    pen.text(...at, name, faint, { size: 9.5, align: "right" });
  }
}

function flatWords(app, pane, channel) {
  const { view, config } = app, near = nearestSection(app), several = app.packs.length > 1 && !pane.alone;
  const all = config.channels.map((c) => c.name).join(view.blend === "mean" ? ", " : " + ");
  const names = !several ? channel.name : all.length < 34 ? all : `${config.channels.length} together`;
  if (pane.kind === "cells") {
    const words = near.flat ? `section ${config.sections[near.index].name}, depth ${lengthWords(config.sections[near.index].depth_um)}`
      : `cells within ${lengthWords(near.slab)} of the plane`;
    return [{ words: `${channel.name} · measured${several ? ` (first of ${app.packs.length} genes)` : ""}`, strong: true }, { words }];
  }
  const together = togetherAs(app, pane), first = several ? ` (first of ${app.packs.length} genes)` : "";
  const what = { values: `${together === "mean" ? "mean score of " : ""}${names} · predicted`, known: `${several ? "mean " : ""}known share of ${names}`,
    sd: `sd of a cell of ${channel.name}${first} · predicted` }[layerOf(app, pane)];
  const titles = { xy: `depth ${lengthWords(view.cdepth)}`, xz: `y ${lengthWords(view.cy)}`, yz: `x ${lengthWords(view.cx)}`,
    slice: `azimuth ${Math.round(view.azimuth)}°, tilt ${Math.round(view.tilt)}°, offset ${lengthWords(offsetOf(app))}${view.flip ? ", from behind" : ""}` };
  const lines = [{ words: what, strong: true }, { words: titles[pane.kind] }];
  return pane.kind === "slice" ? lines.concat(doubtWords(app, pane).map((words) => ({ words }))) : lines;
}

const offsetOf = ({ view, config }) => dot(add([view.cx, view.cy, view.cdepth], middleOf(config.box), -1), planeAxes(view.azimuth, view.tilt, false).normal);

// Which way the picture's right and top point.
function directions(app, pen, pane, s) {
  const { faint } = inks(app), word = (axis) => {
    const d = axis.map(Math.abs).indexOf(Math.max(...axis.map(Math.abs)));
    return `${axis[d] < 0 ? "−" : ""}${DEPTH_NAMES[d]}${Math.abs(axis[d]) < 0.996 ? "*" : ""}`;
  };
  [[s.u, 0], [s.v, 1]].forEach(([axis, up]) => endLetters(app, axis).forEach((letter, end) => pen.text(
    up ? pane.x + pane.w / 2 : pane.x + (end ? pane.w - 14 : 30), up ? pane.y + (end ? 18 : pane.h - 26) : pane.y + pane.h * 0.3,
    letter, inks(app).ink, { align: "center", size: 13, weight: 600 })));
  pen.text(pane.x + pane.w / 2, pane.y + pane.h - 8, `${word(s.u)} →`, faint, { align: "center", size: 11 });
  pen.text(pane.x + 14, pane.y + pane.h / 2, `${word(s.v)} →`, faint, { align: "center", size: 11, turn: -Math.PI / 2 });
}

// Letters at the low and the high end of a picture's axis, where the tissue's axis along it has names.
function endLetters(app, axis) {
  const d = axis.findIndex((part) => Math.abs(part) > 0.7), ends = d < 0 ? "" : app.view[`ends_${DEPTH_NAMES[d]}`] || "";
  return axis[d] < 0 ? [...ends].reverse() : [...ends];
}

function rule(app, pen, pane, umPerPixel) {
  const { ink } = inks(app), { length, words } = scaleBar(umPerPixel * pane.w), x = pane.x + 26, y = pane.y + pane.h - 24;
  pen.line([[x, y], [x + length / umPerPixel, y]], ink, 2.5);
  pen.text(x, y - 6, words, ink, { size: 11.5 });
}

// What the colours of a pane mean: for each bar its words, colours and ends.
function barsOf(app, pane, channel) {
  const { view, config } = app, layer = layerOf(app, pane), together = togetherAs(app, pane), short = (name) => name.length > 16 ? `${name.slice(0, 15)}…` : name;
  const range = rangeOf(app, channel).map(number), name = short(channel.name), colours = app.gradients[layer === "known" ? "cividis" : view.colours];
  if (together === "add") return config.channels.map((one) => ({ lines: [one.name.slice(0, 9), one.unit], colours: ["rgb(0, 0, 0)", css(one.colour)],
    ends: rangeOf(app, one).map(number) }));
  if (layer === "known") return [{ lines: together ? ["known share,", "mean of the genes"] : [`known share of ${name}`], colours, ends: ["0 %", "100 %"] }];
  if (layer === "sd") return [{ lines: [`sd of a cell of ${name} (${channel.unit})`], colours, ends: [number(0), number(packOf(app, channel).sd)] }];
  if (together === "mean") return [{ lines: ["mean score: average of the genes,", "each in % of its range of colours"], colours, ends: ["0 %", "100 %"] }];
  return [{ lines: [`${name} (${channel.unit})`], colours, ends: range }];
}

// The bars, where they stand, and the box around them, in the pane's bottom right corner.
function colourBars(app, pen, pane, channel) {
  const bars = barsOf(app, pane, channel), n = bars.length, rows = bars[0].lines.length, h = Math.min(130, (pane.h - 30) * 0.4);
  const right = pane.x + pane.w - 10, y = pane.y + pane.h - h - 22, words = Math.max(...bars[0].lines.map((line) => pen.width(line, 11)));
  const wide = n > 1 ? 62 * (n - 1) + 60 : Math.max(words, 50) + 8;
  bars.forEach((bar, i) => Object.assign(bar, { x: right - 46 - 62 * (n - 1 - i), y, h, right: right - 62 * (n - 1 - i) }));
  return { bars, box: { x: right + 4 - wide, y: y - 8 - 14 * rows, w: wide, h: h + 16 + 14 * rows } };
}

function drawBars(app, pen, { bars, box }) {
  const { ink, faint, plate } = inks(app);
  pen.plate(box.x, box.y, box.w, box.h, plate);
  for (const { x, y, h, right, lines, colours, ends } of bars) {
    pen.bar(x, y, 11, h, colours);
    pen.text(x + 15, y + 9, ends[1], ink, { size: 11 });
    pen.text(x + 15, y + h, ends[0], ink, { size: 11 });
    lines.forEach((line, i) => pen.text(right, y - 8 - 14 * (lines.length - 1 - i), line, faint, { size: 11, align: "right" }));
  }
}

const number = (x) => Math.abs(x) >= 100 ? x.toFixed(0) : x.toFixed(2);
const css = (colour) => `rgb(${colour.join(", ")})`;
