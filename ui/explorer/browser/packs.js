// The packs that are shown: texels of the tissue and of each channel, and values read from them.
import { clamp } from "./geometry.js";
import { Images } from "./histology.js";
/** @import { Box, Channel, Config, GenePack, Grid, Point, TissuePack } from "./types.js" */
/** @import { VolumeStore } from "./volume_store.js" */

export class Packs {
  constructor() {
    /** @type {GenePack[]} one a channel */
    this.genes = [];
    /** @type {Channel[]} */
    this.channels = [];
    /** @type {TissuePack | null} */
    this.tissue = null;
    /** @type {Grid} */
    this.grid = { origin: [0, 0, 0], step: [1, 1, 1], dims: [1, 1, 1] };
    /** @type {Box} */
    this.box = [[0, 0, 0], [0, 0, 0]];
    this.images = new Images();
    this.key = "";
    /** @type {WeakMap<GenePack, number>} */
    this.leastShares = new WeakMap();
  }

  get loaded() { return this.genes.length > 0; }

  /**
   * Take from the store what the server names.
   * @param {Config} config @param {VolumeStore} store
   * @returns {"same" | "new" | "missing"} missing: not all of it has arrived, nothing was taken
   */
  take(config, store) {
    const key = JSON.stringify([config.tissue, config.channels.map((c) => c.key)]);
    if (key === this.key && this.loaded) {
      this.channels = config.channels;
      return "same";
    }
    const tissue = store.tissue(config.tissue);
    const genes = config.channels.map((c) => store.gene(c.key)).filter((pack) => pack !== undefined);
    if (!tissue || genes.length < config.channels.length) return "missing";
    Object.assign(this, { key, tissue, genes, channels: config.channels, grid: config.grid, box: config.box });
    return "new";
  }

  /** @param {Channel} channel */
  of(channel) { return this.genes[this.channels.findIndex((one) => one.key === channel.key)]; }

  /** @param {Point} p */
  inside(p) {
    const [low, high] = this.box;
    for (let d = 0; d < 3; d++) if (p[d] < low[d] - 1e-3 || p[d] > high[d] + 1e-3) return false;
    return this.tissue !== null && sampled(this.tissue.parts.tissue, this.grid, p) > 127.5;
  }

  /**
   * Least known share (%) of a gene's pattern anywhere in the tissue.
   * @param {GenePack} pack
   */
  leastKnown(pack) {
    const { known } = pack.parts, tissue = this.tissue?.parts.tissue;
    if (!known || !tissue) return 100;
    const held = this.leastShares.get(pack);
    if (held !== undefined) return held;
    const least = known.reduce((low, share, i) => tissue[i] > 127 ? Math.min(low, share) : low, 255) / 2.55;
    this.leastShares.set(pack, least);
    return least;
  }
}

/**
 * Predicted value at a place.
 * @param {GenePack} pack @param {Grid} grid @param {Point} p
 */
export const valueAt = (pack, grid, p) =>
  Math.max(0, pack.low + sampled(pack.parts.values, grid, p) / 255 * (pack.high - pack.low));

/**
 * Value below which so many percent of the tissue lie, between the quantiles of the pack.
 * @param {{ quantiles: number[] }} pack @param {number} percent
 */
export function quantile({ quantiles }, percent) {
  const at = clamp(percent, 0, 100) / 100 * (quantiles.length - 1), i = Math.min(Math.floor(at), quantiles.length - 2);
  return quantiles[i] + (at - i) * (quantiles[i + 1] - quantiles[i]);
}

/**
 * Trilinear between the texels, as the graphics processor does it.
 * @param {Uint8Array} bytes @param {Grid} grid @param {Point} p
 */
export function sampled(bytes, { origin, step, dims }, p) {
  const low = [0, 0, 0], share = [0, 0, 0];
  for (let d = 0; d < 3; d++) {
    const at = clamp((p[d] - origin[d]) / step[d], 0, dims[d] - 1);
    low[d] = Math.min(Math.floor(at), Math.max(dims[d] - 2, 0));
    share[d] = at - low[d];
  }
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    let weight = 1, index = 0, jump = 1;
    for (let d = 0; d < 3; d++) {
      const next = c >> d & 1;
      weight *= next ? share[d] : 1 - share[d];
      index += Math.min(low[d] + next, dims[d] - 1) * jump;
      jump *= dims[d];
    }
    if (weight) sum += weight * bytes[index];
  }
  return sum;
}
