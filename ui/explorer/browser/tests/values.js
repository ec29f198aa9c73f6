// What the core says: see tests/ui/explorer/browser_values.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
/** @import { Box, Grid, Pair, Pane, Point, Schema, View } from "../types.js" */

/** @typedef {{ azimuth: number, tilt: number, spin: number, u: Point, v: Point, normal: Point }} Plane */
/** @typedef {{ azimuth: number, tilt: number, spin: number, u_um: Pair, v_um: Pair }} Cut */
/** @typedef {{ at: Point, mean: number, known: number, inside: boolean }} Sample */
/**
 * @type {{ schema: Schema, opening: View, extent_um: Box, grid: Grid, gene_pack: string, tissue_pack: string,
 *   measured_xyz: number[][], viridis: string, viridis_ends: Point[], planes: Plane[],
 *   eyes: Record<string, Point>, points: Sample[], quantiles: { percent: number, value: number }[],
 *   scale_bars: { width_um: number, length_um: number }[], cuts: Cut[] }}
 */
export const expected = JSON.parse(readFileSync(new URL("expected.json", import.meta.url), "utf-8"));

/** @param {string} text  base64 */
export const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));

/** @param {readonly number[]} found @param {readonly number[]} wanted @param {number} [by] */
export function near(found, wanted, by = 1e-9) {
  assert.equal(found.length, wanted.length);
  found.forEach((x, i) => assert.ok(Math.abs(x - wanted[i]) <= by, `[${found}] is not [${wanted}] within ${by}`));
}

/** @param {Partial<View>} [changes] @returns {View}  looking at the middle of the tissue */
export function viewOf(changes) {
  const [low, high] = expected.extent_um, [cx, cy, cdepth] = low.map((x, d) => (x + high[d]) / 2);
  return { ...expected.opening, cx, cy, cdepth, levels: {}, ranges: {}, ...changes };
}

/** @param {Partial<Pane>} [changes] @returns {Pane} */
export const paneOf = (changes) => (
  { kind: "slice", channel: 0, alone: false, x: 0, y: 0, w: 500, h: 400, ...changes });
