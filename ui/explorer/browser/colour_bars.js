// What the colours of a flat pane mean: bars in its bottom right corner, or where else no tissue is.
import { shortName } from "./captions.js";
import { layerOf, rangeOf, togetherAs } from "./channels.js";
import { NEXT_BAR } from "./fit.js";
import { onSheet } from "./geometry.js";
import { css, gradient } from "./palettes.js";
import { elided } from "./pens.js";
import { inksOf } from "./view.js";
import { number } from "./words.js";
/** @import { GenePack, Pair, Pane, Pen, Scene, Sheet } from "./types.js" */
/** @import { Plate } from "./spared.js" */

/** @typedef {{ lines: string[], colours: string[], ends: [string, string] }} Bar  colours and ends from low to high */
/** @typedef {Bar & { x: number, y: number, h: number, right: number }} PlacedBar */
/** @typedef {{ bars: PlacedBar[], box: Plate }} Bars */

const FOOT = 22, EDGE = 10, TITLE = 14, HEADING = 64;  // pixels: below and beside the bars; a line; above them
const BEYOND = 0.02;  // of the range: values that go so far beyond an end of the colours
const STEPS = 9;  // along each side, where it is asked whether tissue is there

/** @param {Scene} scene @param {Pane} pane @returns {Bar[]} */
function barsOf(scene, pane) {
  const { view, view: { values, config: { maps, noun, schema } }, packs } = scene;
  const channel = packs.channels[pane.channel];
  const layer = layerOf(scene, pane), together = togetherAs(scene, pane);
  if (together === "add") {
    return packs.channels.map((one) => ({
      lines: [one.name.slice(0, 9), one.unit], colours: ["rgb(0, 0, 0)", css(one.colour)],
      ends: endWords(rangeOf(view, one), heldBy(packs.of(one), pane)),
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
  const ends = endWords(rangeOf(view, channel), heldBy(packs.of(channel), pane));
  return [{ lines: [`${name} (${channel.unit})`], colours, ends }];
}

/** @param {[number, number]} ends @returns {[string, string]} */
const inWords = ([low, high]) => [number(low), number(high)];

/**
 * The ends of a range of colours; one that values go beyond says so: '≥ 0.87'.
 * @param {Pair} range @param {Pair} held  least and largest value
 * @returns {[string, string]}
 */
export function endWords([low, high], [least, most]) {
  const far = BEYOND * (high - low);
  return [`${least < low - far ? "≤ " : ""}${number(low)}`, `${most > high + far ? "≥ " : ""}${number(high)}`];
}

/**
 * Least and largest value of what the pane shows; texels hold some below 0, where no expression is.
 * @param {GenePack} pack @param {Pane} pane @returns {Pair}
 */
const heldBy = (pack, pane) => pane.kind === "cells" ? pack.measured : [Math.max(pack.low, 0), pack.high];

/**
 * The bars, where they stand, and the box around them: at the right side at the foot, else at its top or middle, where
 * no tissue is.
 * @param {Scene} scene @param {Pen} pen @param {Pane} pane @param {Sheet} s @returns {Bars}
 */
export function colourBars(scene, pen, pane, s) {
  const bars = barsOf(scene, pane).map((bar) => (
    { ...bar, lines: bar.lines.map((line) => elided(pen, line, pane.w - 50, 11)) }));
  const n = bars.length, above = 8 + TITLE * bars[0].lines.length;
  const h = Math.min(130, (pane.h - 30) * 0.4), right = pane.x + pane.w - EDGE;
  const words = Math.max(...bars[0].lines.map((line) => pen.width(line, 11)));
  const wide = n > 1 ? NEXT_BAR * (n - 1) + 60 : Math.max(words, 50) + 8;
  const tops = [pane.h - h - FOOT, HEADING + above, (pane.h - h) / 2].map((top) => pane.y + top);
  const boxes = tops.map((y) => ({ x: right + 4 - wide, y: y - above, w: wide, h: h + 8 + above }));
  const found = boxes.findIndex((box) => !onTissue(scene, pane, s, box)), at = Math.max(found, 0), y = tops[at];
  return {
    bars: bars.map((bar, i) => {
      const end = right - NEXT_BAR * (n - 1 - i);
      return { ...bar, x: end - 46, y, h, right: end };
    }),
    box: boxes[at],
  };
}

/** @param {Scene} scene @param {Pane} pane @param {Sheet} s @param {Plate} box  whether some tissue is in it */
function onTissue({ packs }, pane, s, { x, y, w, h }) {
  for (let i = 0; i < STEPS * STEPS; i++) {
    const left = x + w * (i % STEPS) / (STEPS - 1), top = y + h * Math.floor(i / STEPS) / (STEPS - 1);
    if (packs.inside(onSheet(s, (left - pane.x) / pane.w, (top - pane.y) / pane.h))) return true;
  }
  return false;
}

/** @param {Scene} scene @param {Pen} pen @param {Bars} bars */
export function drawBars(scene, pen, { bars }) {
  const { ink, faint } = inksOf(scene.view);
  for (const { x, y, h, right, lines, colours, ends } of bars) {
    pen.bar(x, y, 11, h, colours);
    pen.text(x + 15, y + 9, ends[1], ink, { size: 11 });
    pen.text(x + 15, y + h, ends[0], ink, { size: 11 });
    lines.forEach((line, i) => {
      pen.text(right, y - 8 - TITLE * (lines.length - 1 - i), line, faint, { size: 11, align: "right" });
    });
  }
}
