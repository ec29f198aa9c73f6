// What the panes show, in words.
import { layerOf, levelOf, nearestSection, togetherAs } from "./channels.js";
import { imagesUnder } from "./histology.js";
import { offsetOf } from "./geometry.js";
import { css } from "./palettes.js";
import { lengthWords, number } from "./words.js";
/** @import { Channel, Pane, Scene } from "./types.js" */

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
    ...(values.cells !== "off" ? [plain(`points: measured cells${config.cells_shown}`)] : []),
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
  return pane.kind === "slice" ? lines.concat(doubtWords(scene, pane).map(plain)) : lines;
}

/** @param {Scene} scene  which measured cells stand beside the slice */
function measuredWords({ view }) {
  const near = nearestSection(view), section = view.config.sections[near.index];
  return near.flat ? `section ${section.name}, depth ${lengthWords(section.depth_um)}`
    : `cells within ${lengthWords(near.slab)} of the plane`;
}

/** @param {Scene} scene @param {Pane} pane @param {boolean} several @param {string} first */
function layerWords(scene, pane, several, first) {
  const { view, packs: { channels } } = scene, { name } = channels[pane.channel], layer = layerOf(scene, pane);
  const all = channels.map((c) => c.name).join(view.values.blend === "mean" ? ", " : " + ");
  const names = !several ? name : all.length < 34 ? all : `${channels.length} together`;
  if (layer === "known") return `${several ? "mean " : ""}resolved share of ${names}`;
  if (layer === "sd") return `sd of a cell of ${name}${first} · predicted`;
  return `${togetherAs(scene, pane) === "mean" ? "mean score of " : ""}${names} · predicted`;
}

/** @param {Scene} scene @param {Pane} pane */
function planeWords({ view: { values, config } }, pane) {
  if (pane.kind === "xy") return `depth ${lengthWords(values.cdepth)}`;
  if (pane.kind === "xz") return `y ${lengthWords(values.cy)}`;
  if (pane.kind === "yz") return `x ${lengthWords(values.cx)}`;
  const turned = values.spin % 360 ? `, turned ${Math.round(values.spin)}°` : "";
  const angles = `azimuth ${Math.round(values.azimuth)}°, tilt ${Math.round(values.tilt)}°${turned}`;
  return `${angles}, offset ${lengthWords(offsetOf(values, config.box))}${values.flip ? ", from behind" : ""}`;
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
