// What the panes show, in words.
import { layerOf, levelOf, nearestSection, togetherAs } from "./channels.js";
import { add, dot, focusOf, offsetOf, planeAxes } from "./geometry.js";
import { imagesUnder } from "./histology.js";
import { css } from "./palettes.js";
import { lengthWords, number, placeWords } from "./words.js";
/** @import { Channel, Pair, Pane, Scene, Section, Seen, View } from "./types.js" */

const ON_SECTION_UM = 0.5, LONG_NAME = 8;  // letters

/** @typedef {{ words: string, colour?: string, strong?: boolean }} Line */

/** @param {string} words @returns {Line} */
const plain = (words) => ({ words });

/** @param {Scene} scene @param {Pane} pane @returns {Line[]} */
export function solidWords(scene, pane) {
  const { view: { values, config }, packs } = scene;
  const shown = packs.channels.filter((_, c) => !pane.alone || c === pane.channel);
  return [
    ...shown.map((channel) => ({
      words: `${channel.name} ≥ ${number(levelOf(scene, channel))} ${channel.unit} · predicted`, strong: true,
      colour: css(channel.colour),
    })),
    ...(values.cells !== "off" ? [plain(`points: measured ${config.noun}s${config.cells_shown}`)] : []),
    ...doubtWords(scene, pane).map(plain),
    ...(values.stretch !== 1 ? [plain(`depth stretched ${+values.stretch.toFixed(1)}×`)] : []),
  ];
}

/** @param {Scene} scene @param {Pane} pane @returns {Line[]} */
export function flatWords(scene, pane) {
  const { packs } = scene, channel = packs.channels[pane.channel], several = packs.genes.length > 1 && !pane.alone;
  const first = several ? ` (first of ${packs.genes.length} genes)` : "";
  if (pane.kind === "cells") {
    return [{ words: `${channel.name} · measured${first}`, strong: true }, plain(measuredWords(scene)),
      ...(imagesUnder(scene).length ? [plain("over its histology image")] : [])];
  }
  const lines = [{ words: layerWords(scene, pane, several, first), strong: true }, plain(planeWords(scene, pane))];
  if (pane.kind !== "slice") return lines;
  return lines.concat([sectionWords(scene.view), ...doubtWords(scene, pane)].map(plain));
}

/** @param {Scene} scene  which measured cells stand beside the slice */
function measuredWords({ view }) {
  const near = nearestSection(view), section = view.config.sections[near.index];
  return near.flat ? `section ${section.name}, depth ${placeWords(section.depth_um)}`
    : `${view.config.noun}s within ${lengthWords(near.slab)} of the plane`;
}

/** @param {Scene} scene @param {Pane} pane @param {boolean} several @param {string} first */
function layerWords(scene, pane, several, first) {
  const { view, packs: { channels } } = scene, { name } = channels[pane.channel], layer = layerOf(scene, pane);
  const all = channels.map((c) => c.name).join(view.values.blend === "mean" ? ", " : " + ");
  const names = !several ? name : all.length < 34 ? all : `${channels.length} together`;
  if (layer === "known") return `${several ? "mean " : ""}resolved share of ${names}`;
  if (layer === "sd") return `sd of a ${view.config.noun} of ${name}${first} · predicted`;
  return `${togetherAs(scene, pane) === "mean" ? "mean score of " : ""}${names} · predicted`;
}

/** @param {Scene} scene @param {Pane} pane */
function planeWords({ view: { values, config } }, pane) {
  if (pane.kind === "xy") return `depth ${placeWords(values.cdepth)}`;
  if (pane.kind === "xz") return `y ${placeWords(values.cy)}`;
  if (pane.kind === "yz") return `x ${placeWords(values.cx)}`;
  const turned = values.spin % 360 ? `, turned ${Math.round(values.spin)}°` : "";
  const behind = values.flip ? ", from behind" : "";
  if (isFlat(values)) return `depth ${placeWords(values.cdepth)}${turned}${behind}`;
  const angles = `azimuth ${Math.round(values.azimuth)}°, tilt ${Math.round(values.tilt)}°${turned}`;
  return `${angles}, offset ${placeWords(offsetOf(values, config.box))}${behind}`;
}

