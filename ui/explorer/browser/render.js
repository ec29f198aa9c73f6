// The panes and what is drawn in them. While something moves, panes are drawn as finely as time allows; then again in full.
const MOVING_MS = 34, STRIP_MS = 40, REST_MS = 140;
const CANVAS = [14 / 255, 17 / 255, 23 / 255], UNKNOWN = [66 / 255, 72 / 255, 82 / 255];

// Values that all programs share: the field, its ranges, what is shown of it.
function fieldUniforms(app, pane) {
  const { config, view, packs } = app, { origin, step, dims } = config.grid;
  const inverse = [0, 1, 2].map((d) => 1 / (step[d] * dims[d])), lift = [0, 1, 2].map((d) => origin[d] - step[d] / 2);
  const of = (f, none = 0) => [0, 1, 2].map((c) => packs[c] ? f(packs[c], config.channels[c], c) : none);
  const texel = (pack, value) => (value - pack.low) / (pack.high - pack.low);
  const ranges = of((pack, channel) => rangeOf(app, channel), [0, 1]);
  return {
    field: app.textures.field, trust: app.textures.trust || app.textures.field, spread: app.textures.spread || app.textures.field,
    palette: app.textures.palettes[layerOf(app, pane) === "known" ? "cividis" : view.colours], low: config.box[0], high: config.box[1],
    origin: lift, inverse, background: app.background, unknown: UNKNOWN,
    tint0: tintOf(config, 0), tint1: tintOf(config, 1), tint2: tintOf(config, 2),
    level: of((pack, channel) => texel(pack, levelOf(app, channel))), from: of((pack, _, c) => texel(pack, ranges[c][0])),
    over: of((pack, _, c) => (pack.high - pack.low) / Math.max(ranges[c][1] - ranges[c][0], 1e-9)), zero: of((pack) => texel(pack, 0)),
    used: [0, 1, 2].map((c) => packs[c] && (!pane.alone || c === pane.channel) ? 1 : 0), channel: pane.channel,
    blend: { add: 1, mean: 2 }[togetherAs(app, pane)] ?? 0, layer: { values: 0, known: 1, sd: 2 }[layerOf(app, pane)], doubt: app.textures.trust ? { off: 0, show: 1, hide: 2 }[view.uncertainty] : 0,
    least: view.least / 100,
  };
}
// What a slice is painted by: a niche has no sd, nor any pack a known share where the run has none.
function layerOf(app, pane) {
  const { layer } = app.view, part = { known: "known", sd: "sd" }[layer];
  return pane.kind !== "cells" && (!part || app.packs[pane.channel].parts[part]) ? layer : "values";
}
// How the genes of a pane are joined; "" where it shows one. Known shares are averaged, the sd is that of the first gene.
function togetherAs(app, pane) {
  if (pane.alone || app.packs.length < 2 || pane.kind === "cells") return "";
  return { values: app.view.blend, known: "mean", sd: "" }[layerOf(app, pane)];
}
const tintOf = (config, c) => (config.channels[c]?.colour || [0, 0, 0]).map((part) => part / 255);
const levelOf = (app, channel) => quantile(packOf(app, channel), app.view.levels[channel.name] ?? channel.level);
const rangeOf = (app, channel) => app.view.ranges[channel.name] || channel.range;
const packOf = (app, channel) => app.packs.find((pack) => pack.key === channel.key);
function quantile(pack, percent) {
  const at = clamp(percent, 0, 100) / 100 * (pack.quantiles.length - 1), i = Math.min(Math.floor(at), pack.quantiles.length - 2);
  return pack.quantiles[i] + (at - i) * (pack.quantiles[i + 1] - pack.quantiles[i]);
}

