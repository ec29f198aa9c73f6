import assert from "node:assert/strict";
import { test } from "node:test";
import { ViewState } from "../view.js";
import { expected, near, viewOf } from "./values.js";
/** @import { Config, View } from "../types.js" */
/** @import { Change } from "../view.js" */

/** @param {number} view_id @param {Partial<View>} [changes] */
const config = (view_id, changes) => /** @type {Config} */ ({
  schema: expected.schema, box: expected.extent_um, view: viewOf(changes), view_id, opening: viewOf(),
});

/** @param {Partial<View>} [changes] */
function opened(changes) {
  /** @type {Change[]} */
  const changed = [];
  /** @type {View[]} */
  const told = [];
  const view = new ViewState(config(1, changes), {
    changed: (change) => changed.push(change), shown: () => {}, told: (values) => told.push(values),
  });
  return { view, changed, told };
}

test("values keep within the bounds of the server's schema", () => {
  for (const [name, { least, most }] of Object.entries(expected.schema.numbers)) {
    const { view } = opened(), key = /** @type {"tilt"} */ (name);
    view.set({ [key]: -1e9 });
    assert.equal(view.values[key], least ?? -1e9, name);
    view.set({ [key]: 1e9 });
    assert.equal(view.values[key], most ?? 1e9, name);
  }
});

test("the crosshair stays in the tissue's box", () => {
  const { view } = opened({ tilt: 0 });
  view.setFocus([1e9, -1e9, 1e9]);
  const { cx, cy, cdepth } = view.values, [low, high] = expected.extent_um;
  near([cx, cy, cdepth], [high[0], low[1], high[2]]);
  view.movePlane(-10);
  near([view.values.cdepth], [high[2] - 10]);
});

test("a change says which panes show it; the server hears of it once", () => {
  const { view, changed, told } = opened();
  view.setCamera("face");
  assert.deepEqual(changed, [{ atOnce: true, kinds: ["3d"] }]);
  const [turn, rise] = expected.schema.cameras.face;
  near([view.values.turn, view.values.rise], [turn, view.values.y_down ? rise : -rise]);
  view.report();
  view.report();
  assert.equal(told.length, 1);
});

test("undo goes back step by step, and reset to the opening view", () => {
  const { view, told } = opened({ tilt: 30 });
  view.set({ tilt: 50 });
  view.report();
  view.flip("flip");
  view.undo();
  assert.deepEqual([view.values.tilt, view.values.flip], [50, false]);
  view.undo();
  assert.equal(view.values.tilt, 30);
  view.undo();
  assert.equal(view.values.tilt, 30);
  assert.deepEqual(told.map((values) => values.tilt), [50, 50, 50, 30]);
  view.reset();
  assert.equal(view.values.tilt, expected.opening.tilt);
  assert.ok(view.fitting);
});

test("a view from elsewhere is taken, an answer to one's own is not", () => {
  const { view } = opened();
  view.set({ tilt: 12 });
  assert.equal(view.take(config(1, { tilt: 70 })), false);
  assert.equal(view.values.tilt, 12);
  assert.equal(view.take(config(2, { tilt: 70, szoom: 2 })), true);
  assert.deepEqual([view.values.tilt, view.fitting], [70, false]);
});

test("a view is untouched until the visitor or the server changes it", () => {
  const { view } = opened();
  view.fitTo({ szoom: 1.7 });
  view.keepToItself();
  assert.ok(view.untouched);
  view.fitTo({ szoom: 1.9 });
  assert.ok(!view.untouched, "fitted again: to be kept to itself again");
  view.keepToItself();
  view.set({ tilt: 12 });
  assert.ok(!view.untouched);
  view.take(config(2, { szoom: 1.9 }));
  assert.ok(!view.untouched);
});

test("levels and ranges are kept by name", () => {
  const { view } = opened(), before = view.values;
  view.setLevel("Gene", 90);
  view.setRange("Gene", [1, 2]);
  view.setRange("Other", [0, 4]);
  view.resetRange("Gene");
  assert.deepEqual([view.values.levels, view.values.ranges], [{ Gene: 90 }, { Other: [0, 4] }]);
  assert.deepEqual([before.levels, before.ranges], [{}, {}]);
});
