// The zoom at which the slice fills its pane.
import { clamp, onSheet, sheet, wayUp } from "./geometry.js";
/** @import { Box, Pane, Point, Sheet, View } from "./types.js" */

const STEPS = 140, BARS_HEIGHT = 184;  // of the colour bars in the bottom right corner

/** @typedef {{ left: number, right: number, top: number, low: number }} Room  borders, as shares of the pane */

/**
 * Where the tissue may stand: to the left of the colour bars, or above them.
 * @param {Pane} pane @returns {Room[]}
 */
export function roomsOf({ w, h }) {
  const left = Math.min(34 / w, 0.1), top = Math.min(46 / h, 0.13);
  return [{ left, right: 1 - Math.min(66 / w, 0.2), top, low: 1 - Math.min(44 / h, 0.13) },
    { left, right: 1 - Math.min(14 / w, 0.1), top, low: 1 - BARS_HEIGHT / h }];
}

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
 * @param {import("./types.js").Bounds} bounds  of the zoom
 */
export function fitted(view, box, pane, inside, bounds) {
  const unmoved = { szoom: 1, spanx: 0, spany: 0 }, s = sheet({ ...view, ...unmoved }, box, pane);
  const cut = cutOf(s, inside);
  if (!cut) return unmoved;
  /** @param {Room} room */
  const zoomIn = (room) => Math.min((room.right - room.left) / (cut.right - cut.left),
    (room.low - room.top) / (cut.bottom - cut.top));
  const rooms = roomsOf(pane), best = rooms.reduce((a, b) => (zoomIn(b) > 1.01 * zoomIn(a) ? b : a));
  const { left, right, top, low } = best, most = zoomIn(best);
  const szoom = clamp(most, bounds.least ?? -Infinity, bounds.most ?? Infinity);
  return {
    szoom,
    spanx: s.halves[0] * (cut.left + cut.right - 1 - (left + right - 1) / szoom),
    spany: wayUp(view) * s.halves[1] * (1 - cut.top - cut.bottom - (1 - top - low) / szoom),
  };
}
