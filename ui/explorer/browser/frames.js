// When panes are drawn. While something moves, as finely as time allows; then again in full.
import { drawOverlay } from "./annotations.js";
import { clamp } from "./geometry.js";
import { readout } from "./readout.js";
import { dotsBehind, drawFlat, drawSurfaces } from "./render.js";
import { finish } from "./webgl.js";
/** @import { App, Pane, PaneKind } from "./types.js" */
/** @import { Target } from "./webgl.js" */

const MOVING_MS = 34, STRIP_MS = 40, REST_MS = 140;

/** @param {App} app @param {Target} target @param {Pane} pane @param {number} w @param {number} h */
function toScreen({ page, gpu: { gl, stage: { ratio } } }, target, pane, w, h) {
  const x = Math.round(pane.x * ratio), wide = Math.round(pane.w * ratio), high = Math.round(pane.h * ratio);
  const y = page.canvas.height - Math.round(pane.y * ratio) - high;
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, target.frame);
  gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
  const filter = w === wide ? gl.NEAREST : gl.LINEAR;
  gl.blitFramebuffer(0, 0, w, h, x, y, x + wide, y + high, gl.COLOR_BUFFER_BIT, filter);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
}

/**
 * Draws a pane as finely as fits into a few milliseconds; true where that was in full.
 * @param {App} app @param {Pane} pane
 */
function drawQuick(app, pane) {
  const { gpu, gpu: { work, stage } } = app, kind = pane.kind === "3d" ? "3d" : "flat";
  const full = [Math.round(pane.w * stage.ratio), Math.round(pane.h * stage.ratio)];
  const share = clamp(Math.sqrt(MOVING_MS / (work.cost[kind] * full[0] * full[1])), 0.12, 1);
  const [w, h] = full.map((length) => Math.max(2, Math.round(length * share))), start = performance.now();
  const target = gpu.target("quick", w, h);
  if (kind === "3d") drawSurfaces(app, pane, target, w, h, { dots: dotsBehind(app, pane, w, h) });
  else drawFlat(app, pane, target, w, h);
  toScreen(app, target, pane, w, h);
  finish(gpu.gl);
  const ms = performance.now() - start;
  work.cost[kind] = 0.6 * work.cost[kind] + 0.4 * ms / (w * h);
  if (kind === "3d") return false;
  work.flatMs = ms;
  app.page.root.dataset.share = (share * share).toFixed(2);
  return share === 1;
}

/**
 * Draws a pane in full, in strips between which the page stays alive; false where something moved meanwhile.
 * @param {App} app @param {Pane} pane @param {object} task
 */
async function drawFully(app, pane, task) {
  const { gpu, gpu: { work, stage: { ratio } } } = app, w = Math.round(pane.w * ratio), h = Math.round(pane.h * ratio);
  const target = gpu.target("full", w, h);
  if (pane.kind !== "3d") {
    drawFlat(app, pane, target, w, h);
  } else {
    const dots = dotsBehind(app, pane, w, h);
    let rows = 16;
    for (let y = 0; y < h;) {
      const start = performance.now();
      drawSurfaces(app, pane, target, w, h, { dots, strip: [y, Math.min(y + rows, h)] });
      finish(gpu.gl);
      y += rows;
      rows = clamp(Math.round(rows * STRIP_MS / Math.max(performance.now() - start, 1)), 4, 256);
      await new Promise((go) => setTimeout(go));
      if (task !== work.task) return false;
    }
  }
  toScreen(app, target, pane, w, h);
  return true;
}

/**
 * Something changed: draw it quickly in the next frame, and in full when nothing moves any more.
 * @param {App} app @param {PaneKind[] | null} [kinds]  panes that show it; null: all
 */
export function redraw(app, kinds = null) {
  const { work, stage } = app.gpu;
  work.task = null;
  for (const pane of stage.panes) if (!kinds || kinds.includes(pane.kind)) work.stale.add(pane);
  work.asked ??= requestAnimationFrame(() => {
    work.asked = null;
    drawStale(app);
  });
}

/** @param {App} app */
function drawStale(app) {
  const { gpu: { work, stage, lost }, page: { root }, packs, pointer } = app;
  if (app.leaving.signal.aborted || !packs.loaded || lost) return;
  const coarse = new Set(work.coarse);
  for (const pane of work.stale) if (stage.panes.includes(pane) && !drawQuick(app, pane)) coarse.add(pane);
  work.stale.clear();
  work.coarse = [...coarse].filter((pane) => stage.panes.includes(pane));
  drawOverlay(app);
  if (pointer.at && !pointer.held) readout(app, ...pointer.at);
  root.dataset.slice = work.flatMs?.toFixed(1) ?? "";
  root.dataset.frames = String(+(root.dataset.frames || 0) + 1);
  clearTimeout(work.rest);
  work.rest = setTimeout(() => refine(app), REST_MS);
}

/** @param {App} app */
async function refine(app) {
  const { gpu, gpu: { work } } = app, task = work.task = {};
  app.page.root.dataset.refined = "";
  for (const pane of work.coarse) {
    if (app.leaving.signal.aborted || gpu.lost || !await drawFully(app, pane, task)) return;
  }
  work.coarse = [];
  app.page.root.dataset.refined = "yes";
}

/**
 * Draw nothing in full for now.
 * @param {App} app @param {boolean} busy  with a picture to take away, until `redraw` and this again
 */
export function pause({ gpu: { work } }, busy) {
  clearTimeout(work.rest);
  work.task = null;
  work.busy = busy;
}
