import assert from "node:assert/strict";
import { test } from "node:test";
import { sectionNames, sectionWords } from "../captions.js";
import { middleOf, onSheet, sheet } from "../geometry.js";
import { sectionLines } from "../section_lines.js";
import { expected, paneOf, viewOf } from "./values.js";
/** @import { Box, Config, Pair, Pane, Pen, Point, Scene, View } from "../types.js" */

/** @type {Box} */
const BOX = [[0, 0, 0], [1000, 900, 200]];

/** @param {string[]} names @param {number} [gap] */
const sectionsOf = (names, gap = 50) => names.map((name, i) => ({ name, depth_um: gap * i }));

/** @param {Partial<View>} changes @param {string[]} [names] @param {number} [gap] */
function seen(changes, names = ["S1", "S2", "S3", "S4", "S5"], gap = 50) {
  const [cx, cy, cdepth] = middleOf(BOX), { schema } = expected;
  const config = /** @type {Config} */ ({ schema, box: BOX, sections: sectionsOf(names, gap), half_gap_um: gap / 2 });
  return { values: viewOf({ cx, cy, cdepth, azimuth: 0, tilt: 0, ...changes }), config };
}

test("a flat plane lies on a section or between two, and says from which how far", () => {
  /** @param {number} cdepth */
  const at = (cdepth) => sectionWords(seen({ cdepth }));
  assert.equal(at(100), "on section S3");
  assert.equal(at(120), "between S3 (20 µm) and S4 (30 µm)");
  assert.equal(at(139), "between S3 (39 µm) and S4 (11 µm)");
  assert.equal(at(230), "30 µm from S5");
  assert.equal(sectionWords(seen({ cdepth: 120, tilt: 180 })), "between S3 (20 µm) and S4 (30 µm)");
});

test("a tilted plane says how many sections it crosses within the box", () => {
  assert.equal(sectionWords(seen({ tilt: 90 })), "crosses 5 sections");
  assert.equal(sectionWords(seen({ tilt: 2 })), "crosses section S3");
  assert.equal(sectionWords(seen({ tilt: 7 })), "crosses 3 sections");
  assert.equal(sectionWords(seen({ tilt: 1, cdepth: 125 })), "between S3 (25 µm) and S4 (25 µm)");
});

test("long names are shortened to what tells sections apart", () => {
  /** @param {string[]} names */
  const short = (names) => sectionNames(seen({}, names));
  assert.deepEqual(short(["S1", "S2"]), ["S1", "S2"]);
  assert.deepEqual(short(["merfish_4_paste", "merfish_14_paste"]), ["…4…", "…14…"]);
  assert.deepEqual(short(["her2st_A1", "her2st_A2"]), ["…A1", "…A2"]);
  assert.deepEqual(short(["olfactory bulb", "cortex"]), ["olfactory bulb", "cortex"]);
  assert.deepEqual(short(["one_and_the_same"]), ["…same"]);
});

/** @typedef {{ words: string, x: number, y: number, w: number }} Said  its lower left corner, and its width */

/**
 * @param {ReturnType<typeof seen>} view @param {Pane} pane
 * @param {{ x: number, y: number, w: number, h: number }[]} [taken]
 */
function drawn(view, pane, taken = []) {
  /** @type {Said[]} */
  const said = [];
  /** @type {Pair[][]} */
  const lines = [];
  const pen = /** @type {Pen} */ (/** @type {unknown} */ ({
    width: (/** @type {string} */ words) => 6 * words.length,
    line: (/** @type {Pair[]} */ points) => lines.push(points),
    text: (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ words) => (
      said.push({ words, x, y, w: 6 * words.length })),
  }));
  /** @param {Point} p */
  const inside = (p) => p.every((x, d) => x >= BOX[0][d] && x <= BOX[1][d]);
  const scene = /** @type {Scene} */ (/** @type {unknown} */ ({ view, packs: { inside } }));
  sectionLines(scene, pen, pane, sheet(view.values, BOX, pane), taken);
  return { said, lines, inside };
}

test("beside the tissue each name stands at the end of its line, and none on another", () => {
  const long = ["merfish_4_paste", "merfish_9_paste", "merfish_14_paste", "merfish_19_paste", "merfish_24_paste"];
  for (const names of [["S1", "S2", "S3", "S4", "S5"], long]) for (const kind of /** @type {const} */ (["xz", "yz"])) {
    for (const [w, h] of [[240, 270], [400, 300], [120, 160]]) {
      const pane = paneOf({ kind, x: 10, y: 20, w, h }), view = seen({}, names);
      const { said, lines, inside } = drawn(view, pane), s = sheet(view.values, BOX, pane);
      assert.equal(lines.length, 5, "every section has its line");
      assert.ok(said.length >= 2 && said[0].words.includes(names === long ? "4" : "S1"), "the first is named");
      said.forEach((one, i) => {
        for (const x of [one.x, one.x + one.w]) {
          assert.ok(x >= pane.x && x <= pane.x + w && one.y <= pane.y + h);
          assert.ok(!inside(onSheet(s, (x - pane.x) / w, (one.y - 4 - pane.y) / h)), `${one.words} is over tissue`);
        }
        const [, end] = lines.find(([, [x, y]]) => Math.abs(y - one.y) < 8
          && [one.x, one.x + one.w].some((side) => Math.abs(x - side) < 6)) ?? [];
        assert.ok(end, `${one.words} stands where its line ends`);
        for (const other of said.slice(0, i)) {
          const beside = other.x >= one.x + one.w || one.x >= other.x + other.w;
          assert.ok(beside || Math.abs(other.y - one.y) >= 12, "apart from each other");
        }
      });
    }
  }
});

test("where sections are far apart all have their names; where all is taken none has", () => {
  const pane = paneOf({ kind: "slice", w: 500, h: 500 }), view = seen({ tilt: 90 });
  assert.equal(drawn(view, paneOf({ kind: "xz", w: 1400, h: 600 })).said.length, 5);
  const { said, lines } = drawn(view, pane, [{ x: 0, y: 0, w: 500, h: 500 }]);
  assert.deepEqual([said.length, lines.length], [0, 5]);
});
