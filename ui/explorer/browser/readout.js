// What is at a place, in words: on a plate at the pointer, and at the crosshair in the inspector.
import { layerOf, meanScore, nearestSection, togetherAs } from "./channels.js";
import { colourBars } from "./colour_bars.js";
import { element } from "./elements.js";
import { WORDS_HEIGHT, WORDS_WIDTH } from "./fit.js";
import { add, dot, focusOf, lens, offSheet, onSheet, planeHandle, project, sheet } from "./geometry.js";
import { sampled, valueAt } from "./packs.js";
import { paneAt, within } from "./panes.js";
import { CanvasPen } from "./pens.js";
import { explained, TERMS } from "./terms.js";
import { number, placeWords } from "./words.js";
/** @import { App, Pane, Point } from "./types.js" */

const GRIP = "Drag to tilt the plane";
const NEAR_CELL = 9, APART = 14, SAME = 6;  // pixels: from a cell, of the plate, of what was clicked

/**
 * Say what is under the pointer, and by its shape what a drag would do.
 * @param {App} app @param {number} x @param {number} y
 */
export function readout(app, x, y) {
  const { page, view, packs, pointer: { clicked } } = app, pane = paneAt(app.gpu.stage.panes, x, y);
  page.over.style.cursor = cursor(app, pane, x, y);
  if (!pane || !packs.loaded) return hideRead(app);
  if (pane.kind === "3d") {  // what lies there is known of a place that was clicked only
    if (gripAt(app, pane, x, y)) return sayAt(app, x, y, [[GRIP]]);
    const same = clicked && Math.hypot(clicked.at[0] - x, clicked.at[1] - y) < SAME;
    return sayAt(app, x, y, same ? linesAt(app, pane, clicked.point) : termLines(app, pane, x, y));
  }
  if (pane.kind === "cells") return sayAt(app, x, y, cellLines(app, pane, x, y));
  const p = onSheet(sheet(view.values, view.config.box, pane), ...within(pane, x, y));
  const terms = packs.inside(p) ? [] : termLines(app, pane, x, y);
  sayAt(app, x, y, terms.length ? terms : linesAt(app, pane, p));
}

/**
 * What the words mean that stand in the pane's corners.
 * @param {App} app @param {Pane} pane @param {number} x @param {number} y @returns {string[][]}
 */
function termLines(app, pane, x, y) {
  const { packs, view: { values } } = app, onWords = x - pane.x < WORDS_WIDTH && y - pane.y < WORDS_HEIGHT;
  if (!onWords && !onBars(app, pane, x, y)) return [];
  const shown = [...packs.channels.map(({ unit }) => unit),
    values.layer === "known" || values.uncertainty !== "off" ? "resolved share" : ""];
  return [...new Set(shown)].filter((term) => term in TERMS).map((term) => [term, TERMS[term]]);
}

/** @param {App} app @param {Pane} pane @param {number} x @param {number} y */
function onBars(app, pane, x, y) {
  const ctx = app.page.over.getContext("2d");
  if (!ctx || pane.kind !== "slice" && pane.kind !== "cells") return false;
  const s = sheet(app.view.values, app.view.config.box, pane);
  const { box } = colourBars(app, new CanvasPen(ctx, app), pane, s);
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;
}

/** @param {App} app */
export const hideRead = ({ page }) => page.read.replaceChildren();

/** @param {App} app  what is at the crosshair */
export function crosshairLines(app) {
  const pane = app.gpu.stage.panes.find((one) => one.kind === "slice");
  return pane && app.packs.loaded ? linesAt(app, pane, focusOf(app.view.values)) : [];
}

/**
 * What is said together, each part in a line of its own.
 * @param {string[][]} said
 */
export const lineElements = (said) => said.map((parts) => element("div", {},
  ...parts.map((part) => element("span", {}, ...explained(part)))));

/** @param {App} app @param {Pane} pane @param {Point} p @returns {string[][]} */
function linesAt(app, pane, p) {
  const where = `x ${placeWords(p[0])} · y ${placeWords(p[1])} · depth ${placeWords(p[2])}`;
  return [...(app.packs.inside(p) ? valueWords(app, pane, p) : [["outside the tissue"]]), [where]];
}