function drawSurfaces(app, pane, target, w, h, strip, pick) {
  const { gl, config, view } = app, l = lens(app, pane), axes = planeAxes(view.azimuth, view.tilt, view.flip);
  const { step } = config.grid, finest = Math.min(...step), size = sizeOf(config.box);
  const longest = Math.hypot(...size), pace = Math.max(0.75 * finest, longest / (strip ? 280 : 120)) * (pick ? 0.6 : 1);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  if (strip) { gl.enable(gl.SCISSOR_TEST); gl.scissor(0, strip[0], w, strip[1] - strip[0]); }
  useProgram(gl, app.programs.surfaces, {
    ...fieldUniforms(app, pane), ...l, pace, opacity: view.opacity, safe: config.safe_um, plane: +view.plane, outline: +view.outline,
    planePoint: [view.cx, view.cy, view.cdepth], planeNormal: axes.normal, pick: +!!pick, dots: +(view.cells !== "off"),
    dotColour: app.dots?.colour || app.textures.blank, dotDepth: app.dots?.depth || app.textures.blank,
  });
  gl.bindVertexArray(app.screen);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  gl.disable(gl.SCISSOR_TEST);
}

// Measured cells as points, in 3D (into a picture with depth) or those near a plane.
function drawDots(app, pane, target, w, h, flat) {
  const { gl, view, config } = app, channel = pane.channel, pack = app.packs[channel], range = rangeOf(app, config.channels[channel]);
  const plane = { planePoint: [view.cx, view.cy, view.cdepth], planeNormal: planeAxes(view.azimuth, view.tilt, view.flip).normal };
  let camera;
  if (flat) {
    const s = sheet(app, pane);
    camera = { right: s.u, up: s.v, eye: s.normal, middle: add(s.centre, middleOf(config.box), -1), box: middleOf(config.box), reach2: s.halves,
               stretch: 1, reach: 1e6 };
  } else camera = lens(app, pane);
  const near = nearestSection(app), spacing = config.spacing_um * w / camera.reach2[0] / 2;
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  gl.clearColor(...app.background, 1);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  gl.enable(gl.DEPTH_TEST);
  const measured = pack.measured, span = measured[1] - measured[0];
  useProgram(gl, app.programs.dots, {
    ...camera, ...plane, size: clamp(spacing * (flat ? 0.95 : 0.5), 1.5, 16), slab: flat ? near.slab : -1, only: flat ? near.only : -1,
    palette: app.textures.palettes[view.colours], grey: app.figure ? [0.45, 0.48, 0.52] : [0.52, 0.56, 0.62], coloured: +(flat || view.cells === "gene"),
    from: (range[0] - measured[0]) / span, over: span / Math.max(range[1] - range[0], 1e-9),
  });
  gl.bindVertexArray(app.cloud.array);
  gl.bindBuffer(gl.ARRAY_BUFFER, app.cloud.amounts[channel]);
  gl.vertexAttribPointer(app.cloud.at, 1, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.drawArrays(gl.POINTS, 0, app.cloud.n);
  gl.disable(gl.DEPTH_TEST);
}

// A plane that lies nearly flat shows its nearest section; a tilted one the cells within half a gap of it.
function nearestSection(app) {
  const { view, config } = app, depths = config.sections.map((s) => s.depth_um), flat = Math.min(view.tilt, 180 - view.tilt) < 8;
  const index = depths.reduce((best, d, i) => Math.abs(d - view.cdepth) < Math.abs(depths[best] - view.cdepth) ? i : best, 0);
  return { index, only: flat ? index : -1, slab: config.half_gap_um, flat };
}

function drawFlat(app, pane, target, w, h) {
  if (pane.kind === "cells") return drawDots(app, pane, target, w, h, true);
  const { gl } = app, s = sheet(app, pane);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  useProgram(gl, app.programs.slice, { ...fieldUniforms(app, pane), centre: s.centre, u: scaled(s.u, s.halves[0]), v: scaled(s.v, s.halves[1]) });
  gl.bindVertexArray(app.screen);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
}

function targetFor(app, name, w, h) {
  const held = app.targets[name];
  if (held && held.width >= w && held.height >= h) return held;
  freeTarget(app.gl, held);
  return app.targets[name] = makeTarget(app.gl, Math.max(w, held?.width || 0), Math.max(h, held?.height || 0));
}

function toScreen(app, target, pane, w, h) {
  const { gl, ratio } = app, x = Math.round(pane.x * ratio), W = Math.round(pane.w * ratio), H = Math.round(pane.h * ratio);
  const y = app.canvas.height - Math.round(pane.y * ratio) - H;
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, target.frame);
  gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
  gl.blitFramebuffer(0, 0, w, h, x, y, x + W, y + H, gl.COLOR_BUFFER_BIT, w === W ? gl.NEAREST : gl.LINEAR);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
}

