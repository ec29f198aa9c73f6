import assert from "node:assert/strict";
import { test } from "node:test";
import { Images, imagesUnder } from "../histology.js";
import { expected, viewOf } from "./values.js";
/** @import { Config, Histology, Scene, View } from "../types.js" */

/** @type {Histology[]} */
const HISTOLOGY = [0, 2].map((section) => (
  { section, key: `image${section}`, corner: [0, 0], right: [10, 0], down: [0, 10] }));
const SECTIONS = [0, 50, 100].map((depth_um, k) => ({ name: `S${k}`, depth_um }));

/** @param {Partial<View>} changes @param {string[]} [decoded]  keys */
function under(changes, decoded = ["image0", "image2"]) {
  const images = new Images(), view = { values: viewOf(changes), config: /** @type {Config} */ (
    { histology: HISTOLOGY, sections: SECTIONS, schema: expected.schema, half_gap_um: 25 }) };
  for (const key of decoded) images.decoded.set(key, /** @type {ImageBitmap} */ ({}));
  return imagesUnder(/** @type {Scene} */ ({ view, packs: { images } })).map(({ section }) => section);
}

test("a flat plane shows the image of the section whose cells it shows, or none", () => {
  assert.deepEqual(under({ cdepth: 90 }), [2]);
  assert.deepEqual(under({ cdepth: 10 }), [0]);
  assert.deepEqual(under({ cdepth: 52 }), []);
});

test("a tilted plane cuts all of them", () => assert.deepEqual(under({ tilt: 40 }), [0, 2]));

test("one that has not arrived, or is switched off, is not drawn", () => {
  assert.deepEqual(under({ tilt: 40 }, ["image2"]), [2]);
  assert.deepEqual(under({ tilt: 40, histology: false }), []);
});
