import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutPanes, paneAt, within } from "../panes.js";
import { viewOf } from "./values.js";
/** @import { Pane } from "../types.js" */

/** @param {Pane[]} panes  beside each other */
const first = (panes) => panes[1].y ? 0 : 1;
/** @param {Pane[]} panes  below each other */
const second = (panes) => panes[1].y ? 1 : 0;
const SIZES = /** @type {[number, number][]} */ ([[1280, 890], [696, 600], [358, 640], [340, 300]]);

test("panes lie in the picture and cover no pixel twice", () => {
  for (const SIZE of SIZES) for (const blend of /** @type {const} */ (["add", "side"])) {
    for (const panes of [true, false]) for (const cells_pane of [true, false]) for (const n of [1, 2, 3]) {
      const made = layoutPanes(viewOf({ blend, panes, cells_pane }), n, ...SIZE, first);
      const columns = blend === "side" ? n : 1;
      assert.equal(made.length, columns * (cells_pane ? 3 : 2) + (panes ? 3 : 0));
      made.forEach((a, i) => {
        assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.w <= SIZE[0] + 1e-9 && a.y + a.h <= SIZE[1] + 1e-9);
        for (const b of made.slice(i + 1)) {
          const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
          assert.ok(apart, `${a.kind} and ${b.kind} overlap`);
        }
      });
    }
  }
});

test("the pane under a place is found", () => {
  const made = layoutPanes(viewOf(), 1, 1280, 890, first), slice = made.find((p) => p.kind === "slice");
  assert.ok(slice);
  assert.equal(paneAt(made, slice.x + 3, slice.y + 3), slice);
  assert.deepEqual(within(slice, slice.x + slice.w / 2, slice.y + slice.h), [0.5, 1]);
  assert.equal(paneAt(made, -1, 5), undefined);
});

test("three planes stand in the same picture, below 3D and slice", () => {
  for (const [width, height] of SIZES) {
    const made = layoutPanes(viewOf({ panes: true }), 1, width, height, second);
    const [solid, slice, ...planes] = made;
    assert.deepEqual(planes.map(({ kind }) => kind), ["xy", "xz", "yz"]);
    for (const pane of planes) {
      assert.ok(pane.y >= Math.max(solid.y + solid.h, slice.y + slice.h) && pane.y + pane.h <= height);
      assert.ok(pane.h > 0.3 * height);
    }
  }
});

test("on a phone the slice stands below 3D, in the whole width", () => {
  const [solid, slice] = layoutPanes(viewOf(), 1, 358, 640, first);
  assert.deepEqual([solid.w, slice.w], [358, 358]);
  assert.ok(slice.y > solid.h && slice.h > 300);
});

test("slice and 3D stand where they are drawn larger", () => {
  const [, beside] = layoutPanes(viewOf(), 1, 728, 710, first), [, below] = layoutPanes(viewOf(), 1, 728, 710, second);
  assert.deepEqual([beside.y, below.x], [0, 0]);
  assert.ok(beside.x > 300 && below.y > 300);
});
