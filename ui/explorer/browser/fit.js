// The zoom at which the slice fills its pane, and the box of the tissue that in 3D.
import { clamp, cornersOf, lens, onSheet, project, sheet, sizeOf, wayUp } from "./geometry.js";
/** @import { Bounds, Box, Pair, Pane, Point, Sheet, View } from "./types.js" */

const BARS_WIDTH = 66, BARS_HEIGHT = 184;  // pixels, of the colour bar in the bottom right corner
export const NEXT_BAR = 62;  // pixels, from one bar to the next
export const WORDS_WIDTH = 262, WORDS_HEIGHT = 64;  // of the heading in the top left corner
const STEPS = 140;
const SWEEP_DEGREES = 10;  // from one direction of a whole turn to the next

/** @typedef {{ left: number, right: number, top: number, low: number }} Room  borders, as shares of the pane */

/**
 * Where the tissue may stand: to the left of the colour bars, above them, or between them and the words.
 * @param {Pane} pane @param {number} [bars] @returns {Room[]}
 */
export function roomsOf({ w, h }, bars = 1) {
  const left = Math.min(34 / w, 0.1), top = Math.min(WORDS_HEIGHT / h, 0.16), low = 1 - Math.min(44 / h, 0.13);
  const beside = 1 - Math.min((BARS_WIDTH + NEXT_BAR * (bars - 1)) / w, bars > 1 ? 0.4 : 0.25);
  return [{ left, right: beside, top, low }, { left, right: 1 - Math.min(14 / w, 0.1), top, low: 1 - BARS_HEIGHT / h },
    { left: WORDS_WIDTH / w, right: beside, top: Math.min(14 / h, 0.1), low: 1 - Math.min(24 / h, 0.1) }];
}

/**
 * Where the box may stand in 3D: below the words, or beside them.
 * @param {Pane} pane @returns {Room[]}
 */
function solidRoomsOf({ w, h }) {
  const side = Math.min(10 / w, 0.05), low = 1 - Math.min(40 / h, 0.13);
  return [{ left: side, right: 1 - side, top: Math.min(46 / h, 0.13), low },
    { left: WORDS_WIDTH / w, right: 1 - side, top: Math.min(12 / h, 0.1), low }];
}

/**
 * How many times larger something would fill a room.
 * @param {Room} room @param {number} wide @param {number} high  as shares of the pane
 */
const zoomIn = (room, wide, high) => Math.min((room.right - room.left) / wide, (room.low - room.top) / high);

/**
 * The room that something fills best; the first of those that are as good.
 * @param {Room[]} rooms @param {number} wide @param {number} high
 */
const bestOf = (rooms, wide, high) => rooms.reduce((a, b) => (
  zoomIn(b, wide, high) > 1.01 * zoomIn(a, wide, high) ? b : a));

/** @param {number} x @param {Bounds} bounds */
const within = (x, { least, most }) => clamp(x, least ?? -Infinity, most ?? Infinity);

/**
 * Where a plane cuts the tissue: left, right, top and bottom as shares of the pane; null where it misses it.
 * @param {Sheet} s @param {(p: Point) => boolean} inside
 */
export function cutOf(s, inside) {
  const half = 0.5 / STEPS, cut = { left: 1, right: 0, top: 1, bottom: 0 };
  for (let i = 0; i < STEPS * STEPS; i++) {
    const x = (i % STEPS + 0.5) / STEPS, y = (Math.floor(i / STEPS) + 0.5) / STEPS;
    if (!inside(onSheet(s, x, y))) continue;
    cut.left = Math.min(cut.left, x - half);
    cut.right = Math.max(cut.right, x + half);
    cut.top = Math.min(cut.top, y - half);
    cut.bottom = Math.max(cut.bottom, y + half);
  }
  return cut.right > cut.left ? cut : null;
}

