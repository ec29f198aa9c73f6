// What the colours of a flat pane mean: bars in its bottom right corner.
import { shortName } from "./captions.js";
import { layerOf, rangeOf, togetherAs } from "./channels.js";
import { css, gradient } from "./palettes.js";
import { elided } from "./pens.js";
import { inksOf } from "./view.js";
import { number } from "./words.js";
/** @import { Pane, Pen, Scene } from "./types.js" */

/** @typedef {{ lines: string[], colours: string[], ends: [string, string] }} Bar  colours and ends from low to high */
/** @typedef {Bar & { x: number, y: number, h: number, right: number }} PlacedBar */
/** @typedef {{ bars: PlacedBar[], box: { x: number, y: number, w: number, h: number } }} Bars */

/** @param {Scene} scene @param {Pane} pane @returns {Bar[]} */
function barsOf(scene, pane) {
  const { view, view: { values, config: { maps, noun, schema } }, packs } = scene;
  const channel = packs.channels[pane.channel];
  const layer = layerOf(scene, pane), together = togetherAs(scene, pane);
  if (together === "add") {
    return packs.channels.map((one) => ({
      lines: [one.name.slice(0, 9), one.unit], colours: ["rgb(0, 0, 0)", css(one.colour)],
      ends: inWords(rangeOf(view, one)),
    }));
  }
  const name = shortName(channel), colours = gradient(maps[layer === "known" ? schema.known_map : values.colours]);
  if (layer === "known") {
    const lines = together ? ["resolved share,", "mean of the genes"] : [`resolved share of ${name}`];
    return [{ lines, colours, ends: ["0 %", "100 %"] }];
  }
  if (layer === "sd") {
    const lines = [`sd of a ${noun} of ${name} (${channel.unit})`];
    return [{ lines, colours, ends: inWords([0, packs.of(channel).sd]) }];
  }
  if (together === "mean") {
    const lines = ["mean score: average of the genes,", "each in % of its range of colours"];
    return [{ lines, colours, ends: ["0 %", "100 %"] }];
  }
  return [{ lines: [`${name} (${channel.unit})`], colours, ends: inWords(rangeOf(view, channel)) }];
}

/** @param {[number, number]} ends @returns {[string, string]} */
const inWords = ([low, high]) => [number(low), number(high)];

/**
 * The bars, where they stand, and the box around them.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @returns {Bars}
 */
export function colourBars(scene, pen, pane) {
  const bars = barsOf(scene, pane).map((bar) => (
    { ...bar, lines: bar.lines.map((line) => elided(pen, line, pane.w - 50, 11)) }));
  const n = bars.length, rows = bars[0].lines.length;
  const h = Math.min(130, (pane.h - 30) * 0.4), right = pane.x + pane.w - 10, y = pane.y + pane.h - h - 22;
  const words = Math.max(...bars[0].lines.map((line) => pen.width(line, 11)));
  const wide = n > 1 ? 62 * (n - 1) + 60 : Math.max(words, 50) + 8;
  return {
    bars: bars.map((bar, i) => ({ ...bar, x: right - 46 - 62 * (n - 1 - i), y, h, right: right - 62 * (n - 1 - i) })),
    box: { x: right + 4 - wide, y: y - 8 - 14 * rows, w: wide, h: h + 16 + 14 * rows },
  };
}

/** @param {Scene} scene @param {Pen} pen @param {Bars} bars */
export function drawBars(scene, pen, { bars }) {
  const { ink, faint } = inksOf(scene.view);
  for (const { x, y, h, right, lines, colours, ends } of bars) {
    pen.bar(x, y, 11, h, colours);
    pen.text(x + 15, y + 9, ends[1], ink, { size: 11 });
    pen.text(x + 15, y + h, ends[0], ink, { size: 11 });
    lines.forEach((line, i) => {
      pen.text(right, y - 8 - 14 * (lines.length - 1 - i), line, faint, { size: 11, align: "right" });
    });
  }
}