// Draws a pane as finely as fits into a few milliseconds; true where that was in full.
function drawQuick(app, pane) {
  const kind = pane.kind === "3d" ? "3d" : "flat", full = [Math.round(pane.w * app.ratio), Math.round(pane.h * app.ratio)];
  const share = clamp(Math.sqrt(MOVING_MS / (app.cost[kind] * full[0] * full[1])), 0.12, 1);
  const w = Math.max(2, Math.round(full[0] * share)), h = Math.max(2, Math.round(full[1] * share)), start = performance.now();
  const target = targetFor(app, "quick", w, h);
  if (kind === "3d") {
    dotsBehind(app, pane, w, h);
    drawSurfaces(app, pane, target, w, h);
  } else drawFlat(app, pane, target, w, h);
  toScreen(app, target, pane, w, h);
  finish(app.gl);
  const ms = performance.now() - start;
  app.cost[kind] = 0.6 * app.cost[kind] + 0.4 * ms / (w * h);
  app.frame[kind] = ms;
  if (kind === "flat") app.root.dataset.share = (share * share).toFixed(2);
  return kind !== "3d" && share === 1;
}

function dotsBehind(app, pane, w, h) {
  if (app.view.cells === "off") { app.dots = null; return; }
  if (app.targets.dots?.width !== w || app.targets.dots?.height !== h) {  // read as a whole, so of this very size
    freeTarget(app.gl, app.targets.dots);
    app.targets.dots = makeTarget(app.gl, w, h);
  }
  app.dots = app.targets.dots;
  drawDots(app, pane, app.dots, w, h, false);
}

// Draws a pane in full, in strips between which the page stays alive; stops when something moves again.
async function drawFully(app, pane, task) {
  const w = Math.round(pane.w * app.ratio), h = Math.round(pane.h * app.ratio), target = targetFor(app, "full", w, h);
  if (pane.kind !== "3d") {
    drawFlat(app, pane, target, w, h);
  } else {
    dotsBehind(app, pane, w, h);
    let rows = 16;
    for (let y = 0; y < h;) {
      const start = performance.now();
      drawSurfaces(app, pane, target, w, h, [y, Math.min(y + rows, h)]);
      finish(app.gl);
      y += rows;
      rows = clamp(Math.round(rows * STRIP_MS / Math.max(performance.now() - start, 1)), 4, 256);
      await new Promise((go) => setTimeout(go));
      if (task !== app.task) return false;
    }
  }
  toScreen(app, target, pane, w, h);
  return true;
}

// Something changed: draw it quickly in the next frame, and in full when nothing moves any more.
function redraw(app, which = null) {
  app.task = null;
  for (const pane of app.panes) if (!which || which.includes(pane.kind)) app.stale.add(pane);
  if (!app.asked) app.asked = requestAnimationFrame(() => { app.asked = null; drawStale(app); });
}

function drawStale(app) {
  if (app.gone || !app.packs.length) return;
  const coarse = [];
  for (const pane of [...app.stale].filter((p) => app.panes.includes(p))) if (!drawQuick(app, pane)) coarse.push(pane);
  app.stale.clear();
  app.coarse = [...new Set([...(app.coarse || []), ...coarse])].filter((p) => app.panes.includes(p));
  drawOverlay(app);
  if (app.pointer && !app.held) readout(app, ...app.pointer);
  app.root.dataset.slice = app.frame.flat?.toFixed(1) ?? "";
  app.root.dataset.frames = +(app.root.dataset.frames || 0) + 1;
  clearTimeout(app.rest);
  app.rest = setTimeout(() => refine(app), REST_MS);
}

async function refine(app) {
  const task = app.task = {};
  app.root.dataset.refined = "";
  for (const pane of app.coarse || []) if (app.gone || !await drawFully(app, pane, task)) return;
  app.coarse = [];
  app.root.dataset.refined = "yes";
}