/**
 * Lines on the plate beside the pointer, within the picture.
 * @param {App} app @param {number} x @param {number} y @param {string[][]} lines  the last: where it is
 */
function sayAt({ page: { read }, gpu: { stage } }, x, y, lines) {
  read.replaceChildren(...lineElements(lines));
  if (!lines.length) return;
  const left = x + APART + read.offsetWidth > stage.width ? x - APART - read.offsetWidth : x + APART;
  const top = y + APART + read.offsetHeight > stage.height ? y - APART - read.offsetHeight : y + APART;
  read.style.transform = `translate(${Math.max(left, 2)}px, ${Math.max(top, 2)}px)`;
}

/** @param {App} app @param {Pane | undefined} pane @param {number} x @param {number} y */
function cursor(app, pane, x, y) {
  if (!pane) return "default";
  if (pane.kind !== "3d") return "crosshair";
  return gripAt(app, pane, x, y) ? "move" : "grab";
}

/**
 * Whether a place is on the arrow that tilts the plane.
 * @param {App} app @param {Pane} pane @param {number} x @param {number} y
 */
export function gripAt({ view: { values, config } }, pane, x, y) {
  if (pane.kind !== "3d" || !values.plane || values.figure) return false;
  const l = lens(values, config.box, pane), [hx, hy] = project(l, planeHandle(values, l));
  return Math.hypot(pane.x + hx * pane.w - x, pane.y + hy * pane.h - y) < 12;
}

/** @param {App} app @param {Pane} pane @param {Point} p @returns {string[][]} */
function valueWords(app, pane, p) {
  const { packs, view: { values, config } } = app;
  const words = packs.genes.map((pack, c) => {
    const { name, unit } = packs.channels[c], { known, sd } = pack.parts;
    const share = known ? `resolved share ${Math.round(100 * sampled(known, packs.grid, p) / 255)}\u00a0%` : "";
    const spread = sd && values.layer === "sd"
      ? `sd of a ${config.noun} ${number(sampled(sd, packs.grid, p) / 255 * pack.sd)} ${unit}` : "";
    return [`${name} ${number(valueAt(pack, packs.grid, p))} ${unit} predicted`, share, spread].filter(Boolean);
  });
  if (togetherAs(app, pane) === "mean" && layerOf(app, pane) === "values") {
    words.push([`mean score ${Math.round(100 * meanScore(app, p))}\u00a0%`]);
  }
  return words;
}

/**
 * The measured cell nearest to the pointer; nothing where none is near.
 * @param {App} app @param {Pane} pane @param {number} x @param {number} y @returns {string[][]}
 */
function cellLines({ packs, view }, pane, x, y) {
  const { tissue } = packs, s = sheet(view.values, view.config.box, pane), near = nearestSection(view);
  if (!tissue) return [];
  const { xyz, section } = tissue.parts, focus = focusOf(view.values);
  let found = -1, least = NEAR_CELL;
  for (let i = 0; i < section.length; i++) {
    const p = /** @type {Point} */ ([xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]]);
    if (near.flat ? section[i] !== near.only : Math.abs(dot(add(p, focus, -1), s.normal)) > near.slab) continue;
    const [left, top] = offSheet(s, p), away = Math.hypot(pane.x + left * pane.w - x, pane.y + top * pane.h - y);
    if (away < least) [found, least] = [i, away];
  }
  if (found < 0) return [];
  const [low, high] = packs.genes[pane.channel].measured, channel = packs.channels[pane.channel];
  const value = low + packs.genes[pane.channel].parts.measured[found] / 255 * (high - low);
  const [px, py, depth] = xyz.subarray(3 * found, 3 * found + 3);
  return [[`${channel.name} ${number(value)} ${channel.unit} measured`],
    [`section ${view.config.sections[section[found]].name}`,
      `x ${placeWords(px)} · y ${placeWords(py)} · depth ${placeWords(depth)}`]];
}
