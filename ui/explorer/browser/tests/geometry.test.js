import assert from "node:assert/strict";
import { test } from "node:test";
import * as geometry from "../geometry.js";
import { expected, near, paneOf, viewOf } from "./values.js";
/** @import { Point } from "../types.js" */

const BOX = expected.extent_um;

test("axes of a plane are those of the core; seen from behind, right is left", () => {
  for (const { u, v, normal, ...angles } of expected.planes) {
    const axes = geometry.planeAxes(viewOf(angles)), behind = geometry.planeAxes(viewOf({ ...angles, flip: true }));
    near(axes.u, u);
    near(axes.v, v);
    near(axes.normal, normal);
    near(behind.u, geometry.scaled(u, -1));
    near(behind.v, v);
  }
});

test("the angles of a normal give the plane back", () => {
  for (const { normal } of expected.planes) {
    const { azimuth, tilt } = geometry.anglesOf(geometry.scaled(normal, 7));
    near(geometry.planeAxes(viewOf({ azimuth, tilt })).normal, normal);
  }
});

test("a flat plane is upright whatever its azimuth, and a turn by the azimuth lays u along the tilt", () => {
  const { u, v } = geometry.planeAxes(viewOf({ azimuth: 213, tilt: 0 }));
  near(u, [1, 0, 0]);
  near(v, [0, 1, 0]);
  near([geometry.planeAxes(viewOf({ azimuth: 213, tilt: 40, spin: 213 })).v[2]], [0]);
});

test("the cameras look from where those of the core do", () => {
  for (const [name, eye] of Object.entries(expected.eyes)) {
    near(geometry.cameraAxes(...expected.schema.cameras[name]).eye, eye, 1e-3);
  }
});

test("the axes of a camera are of unit length and right-handed", () => {
  const { right, up, eye } = geometry.cameraAxes(33, 27);
  for (const axis of [right, up, eye]) near([geometry.dot(axis, axis)], [1]);
  near([geometry.dot(right, up), geometry.dot(up, eye), geometry.dot(right, eye)], [0, 0, 0]);
  near(eye, [right[1] * up[2] - right[2] * up[1], right[2] * up[0] - right[0] * up[2],
    right[0] * up[1] - right[1] * up[0]]);
});

test("face on, the tissue in 3D lies as it does on the flat slice, whichever way y goes", () => {
  const [low, high] = BOX, [mx, my, mz] = geometry.middleOf(BOX);
  /** @type {Point[]} as unlike its mirror image as an L */
  const letter = [[low[0], low[1], mz], [low[0], high[1], mz], [mx, high[1], mz], [mx, my, mz]];
  for (const y_down of [false, true]) {
    const [turn, rise] = expected.schema.cameras.face;
    const view = viewOf({ y_down, turn, rise: y_down ? rise : -rise, zoom: 1, azimuth: 50, tilt: 0, cdepth: mz });
    const l = geometry.lens(view, BOX, paneOf({ kind: "3d" })), s = geometry.sheet(view, BOX, paneOf());
    const solid = letter.map((p) => geometry.project(l, p)), flat = letter.map((p) => geometry.offSheet(s, p));
    /** @param {number[][]} seen @param {number} i */
    const step = (seen, i) => [0, 1].map((d) => Math.sign(Math.round(1e6 * (seen[i + 1][d] - seen[i][d]))));
    for (const i of [0, 1, 2]) assert.deepEqual(step(solid, i), step(flat, i));
    assert.deepEqual(step(flat, 0), [0, y_down ? 1 : -1], "y downwards is further down on the screen");
    const first = geometry.project(l, [mx, my, low[2]])[2], last = geometry.project(l, [mx, my, high[2]])[2];
    assert.equal(first < last, y_down, "the first section is in front where y goes downwards");
  }
});

test("depth goes downwards in 3D and on the panes along it, and x to the right, whichever way y goes", () => {
  const [low, high] = BOX, [mx, my, mz] = geometry.middleOf(BOX);
  for (const y_down of [false, true]) {
    const view = viewOf({ y_down, turn: 33, rise: 27 }), l = geometry.lens(view, BOX, paneOf({ kind: "3d" }));
    /** @type {((p: Point) => number)[]} */
    const heights = [(p) => geometry.project(l, p)[1], ...(/** @type {const} */ (["xz", "yz"])).map((kind) => (
      (/** @type {Point} */ p) => geometry.offSheet(geometry.sheet(view, BOX, paneOf({ kind })), p)[1]))];
    for (const height of heights) assert.ok(height([mx, my, low[2]]) < height([mx, my, high[2]]));
    assert.ok(geometry.project(l, [low[0], my, mz])[0] < geometry.project(l, [high[0], my, mz])[0]);
  }
});

test("a point seen in 3D is found again, with any zoom and stretch", () => {
  const view = viewOf({ turn: 71, rise: -12, zoom: 2.5, panx: 0.3, pany: -0.2, stretch: 3 });
  const l = geometry.lens(view, BOX, paneOf({ kind: "3d" }));
  for (const { at } of expected.points) near(geometry.unproject(l, ...geometry.project(l, at)), at, 1e-6);
});

