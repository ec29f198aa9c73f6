// What is shown of each channel: its level, range and layer, alone or together with others.
import { clamp } from "./geometry.js";
import { quantile, valueAt } from "./packs.js";
/** @import { Blend, Channel, Layer, Pair, Pane, Point, Scene, Seen } from "./types.js" */

/** @typedef {Pick<Scene, "view" | "packs">} Shown */

/** @param {Shown} shown @param {Channel} channel */
export const levelOf = ({ view, packs }, channel) =>
  quantile(packs.of(channel), view.values.levels[channel.name] ?? channel.level);

/** @param {Seen} view @param {Channel} channel @returns {Pair} */
export const rangeOf = (view, channel) => view.values.ranges[channel.name] || channel.range;

/**
 * What a slice is painted by: a niche has no sd, nor any pack a known share where the run has none.
 * @param {Shown} shown @param {Pane} pane @returns {Layer}
 */
export function layerOf({ view, packs }, pane) {
  const { layer } = view.values;
  return pane.kind !== "cells" && (layer === "values" || packs.genes[pane.channel].parts[layer]) ? layer : "values";
}

/**
 * How the channels of a pane are joined; "" where it shows one. Known shares are averaged, the sd is the first one's.
 * @param {Shown} shown @param {Pane} pane @returns {Blend | ""}
 */
export function togetherAs(shown, pane) {
  if (pane.alone || shown.packs.genes.length < 2 || pane.kind === "cells") return "";
  const layer = layerOf(shown, pane);
  if (layer === "values") return shown.view.values.blend;
  return layer === "known" ? "mean" : "";
}

/**
 * Average of the channels, each as a share of the range that its colours span.
 * @param {Shown} shown @param {Point} p
 */
export function meanScore({ view, packs }, p) {
  const shares = packs.channels.map((channel, c) => {
    const [low, high] = rangeOf(view, channel);
    return clamp((valueAt(packs.genes[c], packs.grid, p) - low) / (high - low), 0, 1);
  });
  return shares.reduce((a, b) => a + b) / shares.length;
}

/**
 * A plane that lies nearly flat shows its nearest section; a tilted one the cells within half a gap of it.
 * @param {Seen} view
 */
export function nearestSection({ values, config }) {
  const flat = Math.min(values.tilt, 180 - values.tilt) < config.schema.flat_tilt;
  const away = config.sections.map((s) => Math.abs(s.depth_um - values.cdepth));
  const index = away.indexOf(Math.min(...away));
  return { index, only: flat ? index : -1, slab: config.half_gap_um, flat };
}
