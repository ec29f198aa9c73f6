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
  assert.deepEqual([...view.fitted.keys()], ["3d", "slice"]);
});

test("a view from elsewhere is taken, an answer to one's own is not", () => {
  const { view } = opened();
  view.set({ tilt: 12 });
  assert.equal(view.take(config(1, { tilt: 70 })), false);
  assert.equal(view.values.tilt, 12);
  assert.equal(view.take(config(2, { tilt: 70, szoom: 2 })), true);
  assert.deepEqual([view.values.tilt, ...view.fitted.keys()], [70, "3d"]);
});

test("a pane is fitted once for all that its fit depends on, until the visitor zooms or moves it", () => {
  const { view, told } = opened();
  assert.ok(view.fitTo("slice", ["shape", 0], () => ({ szoom: 1.7, spanx: 5 })));
  assert.ok(!view.fitTo("slice", ["shape", 0], () => ({ szoom: 2 })), "nothing has changed");
  assert.ok(view.fitTo("slice", ["shape", 30], () => ({ szoom: 1.9 })), "another tilt");
  assert.equal(view.values.szoom, 1.9);
  view.set({ szoom: 3 });
  assert.ok(!view.fitTo("slice", ["shape", 60], () => ({ szoom: 2 })), "the visitor's own zoom stays");
  assert.ok(view.fitTo("3d", ["shape"], () => ({ zoom: 1.2 })), "and 3D is another picture");
  view.fit(["slice"]);
  assert.ok(view.fitTo("slice", ["shape", 60], () => ({ szoom: 2 })));
  view.report();
  assert.deepEqual(told, [], "what is fitted by itself is nothing to tell or to undo");
});

test("the link has the visitor's own zoom, never that of a fit", () => {
  const { view, told } = opened();
  view.fitTo("slice", ["shape"], () => ({ szoom: 1.7, spanx: 5 }));
  view.fitTo("3d", ["shape"], () => ({ zoom: 1.3 }));
  view.set({ tilt: 12 });
  view.report();
  assert.deepEqual([told[0].szoom, told[0].spanx, told[0].zoom], [1, 0, 1]);
  view.set({ zoom: 4 });
  view.report();
  assert.deepEqual([told[1].szoom, told[1].zoom], [1, 4]);
  view.undo();
  assert.ok(view.fitted.has("3d") && view.values.tilt === 12, "before one's own zoom it was fitted");
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
