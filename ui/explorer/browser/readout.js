// The value under the pointer, in words.
import { layerOf, meanScore, togetherAs } from "./channels.js";
import { lens, onSheet, planeHandle, project, sheet } from "./geometry.js";
import { sampled, valueAt } from "./packs.js";
import { paneAt, within } from "./panes.js";
import { lengthWords, number } from "./words.js";
/** @import { App, Pane, Point } from "./types.js" */

/**
 * Say what is under the pointer, and by its shape what a drag would do.
 * @param {App} app @param {number} x @param {number} y
 */
export function readout(app, x, y) {
  const { page, view, packs } = app, pane = paneAt(app.gpu.stage.panes, x, y);
  page.over.style.cursor = cursor(app, pane, x, y);
  if (!pane || pane.kind === "3d" || pane.kind === "cells" || !packs.loaded) {
    page.read.textContent = "";
    return;
  }
  const p = onSheet(sheet(view.values, view.config.box, pane), ...within(pane, x, y));
  const where = `x ${lengthWords(p[0])} · y ${lengthWords(p[1])} · depth ${lengthWords(p[2])}`;
  page.read.textContent = packs.inside(p) ? [...valueWords(app, pane, p), where].join(" · ")
    : `outside the tissue · ${where}`;
}

/** @param {App} app @param {Pane | undefined} pane @param {number} x @param {number} y */
function cursor(app, pane, x, y) {
  if (!pane) return "default";
  if (pane.kind !== "3d") return "crosshair";
  return gripAt(app, pane, x, y) ? "pointer" : "grab";
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

/** @param {App} app @param {Pane} pane @param {Point} p */
function valueWords(app, pane, p) {
  const { packs, view: { values } } = app;
  const words = packs.genes.map((pack, c) => {
    const { name, unit } = packs.channels[c], { known, sd } = pack.parts;
    const share = known ? `, resolved share ${Math.round(100 * sampled(known, packs.grid, p) / 255)} %` : "";
    const spread = sd && values.layer === "sd"
      ? `, sd of a cell ${number(sampled(sd, packs.grid, p) / 255 * pack.sd)}` : "";
    return `${name} ${number(valueAt(pack, packs.grid, p))} ${unit} predicted${share}${spread}`;
  });
  if (togetherAs(app, pane) === "mean" && layerOf(app, pane) === "values") {
    words.push(`mean score ${Math.round(100 * meanScore(app, p))} %`);
  }
  return words;
}