/**
 * Zoom and place of the slice's picture where the tissue that it cuts fills the pane, clear of the words and colour
 * bars at its borders; unmoved where the plane misses the tissue.
 * @param {Readonly<View>} view @param {Box} box @param {Pane} pane @param {(p: Point) => boolean} inside
 * @param {Bounds} bounds  of the zoom
 * @param {number} [bars]
 */
export function fitted(view, box, pane, inside, bounds, bars = 1) {
  const unmoved = { szoom: 1, spanx: 0, spany: 0 }, s = sheet({ ...view, ...unmoved }, box, pane);
  const cut = cutOf(s, inside);
  if (!cut) return unmoved;
  const size = /** @type {const} */ ([cut.right - cut.left, cut.bottom - cut.top]);
  const best = bestOf(roomsOf(pane, bars), ...size), { left, right, top, low } = best;
  const szoom = within(zoomIn(best, ...size), bounds);
  return {
    szoom,
    spanx: s.halves[0] * (cut.left + cut.right - 1 - (left + right - 1) / szoom),
    spany: wayUp(view) * s.halves[1] * (1 - cut.top - cut.bottom - (1 - top - low) / szoom),
  };
}

/**
 * Width and height of what is seen of the box, as shares of a pane at zoom 1.
 * @param {Readonly<View>} view @param {Box} box @param {Pane} pane @returns {Pair}
 */
function seenOf(view, box, pane) {
  const l = lens({ ...view, zoom: 1, panx: 0, pany: 0 }, box, pane);
  const places = cornersOf(box).map((corner) => project(l, corner));
  return /** @type {Pair} */ ([0, 1].map((d) => 2 * Math.max(...places.map((place) => Math.abs(place[d] - 0.5)))));
}

/**
 * Zoom and place of the 3D picture where the box fills the pane, clear of the words at its borders.
 * @param {Readonly<View>} view @param {Box} box @param {Pane} pane @param {Bounds} bounds  of the zoom
 * @param {boolean} [turning]  all that is seen of it in a whole turn
 */
export function fittedSolid(view, box, pane, bounds, turning = false) {
  const seen = Array.from({ length: turning ? 360 / SWEEP_DEGREES : 1 },
    (_, i) => seenOf({ ...view, turn: view.turn + SWEEP_DEGREES * i }, box, pane));
  const size = /** @type {Pair} */ ([0, 1].map((d) => Math.max(...seen.map((one) => one[d]))));
  const best = bestOf(solidRoomsOf(pane), ...size), zoom = within(zoomIn(best, ...size), bounds);
  const { reach2: [w, h] } = lens({ ...view, zoom: 1 }, box, pane), [x, y, z] = sizeOf(box);
  const radius = Math.hypot(x, y, z * view.stretch) / 2;
  return { zoom, panx: w * (1 - best.left - best.right) / zoom / radius,
    pany: h * (best.top + best.low - 1) / zoom / radius };
}

/**
 * How large 3D and the slice would be drawn in these panes, fitted: the product of their areas.
 * @param {Readonly<View>} view @param {Box} box @param {Pane[]} panes
 */
export const sizeDrawn = (view, box, panes) => panes.reduce((product, pane) => {
  if (pane.kind !== "3d" && pane.kind !== "slice") return product;
  const solid = pane.kind === "3d", [wide, high] = solid ? seenOf(view, box, pane) : boxOnSheet(view, box, pane);
  const best = bestOf(solid ? solidRoomsOf(pane) : roomsOf(pane), wide, high);
  return product * wide * high * pane.w * pane.h * zoomIn(best, wide, high) ** 2;
}, 1);

/** @param {Readonly<View>} view @param {Box} box @param {Pane} pane @returns {Pair}  its sides on a flat slice */
function boxOnSheet(view, box, pane) {
  const { halves: [w, h] } = sheet({ ...view, szoom: 1 }, box, pane), [x, y] = sizeOf(box);
  return [x / 2 / w, y / 2 / h];
}
