// When panes are drawn. While something moves, as finely as time allows; then again in full, behind the picture that
// stands, which is replaced at once.
import { drawOverlay } from "./annotations.js";
import { clamp } from "./geometry.js";
import { readout } from "./readout.js";
import { dotsBehind, drawFlat, drawSurfaces } from "./render.js";
import { finish } from "./webgl.js";
/** @import { App, Pane, PaneKind } from "./types.js" */
/** @import { Target } from "./webgl.js" */

const MOVING_MS = 34, OPENING_MS = 160, STRIP_MS = 40, REST_MS = 140;
const LEAST_SHARE = 0.35, MIDDLE_SHARE = 0.6;  // of the width: coarser looks broken

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

/** @param {Pane} pane @param {number} ratio @param {number} share @returns {[number, number]} */
const sizeAt = (pane, ratio, share) => [
  Math.max(2, Math.round(pane.w * ratio * share)), Math.max(2, Math.round(pane.h * ratio * share)),
];

/**
 * How finely a pane can be drawn in the time there is, as a share of its width; in steps, so that targets are kept.
 * @param {App} app @param {Pane} pane
 */
function shareOf({ gpu: { work, stage: { ratio } } }, pane) {
  const kind = pane.kind === "3d" ? "3d" : "flat", [w, h] = sizeAt(pane, ratio, 1);
  const share = Math.sqrt((work.stands ? MOVING_MS : OPENING_MS) / (work.cost[kind] * w * h));
  return clamp(Math.floor(20 * share) / 20, LEAST_SHARE, 1);
}

/**
 * Draws a pane as finely as fits into a few milliseconds; true where that was in full.
 * @param {App} app @param {Pane} pane
 */
function drawQuick(app, pane) {
  const { gpu, gpu: { work, stage } } = app, kind = pane.kind === "3d" ? "3d" : "flat", share = shareOf(app, pane);
  const [w, h] = sizeAt(pane, stage.ratio, share), start = performance.now();
  const target = gpu.exactTarget(`quick ${kind}`, w, h);  // a larger one would bleed in at the edges, drawn larger
  if (kind === "3d") drawSurfaces(app, pane, target, w, h, { dots: dotsBehind(app, pane, w, h) });
  else drawFlat(app, pane, target, w, h);
  toScreen(app, target, pane, w, h);
  finish(gpu.gl);
  const ms = performance.now() - start;
  if (work.timed.has(kind)) work.cost[kind] = 0.6 * work.cost[kind] + 0.4 * ms / (w * h);
  work.timed.add(kind);  // from now on: the first time programs are made ready as well
  if (kind === "3d") return false;
  work.flatMs = ms;
  app.page.root.dataset.share = (share * share).toFixed(2);
  return share === 1;
}

/**
 * Draws a pane in full or a share of it, in strips between which the page stays alive; false where something moved
 * meanwhile.
 * @param {App} app @param {Pane} pane @param {object} task @param {number} [share]
 */
async function drawFully(app, pane, task, share = 1) {
  const { gpu, gpu: { work, stage: { ratio } } } = app, [w, h] = sizeAt(pane, ratio, share);
  const target = share === 1 ? gpu.target("full", w, h) : gpu.exactTarget("middle", w, h);
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
  for (const pane of flatFirst(work.stale)) {
    if (stage.panes.includes(pane) && !drawQuick(app, pane)) coarse.add(pane);
  }
  work.stands = true;
  work.stale.clear();
  work.coarse = [...coarse].filter((pane) => stage.panes.includes(pane));
  drawOverlay(app);
  if (pointer.at && !pointer.held) readout(app, ...pointer.at);
  root.dataset.slice = work.flatMs?.toFixed(1) ?? "";
  root.dataset.frames = String(+(root.dataset.frames || 0) + 1);
  clearTimeout(work.rest);
  work.rest = setTimeout(() => refine(app), REST_MS);
}

/** @param {Iterable<Pane>} panes  those that are soon done, then the others */
const flatFirst = (panes) => [...panes].sort((a, b) => Number(a.kind === "3d") - Number(b.kind === "3d"));

/** @param {App} app */
async function refine(app) {
  const { gpu, gpu: { work } } = app, task = work.task = {};
  app.page.root.dataset.refined = "";
  for (const pane of flatFirst(work.coarse)) {
    const shares = pane.kind === "3d" && shareOf(app, pane) < MIDDLE_SHARE ? [MIDDLE_SHARE, 1] : [1];
    for (const share of shares) {
      if (app.leaving.signal.aborted || gpu.lost || !await drawFully(app, pane, task, share)) return;
    }
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
