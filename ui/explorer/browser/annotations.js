// Words, scale bars, axes and the crosshair over the panes.
import { flatWords, solidWords } from "./captions.js";
import { colourBars, drawBars } from "./colour_bars.js";
import { WORDS_WIDTH } from "./fit.js";
import {
  add, dot, edgesOf, focusOf, lens, offSheet, planeHandle, planeOutline, project, sheet,
} from "./geometry.js";
import { CanvasPen, elided } from "./pens.js";
import { scaleBar } from "./scale_bar.js";
import { sectionLines } from "./section_lines.js";
import { spared } from "./spared.js";
import { inksOf } from "./view.js";
/** @import { App, Lens, Pair, Pane, Pen, Point, Scene, Sheet } from "./types.js" */
/** @import { Line } from "./captions.js" */
/** @import { Bars } from "./colour_bars.js" */
/** @import { Plate } from "./spared.js" */

export const DEPTH_NAMES = ["x", "y", "depth"];
const LINE_SIZE = 12.5, LINE_HEIGHT = 17, AXIS_SIZE = 11;  // pixels, of the heading of a pane and words at its axes
const END_KEYS = /** @type {const} */ (["ends_x", "ends_y", "ends_depth"]);
const AXES = /** @type {Point[]} */ ([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);

/** @param {App} app */
export function drawOverlay(app) {
  const { page, gpu: { stage }, pointer: { loop } } = app, ctx = page.over.getContext("2d");
  if (!ctx) return;
  ctx.setTransform(stage.ratio, 0, 0, stage.ratio, 0, 0);
  ctx.clearRect(0, 0, stage.width, stage.height);
  const pen = new CanvasPen(ctx, app);
  for (const pane of stage.panes) drawWords(app, pen, pane);
  if (loop && loop.length > 1) pen.line([...loop, loop[0]], inksOf(app.view).mark, 1.5, [4, 3]);
}

/**
 * What stands over a pane: words, and the ring of a region.
 * @param {App} app @param {Pen} pen @param {Pane} pane
 * @param {boolean} [handles]  with what the visitor moves: the crosshair, and the arrow of the plane in 3D
 */
export function drawWords(app, pen, pane, handles = true) {
  const { ring } = app.region;
  decorate(app, pen, pane, handles);
  if (ring && (pane.kind === "slice" || pane.kind === "cells")) drawRing(app, pen, pane, ring);
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

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {boolean} [handles]  see `drawWords` */
export function decorate(scene, pen, pane, handles = true) {
  const shown = handles && !scene.view.values.figure, draw = pane.kind === "3d" ? decorateSolid : decorateFlat;
  pen.clip(pane.x, pane.y, pane.w, pane.h, () => draw(scene, pen, pane, shown));
}

/**
 * Lines of words that fit into the corner of a pane: a longer one goes on below.
 * @param {Pen} pen @param {Line[]} lines @param {Pane} pane @returns {Line[]}
 */
function fitting(pen, lines, pane) {
  const room = pane.w < 2 * WORDS_WIDTH ? pane.w - 30 : WORDS_WIDTH - 15;
  return lines.flatMap((line) => broken(pen, line.words, room, weightOf(line)).map((words) => ({ ...line, words })));
}

/** @param {Line} line */
const weightOf = ({ strong }) => strong ? 600 : 400;

/** @param {Pen} pen @param {string} words @param {number} room @param {number} weight @returns {string[]} */
function broken(pen, words, room, weight) {
  /** @type {string[]} */
  const made = [];
  for (const word of words.split(" ")) {
    const longer = `${made.at(-1)} ${word}`;
    if (made.length && pen.width(longer, LINE_SIZE, weight) <= room) made[made.length - 1] = longer;
    else made.push(word);
  }
  return made.map((line) => elided(pen, line, room, LINE_SIZE, weight));
}

/**
 * Lines of words in the pane's top left corner. They stand on no plate: nothing is hidden.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Line[]} lines  that fit into it
 */
function heading(scene, pen, pane, lines) {
  const { ink, faint } = inksOf(scene.view);
  lines.forEach((line, i) => {
    const { words, colour, strong } = line;
    const y = pane.y + 18 + LINE_HEIGHT * i, x = colour ? 24 : 9;
    if (colour) pen.disc(pane.x + 14, y - 4, 4.5, colour);
    pen.text(pane.x + x, y, words, strong ? ink : faint, { size: LINE_SIZE, weight: weightOf(line) });
  });
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {boolean} handles */
function decorateSolid(scene, pen, pane, handles) {
  const { values, config } = scene.view, { mark } = inksOf(scene.view), l = lens(values, config.box, pane);
  /** @param {Point} p @returns {Pair} */
  const at = (p) => {
    const [x, y] = project(l, p);
    return [pane.x + x * pane.w, pane.y + y * pane.h];
  };
  if (values.frame) boxLines(scene, pen, at);
  if (values.plane) outline(pen, planeOutline(values, config.box).map(at), scene);
  if (values.plane && handles) {
    const [fx, fy] = at(focusOf(values)), [tx, ty] = at(planeHandle(values, l));
    pen.line([[fx, fy], [tx, ty]], mark, 2);
    pen.disc(tx, ty, 6, mark);
    pen.disc(fx, fy, 4.5, "rgba(0, 0, 0, 0.35)", mark);
  }
  gizmo(scene, pen, pane, l);
  heading(scene, pen, pane, fitting(pen, solidWords(scene, pane), pane));
  rule(scene, pen, pane, 2 * l.reach2[0] / pane.w);
}

/**
 * The plane's outline, seen from every angle, also where the plane itself is a line.
 * @param {Pen} pen @param {Pair[]} corners @param {Scene} scene
 */
function outline(pen, corners, { view }) {
  const { mark, halo } = inksOf(view), around = [...corners, ...corners.slice(0, 1)];
  pen.line(around, halo, 3.5);
  pen.line(around, mark, 1.5);
}

/** @param {Scene} scene @param {Pen} pen @param {(p: Point) => Pair} at  the tissue's box, and its sections */
function boxLines({ view }, pen, at) {
  const { box, sections } = view.config, [low, high] = box, { line } = inksOf(view);
  for (const edge of edgesOf(box)) pen.line(edge.map(at), line, 1);
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

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {boolean} handles */
function decorateFlat(scene, pen, pane, handles) {
  const { values, config } = scene.view, s = sheet(values, config.box, pane);
  const bars = pane.kind === "slice" || pane.kind === "cells" ? colourBars(scene, pen, pane, s) : null;
  const lines = fitting(pen, flatWords(scene, pane), pane);
  const taken = takenBy(pen, pane, lines, s, bars);
  if (values.frame && pane.kind !== "cells") taken.push(...sectionLines(scene, pen, pane, s, taken));
  if (handles) crosshair(scene, pen, pane, s, taken);
  directions(scene, pen, pane, s);
  rule(scene, pen, pane, 2 * s.halves[0] / pane.w);
  if (bars) drawBars(scene, pen, bars);
  heading(scene, pen, pane, lines);
}

/**
 * Where words and bars of a flat pane stand: no place for others.
 * @param {Pen} pen @param {Pane} pane @param {Line[]} lines  of the heading @param {Sheet} s
 * @param {Bars | null} bars @returns {Plate[]}
 */
function takenBy(pen, pane, lines, s, bars) {
  const { x, y, w, h } = pane, { length } = scaleBar(2 * s.halves[0]), scale = length * w / s.halves[0] / 2;
  const words = Math.max(...lines.map((line) => pen.width(line.words, LINE_SIZE, weightOf(line))));
  const [level, upward] = [s.u, s.v].map((axis) => pen.width(arrowWord(axis), AXIS_SIZE));
  return [{ x, y, w: words + 9, h: 8 + LINE_HEIGHT * lines.length },
    { x, y: y + h - 44, w: Math.max(60, scale) + 26, h: 44 },
    { x: x + (w - level) / 2, y: y + h - 18, w: level, h: 18 },
    { x: x + 4, y: y + (h - upward) / 2, w: 14, h: upward }, ...(bars ? [bars.box] : [])];
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s @param {Plate[]} taken  left free */
function crosshair({ view }, pen, pane, s, taken) {
  const { mark } = inksOf(view), [left, top] = offSheet(s, focusOf(view.values)), gap = 7;
  const x = pane.x + left * pane.w, y = pane.y + top * pane.h;
  /** @type {[Pair, Pair][]} */
  const arms = [[[x, pane.y], [x, y - gap]], [[x, y + gap], [x, pane.y + pane.h]],
    [[pane.x, y], [x - gap, y]], [[x + gap, y], [pane.x + pane.w, y]]];
  for (const part of arms.flatMap(([a, b]) => spared(a, b, taken))) pen.line(part, mark, 0.7);
}

/** @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s  which way right and top point */
function directions(scene, pen, pane, s) {
  const { faint, ink } = inksOf(scene.view), type = /** @type {const} */ ({ align: "center", size: AXIS_SIZE });
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

/** @param {Point} axis  where the tissue's axis along it grows; of a tilted one, the axis that it mostly runs along */
function arrowWord(axis) {
  const sizes = axis.map(Math.abs), d = sizes.indexOf(Math.max(...sizes));
  const word = `${sizes[d] < 0.996 ? "mostly " : ""}${DEPTH_NAMES[d]}`;
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
