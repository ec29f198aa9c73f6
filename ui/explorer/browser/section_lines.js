// Where measured sections cross the plane of a flat pane: dashed lines, each with its name at its end.
import { sectionNames } from "./captions.js";
import { onSheet } from "./geometry.js";
import { elided } from "./pens.js";
import { inksOf } from "./view.js";
/** @import { Pair, Pane, Pen, Scene, Sheet } from "./types.js" */
/** @import { Plate } from "./spared.js" */

const SIZE = 10, HIGH = 12, APART = 4, FOOT = 30, HEAD = 12;  // pixels: of names, from each other and from the border

/** @typedef {{ words: string, plate: Plate, line: Pair[], outside: boolean }} Named  a name at an end of its line */

/**
 * Names keep clear of what is taken and of each other; the first and the last section are named first. They stand
 * beside the tissue where one end of their line is there.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s @param {Plate[]} taken
 * @returns {Plate[]}  where names stand
 */
export function sectionLines(scene, pen, pane, s, taken) {
  const { view, view: { config: { sections } } } = scene, { line, faint } = inksOf(view), names = sectionNames(view);
  if (Math.hypot(s.u[2], s.v[2]) < 0.02) return [];
  const held = [...taken];
  for (const i of endsFirst(sections.length)) {
    const ends = crossing(s, sections[i].depth_um)
      .map(([x, y]) => /** @type {Pair} */ ([pane.x + (x + 1) / 2 * pane.w, pane.y + (1 - y) / 2 * pane.h]));
    if (ends.length < 2) continue;
    const words = elided(pen, names[i], Math.min(120, pane.w / 3), SIZE), wide = pen.width(words, SIZE);
    const both = lowerFirst(ends).map((end, k, all) => namedAt(scene, pane, s, words, wide, end, all[1 - k]));
    const beside = both.filter(({ outside }) => outside);
    const chosen = (beside.length ? beside : both).find(({ plate }) => !held.some((other) => overlap(plate, other)));
    pen.line(chosen?.line ?? ends, line, 1, [3, 4]);
    if (!chosen) continue;
    held.push(chosen.plate);
    pen.text(chosen.plate.x, chosen.plate.y + HIGH - 3, words, faint, { size: SIZE });
  }
  return held.slice(taken.length);
}

/** @param {number} n  0, n - 1, then those between */
const endsFirst = (n) => Array.from({ length: n }, (_, i) => i).sort((a, b) => (
  Number(a % (n - 1) > 0) - Number(b % (n - 1) > 0) || a - b));

/**
 * A name at one end of its line, which it shortens.
 * @param {Scene} scene @param {Pane} pane @param {Sheet} s @param {string} words @param {number} wide
 * @param {Pair} end @param {Pair} other @returns {Named}
 */
function namedAt({ packs }, pane, s, words, wide, [x, y], other) {
  const right = pane.x + pane.w, foot = pane.y + pane.h, level = Math.abs(y - other[1]) < Math.abs(x - other[0]);
  /** @param {number} at @param {number} low @param {number} high */
  const kept = (at, low, high) => Math.min(Math.max(at, low), high);
  const left = level ? (x > other[0] ? right - wide - APART : pane.x + APART)
    : kept(x - wide / 2, pane.x + APART, right - wide - APART);
  const top = level ? kept(y - HIGH / 2, pane.y + HEAD, foot - FOOT - HIGH)
    : y > other[1] ? foot - FOOT - HIGH / 2 : pane.y + HEAD;
  const plate = { x: left, y: top, w: wide, h: HIGH };
  /** @type {Pair} */
  const stop = level ? [x > other[0] ? left - APART : left + wide + APART, y]
    : [x, y > other[1] ? top : top + HIGH];
  const along = level ? (stop[0] - x) / (other[0] - x) : (stop[1] - y) / (other[1] - y);
  /** @type {Pair} */
  const cut = [x + along * (other[0] - x), y + along * (other[1] - y)];
  const outside = [0, 0.5, 1].every((share) => !packs.inside(
    onSheet(s, (left + share * wide - pane.x) / pane.w, (top + HIGH / 2 - pane.y) / pane.h)));
  return { words, plate, line: [other, cut], outside };
}

/** @param {Plate} a @param {Plate} b */
const overlap = (a, b) => a.x < b.x + b.w + APART && b.x < a.x + a.w + APART && a.y < b.y + b.h && b.y < a.y + a.h;

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

/** @param {Pair[]} ends  the lower of two places first; of two at one height the right one */
const lowerFirst = ([a, b]) => (
  (Math.abs(a[1] - b[1]) <= 1 ? a[0] > b[0] : a[1] > b[1]) ? [a, b] : [b, a]);