/** @param {Readonly<View>} view */
const isFlat = ({ tilt }) => tilt % 180 === 0;

/**
 * Which measured sections the plane lies on, between or across.
 * @param {Seen} view
 */
export function sectionWords({ values, config: { sections, box } }) {
  if (isFlat(values)) return depthWords(values.cdepth, sections);
  const { normal } = planeAxes(values), focus = focusOf(values);
  const sides = [box[0], box[1]].flatMap(([x]) => [box[0], box[1]].map(([, y]) => /** @type {Pair} */ ([x, y])));
  const crossed = sections.filter(({ depth_um }) => {
    const heights = sides.map(([x, y]) => dot(add([x, y, depth_um], focus, -1), normal));
    return Math.min(...heights) <= 0 && Math.max(...heights) >= 0;
  });
  if (!crossed.length) return depthWords(values.cdepth, sections);
  return crossed.length === 1 ? `crosses section ${crossed[0].name}` : `crosses ${crossed.length} sections`;
}

/** @param {number} depth @param {Section[]} sections */
function depthWords(depth, sections) {
  const near = sections.reduce((a, b) => Math.abs(b.depth_um - depth) < Math.abs(a.depth_um - depth) ? b : a);
  const away = Math.abs(near.depth_um - depth);
  if (away <= ON_SECTION_UM) return `on section ${near.name}`;
  const before = sections.findLast((one) => one.depth_um < depth), after = sections.find((one) => one.depth_um > depth);
  if (!before || !after) return `${placeWords(away)} from ${near.name}`;
  const [below, above] = [before, after].map((one) => `${one.name} (${placeWords(Math.abs(one.depth_um - depth))})`);
  return `between ${below} and ${above}`;
}

/**
 * Names of the sections as they stand at lines: of long ones the words that tell them apart.
 * @param {Seen} view
 */
export function sectionNames({ config: { sections } }) {
  const names = sections.map(({ name }) => name);
  if (names.every((name) => name.length <= LONG_NAME)) return names;
  const words = names.map((name) => name.split(/[^\p{L}\p{N}]+/u));
  const most = Math.min(...words.map((one) => one.length)) - 1;
  /** @param {number} at */
  const same = (at) => words.every((one) => one.at(at) === words[0].at(at));
  let start = 0, end = 0;
  while (start < most && same(start)) start++;
  while (start + end < most && same(-1 - end)) end++;
  return words.map((one) => (
    `${start ? "…" : ""}${one.slice(start, one.length - end).join(" ")}${end ? "…" : ""}`));
}

/**
 * How uncertainty is drawn in a pane.
 * @param {Scene} scene @param {Pane} pane
 */
function doubtWords(scene, pane) {
  const { view: { values, config }, packs } = scene, solid = pane.kind === "3d";
  if (!config.known || values.uncertainty === "off") return [];
  const together = solid ? !pane.alone : togetherAs(scene, pane);
  const drawn = packs.genes.filter((_, c) => together || c === pane.channel);
  if (drawn.every((pack) => packs.leastKnown(pack) >= values.least)) {
    const grey = solid && values.uncertainty === "show" ? "grey: low resolved share; " : "";
    return [`${grey}resolved share at least ${values.least} % everywhere`];
  }
  if (values.uncertainty === "hide") return [`hidden where the resolved share is below ${values.least} %`];
  const hatched = layerOf(scene, pane) === "values" && (!solid || values.plane);
  const words = [solid ? "grey: low resolved share" : "",
    hatched ? `hatched: resolved share below ${values.least} %` : ""];
  return [words.filter(Boolean).join("; ")].filter(Boolean);
}

/** @param {Channel} channel */
export const shortName = ({ name }) => name.length > 16 ? `${name.slice(0, 7)}…${name.slice(-8)}` : name;
