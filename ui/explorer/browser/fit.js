// The zoom at which the slice fills its pane.
import { clamp, onSheet, sheet, wayUp } from "./geometry.js";
/** @import { Box, Pane, Point, Sheet, View } from "./types.js" */

const STEPS = 140;

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
  const left = Math.min(34 / pane.w, 0.1), right = 1 - Math.min(66 / pane.w, 0.2);
  const top = Math.min(46 / pane.h, 0.13), low = 1 - Math.min(44 / pane.h, 0.13);
  const most = Math.min((right - left) / (cut.right - cut.left), (low - top) / (cut.bottom - cut.top));
  const szoom = clamp(most, bounds.least ?? -Infinity, bounds.most ?? Infinity);
  return {
    szoom,
    spanx: s.halves[0] * (cut.left + cut.right - 1 - (left + right - 1) / szoom),
    spany: wayUp(view) * s.halves[1] * (1 - cut.top - cut.bottom - (1 - top - low) / szoom),
  };
}
