import assert from "node:assert/strict";
import { test } from "node:test";
import { cutOf, fitted, roomsOf } from "../fit.js";
import { add, dot, middleOf, offSheet, sheet } from "../geometry.js";
import { Packs } from "../packs.js";
import { unpack } from "../volume_store.js";
import { bytes, expected, near, paneOf, viewOf } from "./values.js";
/** @import { Point, TissuePack } from "../types.js" */

const BOX = expected.extent_um, PANE = paneOf({ w: 520, h: 420 }), BOUNDS = expected.schema.numbers.szoom;
const packs = Object.assign(new Packs(), {
  tissue: /** @type {TissuePack} */ (unpack(bytes(expected.tissue_pack))), grid: expected.grid, box: BOX,
});
/** @param {Point} p */
const inside = (p) => packs.inside(p);

test("a plane cuts the tissue where the core says", () => {
  for (const { azimuth, tilt, spin, u_um, v_um } of expected.cuts) {
    const s = sheet(viewOf({ azimuth, tilt, spin }), BOX, PANE), cut = cutOf(s, inside);
    assert.ok(cut);
    const from = add(s.centre, middleOf(BOX), -1), [w, h] = s.halves;
    near([cut.left, cut.right].map((x) => dot(from, s.u) + (2 * x - 1) * w), u_um, 2 * w / 140 + 2);
    near([cut.bottom, cut.top].map((y) => dot(from, s.v) + (1 - 2 * y) * h), v_um, 2 * h / 140 + 2);
  }
});

test("fitted, the tissue fills the pane and leaves its borders to words and bars", () => {
  for (const { azimuth, tilt, spin, u_um, v_um } of expected.cuts) {
    const view = viewOf({ azimuth, tilt, spin, szoom: 4, spanx: 50 });
    const s = sheet({ ...view, ...fitted(view, BOX, PANE, inside, BOUNDS) }, BOX, PANE), middle = middleOf(BOX);
    const [left, bottom] = offSheet(s, add(add(middle, s.u, u_um[0]), s.v, v_um[0]));
    const [right, top] = offSheet(s, add(add(middle, s.u, u_um[1]), s.v, v_um[1]));
    const by = 0.02, rooms = roomsOf(PANE).map((room) => ({
      kept: left > room.left - by && right < room.right + by && top > room.top - by && bottom < room.low + by,
      filled: Math.max((right - left) / (room.right - room.left), (bottom - top) / (room.low - room.top)),
    }));
    assert.ok(rooms.some(({ kept, filled }) => kept && filled > 0.96));
  }
});

test("in a tall pane the tissue stands above the colour bars, over the whole width", () => {
  const tall = paneOf({ w: 300, h: 900 }), view = viewOf({ tilt: 0 });
  const s = sheet({ ...view, ...fitted(view, BOX, tall, inside, BOUNDS) }, BOX, tall), cut = cutOf(s, inside);
  assert.ok(cut && cut.right - cut.left > 0.8 && cut.bottom < 1 - 184 / 900);
});

test("a plane that misses the tissue is shown whole", () => {
  const view = viewOf({ tilt: 0, cdepth: BOX[1][2] + 500, szoom: 3, spanx: 7 });
  assert.deepEqual(fitted(view, BOX, PANE, inside, BOUNDS), { szoom: 1, spanx: 0, spany: 0 });
});

test("the zoom keeps within its bounds", () => {
  const [x, y, z] = middleOf(BOX);
  /** @param {Point} p */
  const speck = (p) => Math.hypot(p[0] - x, p[1] - y, p[2] - z) < 4;
  assert.equal(fitted(viewOf({ tilt: 0 }), BOX, PANE, speck, { ...BOUNDS, most: 2 }).szoom, 2);
});
