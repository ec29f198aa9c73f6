import assert from "node:assert/strict";
import { test } from "node:test";
import * as geometry from "../geometry.js";
import { expected, near, paneOf, viewOf } from "./values.js";
/** @import { Point } from "../types.js" */

const BOX = expected.extent_um;

test("axes of a plane are those of the core; seen from behind, right is left", () => {
  for (const { azimuth, tilt, u, v, normal } of expected.planes) {
    const axes = geometry.planeAxes(azimuth, tilt, false), behind = geometry.planeAxes(azimuth, tilt, true);
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
    near(geometry.planeAxes(azimuth, tilt, false).normal, normal);
  }
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
  for (const { azimuth, tilt } of expected.planes) {
    const view = viewOf({ azimuth, tilt, cx: 17, cy: 100, cdepth: 80, szoom: 2, spanx: 9, spany: -4 });
    const s = geometry.sheet(view, BOX, paneOf()), focus = geometry.focusOf(view);
    near([geometry.dot(geometry.add(focus, s.centre, -1), s.normal)], [0], 1e-9);
    near(geometry.onSheet(s, ...geometry.offSheet(s, focus)), focus, 1e-9);
    near(geometry.offSheet(s, geometry.onSheet(s, 0.2, 0.9)), [0.2, 0.9]);
  }
});

test("a move along the normal moves the offset by as much", () => {
  const view = viewOf({ azimuth: 30, tilt: 60 }), { normal } = geometry.planeAxes(30, 60, false);
  const [cx, cy, cdepth] = geometry.add(geometry.focusOf(view), normal, 25);
  near([geometry.offsetOf(view, BOX)], [0]);
  near([geometry.offsetOf({ ...view, cx, cy, cdepth }, BOX)], [25]);
});

test("y downwards mirrors slices and sections, not depth, and keeps the place that is shown", () => {
  const up = viewOf({ azimuth: 0, tilt: 0, szoom: 2, spanx: 9, spany: -4 }), down = { ...up, y_down: true };
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
  const depths = paneOf({ kind: "xz" });
  near(geometry.sheet(down, BOX, depths).v, [0, 0, 1]);
});
