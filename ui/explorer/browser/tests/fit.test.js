import assert from "node:assert/strict";
import { test } from "node:test";
import { cutOf, fitted, fittedSolid, roomsOf, sizeDrawn } from "../fit.js";
import { add, cornersOf, dot, lens, middleOf, offSheet, project, sheet } from "../geometry.js";
import { Packs } from "../packs.js";
import { unpack } from "../volume_store.js";
import { bytes, expected, near, paneOf, viewOf } from "./values.js";
/** @import { Pane, Point, TissuePack, View } from "../types.js" */

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

test("three colour bars take three times the room of one", () => {
  const view = viewOf({ tilt: 0 });
  const edges = [1, 3].map((bars) => {
    const cut = cutOf(sheet({ ...view, ...fitted(view, BOX, PANE, inside, BOUNDS, bars) }, BOX, PANE), inside);
    assert.ok(cut && roomsOf(PANE, bars).some(({ left, right }) => cut.left > left - 0.02 && cut.right < right + 0.02));
    return cut.right;
  });
  assert.ok(roomsOf(PANE, 3)[0].right < roomsOf(PANE)[0].right - 62 / PANE.w && edges[1] <= edges[0]);
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

/** @typedef {[Point, Point]} Corners */
const FREE = { least: null, most: null, step: null };

/**
 * Left, right, top and bottom of what is seen of a box.
 * @param {View} view @param {Pane} pane @param {Corners} box
 */
function borders(view, pane, box) {
  const l = lens(view, box, pane), seen = cornersOf(box).map((p) => project(l, p));
  return [0, 1].flatMap((d) => [Math.min(...seen.map((p) => p[d])), Math.max(...seen.map((p) => p[d]))]);
}

/** @param {number[]} borders */
const within = ([left, right, top, bottom]) => left > 0 && right < 1 && top > 0 && bottom < 1;

test("in 3D what is seen of the box fills the pane, from every direction and stretched", () => {
  const boxes = /** @type {Corners[]} */ ([BOX, [[0, 0, 0], [2000, 1900, 200]], [[0, 0, 0], [90, 80, 900]]]);
  for (const box of boxes) for (const [turn, rise] of [[33, 27], [0, 90], [90, 0], [200, -40]]) {
    for (const stretch of [1, 2.5]) for (const [w, h] of [[364, 710], [728, 355], [500, 480]]) {
      const pane = paneOf({ kind: "3d", w, h }), view = viewOf({ turn, rise, stretch, zoom: 3, panx: 1 });
      const seen = borders({ ...view, ...fittedSolid(view, box, pane, FREE) }, pane, box);
      assert.ok(within(seen), `${seen}`);
      assert.ok((seen[1] - seen[0]) * w > w - 22 || (seen[3] - seen[2]) * h > h - 88, `${seen}`);
    }
  }
});

test("while it turns, the box stays within its pane all the way round", () => {
  const pane = paneOf({ kind: "3d", w: 364, h: 710 }), view = viewOf({ turn: 3, rise: 27 });
  const box = /** @type {Corners} */ ([[0, 0, 0], [2000, 1900, 200]]);
  const placed = fittedSolid(view, box, pane, FREE, true);
  const all = Array.from({ length: 72 }, (_, i) => borders({ ...view, ...placed, turn: 5 * i }, pane, box));
  assert.ok(all.every(within) && Math.max(...all.map(([left, right]) => right - left)) > 0.9);
});

test("a thin box is drawn larger in wide panes, a cube in tall ones", () => {
  const wide = [paneOf({ kind: "3d", w: 728, h: 355 }), paneOf({ w: 728, h: 355 })];
  const tall = [paneOf({ kind: "3d", w: 364, h: 710 }), paneOf({ w: 364, h: 710 })];
  const view = viewOf({ turn: 33, rise: 27 });
  const [thin, cube] = [250, 1000].map((deep) => /** @type {Corners} */ ([[0, 0, 0], [1000, 1000, deep]]));
  assert.ok(sizeDrawn(view, thin, wide) > sizeDrawn(view, thin, tall));
  assert.ok(sizeDrawn(view, cube, wide) < sizeDrawn(view, cube, tall));
});