test("all of the tissue is seen in 3D at zoom 1, from wherever", () => {
  for (const turn of [0, 50, 200]) for (const rise of [-90, 0, 40]) for (const w of [200, 900]) {
    const l = geometry.lens(viewOf({ turn, rise }), BOX, paneOf({ kind: "3d", w }));
    for (let c = 0; c < 8; c++) {
      const corner = /** @type {Point} */ ([0, 1, 2].map((d) => BOX[c >> d & 1][d]));
      const [x, y, t] = geometry.project(l, corner);
      assert.ok(x > 0 && x < 1 && y > 0 && y < 1 && t > 0);
    }
  }
});

test("a slice goes through the crosshair, and a place on it is found again", () => {
  for (const { azimuth, tilt, spin } of expected.planes) {
    const view = viewOf({ azimuth, tilt, spin, cx: 17, cy: 100, cdepth: 80, szoom: 2, spanx: 9, spany: -4 });
    const s = geometry.sheet(view, BOX, paneOf()), focus = geometry.focusOf(view);
    near([geometry.dot(geometry.add(focus, s.centre, -1), s.normal)], [0], 1e-9);
    near(geometry.onSheet(s, ...geometry.offSheet(s, focus)), focus, 1e-9);
    near(geometry.offSheet(s, geometry.onSheet(s, 0.2, 0.9)), [0.2, 0.9]);
  }
});

test("a move along the normal moves the offset by as much", () => {
  const view = viewOf({ azimuth: 30, tilt: 60 }), { normal } = geometry.planeAxes(view);
  const [cx, cy, cdepth] = geometry.add(geometry.focusOf(view), normal, 25);
  near([geometry.offsetOf(view, BOX)], [0]);
  near([geometry.offsetOf({ ...view, cx, cy, cdepth }, BOX)], [25]);
});

test("y downwards turns slices and sections over and keeps the place that is shown", () => {
  const up = viewOf({ y_down: false, szoom: 2, spanx: 9, spany: -4 }), down = { ...up, y_down: true };
  /** @type {import("../types.js").PaneKind[]} */
  const flat = ["slice", "cells", "xy"];
  const [low, high] = BOX, corner = /** @type {Point} */ ([low[0], high[1], up.cdepth]);
  for (const kind of flat) {
    const pane = paneOf({ kind }), a = geometry.sheet(up, BOX, pane), b = geometry.sheet(down, BOX, pane);
    near(a.centre, b.centre);
    const [x, y] = geometry.offSheet(a, corner), seen = geometry.offSheet(b, corner);
    assert.ok(y < 0.5, "the largest y is on top");
    near(seen, [x, 1 - y]);
  }
});

test("a place beside the box is told from one on its border", () => {
  const [low, high] = BOX;
  assert.ok(geometry.isWithin(BOX, low) && geometry.isWithin(BOX, geometry.middleOf(BOX)));
  assert.ok(!geometry.isWithin(BOX, [high[0] + 1, high[1], high[2]]));
});

test("the outline of a plane lies on the plane and on the box, all round", () => {
  for (const { azimuth, tilt, spin } of expected.planes) {
    const view = viewOf({ azimuth, tilt, spin }), { normal } = geometry.planeAxes(view);
    const outline = geometry.planeOutline(view, BOX), middle = geometry.focusOf(view);
    assert.ok(outline.length >= 3 && outline.length <= 6);
    for (const p of outline) {
      near([geometry.dot(geometry.add(p, middle, -1), normal)], [0], 1e-6);
      assert.ok(geometry.isWithin(BOX, p) && p.some((x, d) => Math.min(...BOX.map((c) => Math.abs(c[d] - x))) < 1e-6));
    }
  }
  const flat = geometry.planeOutline(viewOf({ tilt: 0 }), BOX), [low, high] = BOX;
  near(flat.map((p) => p[0]).sort((a, b) => a - b), [low[0], low[0], high[0], high[0]]);
  flat.forEach((p, i) => {
    const next = flat[(i + 1) % 4], same = [0, 1].filter((d) => Math.abs(p[d] - next[d]) < 1e-6);
    assert.equal(same.length, 1, "from corner to corner along a side");
  });
});

test("on the panes at right angles the tissue keeps clear of words at their borders", () => {
  const kinds = /** @type {const} */ (["xy", "xz", "yz"]), sizes = [[240, 270], [400, 210], [120, 260]];
  for (const kind of kinds) for (const [w, h] of sizes) {
    const s = geometry.sheet(viewOf(), BOX, paneOf({ kind, w, h }));
    for (const corner of geometry.cornersOf(BOX)) {
      const [x, y] = geometry.offSheet(s, corner), side = 0.2 * w;
      assert.ok(x * w >= Math.min(23, side), `${kind}: the word of the axis`);
      assert.ok((1 - x) * w >= Math.min(kind === "xy" ? 9 : 43, 0.36 * w), `${kind}: names of the sections`);
      assert.ok(y * h >= 43 && (1 - y) * h >= 43, `${kind}: scale bar and heading are 44 pixels high`);
    }
  }
});
