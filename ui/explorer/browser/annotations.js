// Words, scale bars, axes and the crosshair over the panes.
import { flatWords, solidWords } from "./captions.js";
import { colourBars, drawBars } from "./colour_bars.js";
import { add, clamp, dot, focusOf, lens, offSheet, planeHandle, project, sheet } from "./geometry.js";
import { CanvasPen, elided } from "./pens.js";
import { scaleBar } from "./scale_bar.js";
import { inksOf } from "./view.js";
/** @import { App, Lens, Pair, Pane, Pen, Point, Scene, Sheet } from "./types.js" */
/** @import { Line } from "./captions.js" */
/** @import { Bars } from "./colour_bars.js" */

export const DEPTH_NAMES = ["x", "y", "depth"];
const NAME_SIZE = 10;  // of a section
const END_KEYS = /** @type {const} */ (["ends_x", "ends_y", "ends_depth"]);
const AXES = /** @type {Point[]} */ ([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
const CORNERS = [0, 1].flatMap((a) => [0, 1].map((b) => [a, b]));
const BOX_EDGES = CORNERS.flatMap(([a, b]) => [[[0, a, b], [1, a, b]], [[a, 0, b], [a, 1, b]], [[a, b, 0], [a, b, 1]]]);

/** @param {App} app */
export function drawOverlay(app) {
  const { page, gpu: { stage }, pointer: { loop }, region: { ring } } = app, ctx = page.over.getContext("2d");
  if (!ctx) return;
  ctx.setTransform(stage.ratio, 0, 0, stage.ratio, 0, 0);
  ctx.clearRect(0, 0, stage.width, stage.height);
  const pen = new CanvasPen(ctx, app);
  for (const pane of stage.panes) {
    decorate(app, pen, pane);
    if (ring && (pane.kind === "slice" || pane.kind === "cells")) drawRing(app, pen, pane, ring);
  }
  if (loop && loop.length > 1) pen.line([...loop, loop[0]], inksOf(app.view).mark, 1.5, [4, 3]);
}

/**
 * The ring of a region, where it lies; faint once the plane has moved from it.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {{ points: Point[], normal: Point }} ring
 */
function drawRing({ view }, pen, pane, { points, normal }) {
  const s = sheet(view.values, view.config.box, pane), away = dot(add(focusOf(view.values), points[0], -1), normal);
  const moved = Math.abs(dot(normal, s.normal)) < 0.9999 || Math.abs(away) > view.config.spacing_um / 2;
  const places = points.map((p) => offSheet(s, p))
    .map(([x, y]) => /** @type {Pair} */ ([pane.x + x * pane.w, pane.y + y * pane.h]));
  const { mark, faint } = inksOf(view);
  pen.clip(pane.x, pane.y, pane.w, pane.h,
    () => pen.line([...places, places[0]], moved ? faint : mark, moved ? 1 : 1.5, [4, 3]));
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane */
export function decorate(scene, pen, pane) {
  pen.clip(pane.x, pane.y, pane.w, pane.h,
    () => pane.kind === "3d" ? decorateSolid(scene, pen, pane) : decorateFlat(scene, pen, pane));
}

/**
 * Lines of words in the pane's top left corner, shortened to its width. They stand on no plate: nothing is hidden.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Line[]} lines
 */
function heading(scene, pen, pane, lines) {
  const { ink, faint } = inksOf(scene.view), size = 12.5;
  lines.forEach(({ words, colour, strong }, i) => {
    const y = pane.y + 18 + 17 * i, x = colour ? 24 : 9, weight = strong ? 600 : 400;
    if (colour) pen.disc(pane.x + 14, y - 4, 4.5, colour);
    pen.text(pane.x + x, y, elided(pen, words, pane.w - x - 6, size, weight), strong ? ink : faint, { size, weight });
  });
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane */
function decorateSolid(scene, pen, pane) {
  const { values, config } = scene.view, { mark } = inksOf(scene.view), l = lens(values, config.box, pane);
  /** @param {Point} p @returns {Pair} */
  const at = (p) => {
    const [x, y] = project(l, p);
    return [pane.x + x * pane.w, pane.y + y * pane.h];
  };
  if (values.frame) boxLines(scene, pen, at);
  if (values.plane && !values.figure) {
    const [fx, fy] = at(focusOf(values)), [tx, ty] = at(planeHandle(values, l));
    pen.line([[fx, fy], [tx, ty]], mark, 2);
    pen.disc(tx, ty, 6, mark);
    pen.disc(fx, fy, 4.5, "rgba(0, 0, 0, 0.35)", mark);
  }
  gizmo(scene, pen, pane, l);
  heading(scene, pen, pane, solidWords(scene, pane));
  rule(scene, pen, pane, 2 * l.reach2[0] / pane.w);
}

/** @param {Scene} scene @param {Pen} pen @param {(p: Point) => Pair} at  the tissue's box, and its sections */
function boxLines({ view }, pen, at) {
  const { box, sections } = view.config, [low, high] = box, { line } = inksOf(view);
  /** @param {number[]} corner */
  const corner = ([x, y, z]) => at([box[x][0], box[y][1], box[z][2]]);
  for (const [a, b] of BOX_EDGES) pen.line([corner(a), corner(b)], line, 1);
  for (const { depth_um } of sections) {
    const ring = [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]], [low[0], low[1]]];
    pen.line(ring.map(([x, y]) => at([x, y, depth_um])), line, 0.8, [2, 3]);
  }
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Lens} l  which way the axes point */
function gizmo({ view }, pen, pane, l) {
  const { faint } = inksOf(view), x0 = pane.x + pane.w - 46, y0 = pane.y + pane.h - 44;
  const seen = AXES.map((axis, d) => ({ d, x: dot(axis, l.right), y: -dot(axis, l.up), z: dot(axis, l.eye) }));
  for (const { d, x, y } of seen.sort((a, b) => a.z - b.z)) {
    pen.line([[x0, y0], [x0 + 26 * x, y0 + 26 * y]], view.config.schema.colours.axes[d], 2);
    const aside = Math.hypot(x, y) < 0.3 ? 12 : 0, ends = view.values[END_KEYS[d]];  // one that points at the eye
    const words = DEPTH_NAMES[d] + (ends ? ` ${ends[1]}` : "");
    pen.text(x0 + 34 * x - aside, y0 + 34 * y + 4 + aside, words, faint, { align: "center", size: 11 });
  }
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane */
function decorateFlat(scene, pen, pane) {
  const { values, config } = scene.view, s = sheet(values, config.box, pane);
  const bars = pane.kind === "slice" || pane.kind === "cells" ? colourBars(scene, pen, pane) : null;
  if (values.frame && pane.kind !== "cells") sectionLines(scene, pen, pane, s, bars);
  if (!values.figure) crosshair(scene, pen, pane, s);
  directions(scene, pen, pane, s);
  rule(scene, pen, pane, 2 * s.halves[0] / pane.w);
  if (bars) drawBars(scene, pen, bars);
  heading(scene, pen, pane, flatWords(scene, pane));
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s */
function crosshair({ view }, pen, pane, s) {
  const { mark } = inksOf(view), [left, top] = offSheet(s, focusOf(view.values)), gap = 7;
  const x = pane.x + left * pane.w, y = pane.y + top * pane.h;
  pen.line([[x, pane.y], [x, y - gap]], mark, 0.7);
  pen.line([[x, y + gap], [x, pane.y + pane.h]], mark, 0.7);
  pen.line([[pane.x, y], [x - gap, y]], mark, 0.7);
  pen.line([[x + gap, y], [pane.x + pane.w, y]], mark, 0.7);
}

/**
 * Where measured sections cross the plane. Their names keep clear of the colour bars and of each other.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s @param {Bars | null} bars
 */
function sectionLines({ view }, pen, pane, s, bars) {
  const { line, faint } = inksOf(view), box = bars?.box;
  if (Math.hypot(s.u[2], s.v[2]) < 0.02) return;
  /** @type {Pair[]} */
  const taken = [];
  for (const { name, depth_um } of view.config.sections) {
    const points = crossing(s, depth_um)
      .map(([x, y]) => /** @type {Pair} */ ([pane.x + (x + 1) / 2 * pane.w, pane.y + (1 - y) / 2 * pane.h]));
    if (points.length < 2) continue;
    pen.line(points, line, 1, [3, 4]);
    const [x, y] = lower(points[0], points[1]), words = elided(pen, name, Math.min(120, pane.w / 3), NAME_SIZE);
    const wide = pen.width(words, NAME_SIZE);
    /** @type {Pair} */
    const at = [clamp(x - 4, pane.x + wide + 26, pane.x + pane.w - 4), clamp(y - 4, pane.y + 60, pane.y + pane.h - 46)];
    if (box && at[0] > box.x && at[1] > box.y - 4) at[1] = box.y - 6;
    if (taken.some((other) => Math.abs(at[0] - other[0]) < wide + 6 && Math.abs(at[1] - other[1]) < 12)) continue;
    taken.push(at);
    pen.text(...at, words, faint, { size: NAME_SIZE, align: "right" });
  }
}

/**
 * Where a depth crosses the border of what a pane shows: two places, -1 to 1 along u and v, or none.
 * @param {Sheet} s @param {number} depth
 */
function crossing(s, depth) {
  const away = depth - s.centre[2], rise = [s.u[2] * s.halves[0], s.v[2] * s.halves[1]];
  /** @type {Pair[]} */
  const ends = [];
  for (const side of [-1, 1]) {
    const y = (away - side * rise[0]) / rise[1], x = (away - side * rise[1]) / rise[0];
    if (Math.abs(rise[1]) > 1e-9 && Math.abs(y) <= 1) ends.push([side, y]);
    if (Math.abs(rise[0]) > 1e-9 && Math.abs(x) <= 1) ends.push([x, side]);
  }
  return ends.slice(0, 2);
}

/** @param {Pair} a @param {Pair} b  the lower of two places; of two at one height the right one */
function lower(a, b) {
  if (Math.abs(a[1] - b[1]) <= 1) return a[0] > b[0] ? a : b;
  return a[1] > b[1] ? a : b;
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s  which way right and top point */
function directions(scene, pen, pane, s) {
  const { faint, ink } = inksOf(scene.view), type = /** @type {const} */ ({ align: "center", size: 11 });
  const middle = { x: pane.x + pane.w / 2, y: pane.y + pane.h / 2 };
  const letters = /** @type {const} */ ({ align: "center", size: 13, weight: 600 });
  endLetters(scene, s.u).forEach((letter, end) => {
    pen.text(pane.x + (end ? pane.w - 14 : 30), pane.y + pane.h * 0.3, letter, ink, letters);
  });
  endLetters(scene, s.v).forEach((letter, end) => {
    pen.text(middle.x, pane.y + (end ? 18 : pane.h - 26), letter, ink, letters);
  });
  pen.text(middle.x, pane.y + pane.h - 8, arrowWord(s.u), faint, type);
  pen.text(pane.x + 14, middle.y, arrowWord(s.v), faint, { ...type, turn: -Math.PI / 2 });
}

/** @param {Point} axis  where the tissue's axis along it grows; a star: it runs mostly along this one */
function arrowWord(axis) {
  const sizes = axis.map(Math.abs), d = sizes.indexOf(Math.max(...sizes));
  const word = `${DEPTH_NAMES[d]}${sizes[d] < 0.996 ? "*" : ""}`;
  return axis[d] < 0 ? `← ${word}` : `${word} →`;
}

/**
 * Letters at the low and the high end of a picture's axis, where the tissue's axis along it has names.
 * @param {Scene} scene @param {Point} axis
 */
function endLetters({ view }, axis) {
  const d = axis.findIndex((part) => Math.abs(part) > 0.7), ends = d < 0 ? "" : view.values[END_KEYS[d]] || "";
  return axis[d] < 0 ? [...ends].reverse() : [...ends];
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {number} umPerPixel */
function rule(scene, pen, pane, umPerPixel) {
  const { ink } = inksOf(scene.view), { length, words } = scaleBar(umPerPixel * pane.w);
  const x = pane.x + 26, y = pane.y + pane.h - 24;
  pen.line([[x, y], [x + length / umPerPixel, y]], ink, 2.5);
  pen.text(x, y - 6, words, ink, { size: 11.5 });
}
