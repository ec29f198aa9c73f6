import assert from "node:assert/strict";
import { test } from "node:test";
import { meanScore } from "../channels.js";
import { Packs, quantile, sampled, valueAt } from "../packs.js";
import { VolumeStore } from "../volume_store.js";
import { bytes, expected, near, viewOf } from "./values.js";
/** @import { Channel, Config } from "../types.js" */

/** @type {Channel} */
const GENE = { name: "Gene", key: "gene", colour: [1, 2, 3], unit: "log1p", level: 84, range: [1, 2], note: "" };
const CONFIG = /** @type {Config} */ ({
  tissue: "tissue", channels: [GENE], grid: expected.grid, box: expected.extent_um, schema: expected.schema,
});

function loaded() {
  const store = new VolumeStore(), packs = new Packs();
  assert.equal(packs.take(CONFIG, store), "missing");
  store.put(bytes(expected.gene_pack));
  assert.equal(packs.take(CONFIG, store), "missing");
  store.put(bytes(expected.tissue_pack));
  assert.equal(packs.take(CONFIG, store), "new");
  assert.equal(packs.take(CONFIG, store), "same");
  return packs;
}

test("what was taken stays where the next has not arrived", () => {
  const packs = loaded();
  assert.equal(packs.take({ ...CONFIG, channels: [GENE, { ...GENE, key: "other" }] }, new VolumeStore()), "missing");
  assert.equal(packs.genes.length, 1);
  assert.equal(packs.of({ ...GENE }), packs.genes[0]);
});

test("quantiles are those of the core", () => {
  const [pack] = loaded().genes, steps = pack.quantiles.length - 1;
  const apart = Math.max(...pack.quantiles.slice(1).map((x, i) => x - pack.quantiles[i]));
  for (const { percent, value } of expected.quantiles) {
    near([quantile(pack, percent)], [value], percent * steps / 100 % 1 ? apart / 2 : 1e-5);
  }
  assert.equal(quantile(pack, -3), pack.quantiles[0]);
  assert.equal(quantile(pack, 200), pack.quantiles[steps]);
});

test("values, resolved shares and the tissue's border are those of the core, within the texels' rounding", () => {
  const packs = loaded(), [pack] = packs.genes, step = (pack.high - pack.low) / 255;
  const inside = expected.points.filter((point) => point.inside);
  assert.ok(inside.length > 5 && inside.length < expected.points.length);
  for (const { at, mean, known } of inside) {
    near([valueAt(pack, packs.grid, at)], [mean], 0.51 * step);
    assert.ok(pack.parts.known);
    near([sampled(pack.parts.known, packs.grid, at) / 255], [known], 0.51 / 255);
  }
  const agree = expected.points.filter((point) => packs.inside(point.at) === point.inside);
  assert.ok(agree.length >= expected.points.length - 1);
  assert.equal(packs.inside([-1e4, 0, 0]), false);
});

test("beyond the lattice the outermost texel counts", () => {
  const grid = { ...expected.grid, dims: /** @type {[number, number, number]} */ ([2, 1, 1]) };
  assert.equal(sampled(new Uint8Array([10, 30]), grid, [-1e6, 0, 0]), 10);
  assert.equal(sampled(new Uint8Array([10, 30]), grid, [1e6, 0, 0]), 30);
  assert.equal(sampled(new Uint8Array([10, 30]), grid, [grid.origin[0] + grid.step[0] / 4, 0, 0]), 15);
});

test("the least resolved share is that in the tissue, in percent", () => {
  const packs = loaded(), [pack] = packs.genes, { known } = pack.parts, { tissue } = packs;
  assert.ok(known && tissue);
  const wanted = Math.min(...known.filter((_, i) => tissue.parts.tissue[i] > 127)) / 2.55;
  near([packs.leastKnown(pack), packs.leastKnown(pack)], [wanted, wanted]);
});

test("the mean score is a share of the range that the colours span", () => {
  const packs = loaded(), [{ at, mean }] = expected.points.filter((point) => point.inside);
  const view = { config: CONFIG, values: viewOf({ ranges: { Gene: [mean - 1, mean + 3] } }) };
  near([meanScore({ view, packs }, at)], [0.25], 0.01);
});
