// What is drawn in a pane: surfaces and points in 3D, a plane, measured cells near a plane.
import { layerOf, levelOf, nearestSection, rangeOf, togetherAs } from "./channels.js";
import { drawImages, imagesUnder } from "./histology.js";
import { add, clamp, focusOf, lens, middleOf, planeAxes, scaled, sheet, sizeOf, unproject } from "./geometry.js";
import { shares } from "./palettes.js";
import { inksOf } from "./view.js";
import { useProgram } from "./webgl.js";
/** @import { Channel, GenePack, Pane, Point, Scene } from "./types.js" */
/** @import { Target } from "./webgl.js" */

const BLENDS = { "": 0, side: 0, add: 1, mean: 2 }, LAYERS = { values: 0, known: 1, sd: 2 };
const DOUBTS = { off: 0, show: 1, hide: 2 };

/**
 * Values that all programs share: the field, its ranges, what is shown of it.
 * @param {Scene} scene @param {Pane} pane
 */
function fieldUniforms(scene, pane) {
  const { view: { values, config }, packs, gpu } = scene, layer = layerOf(scene, pane);
  const { origin, step, dims } = packs.grid;
  /** @param {(pack: GenePack, channel: Channel, c: number) => number} f @returns {Point} */
  const each = (f) => {
    /** @param {number} c */
    const of = (c) => packs.genes[c] ? f(packs.genes[c], packs.channels[c], c) : 0;
    return [of(0), of(1), of(2)];
  };
  /** @param {GenePack} pack @param {number} value */
  const texel = (pack, value) => (value - pack.low) / (pack.high - pack.low);
  const ranges = packs.channels.map((channel) => rangeOf(scene.view, channel)), { field } = gpu.layers;
  return {
    field, trust: gpu.layers.known ?? field, spread: gpu.layers.sd ?? field,
    palette: gpu.palettes[layer === "known" ? config.schema.known_map : values.colours],
    low: config.box[0], high: config.box[1], origin: add(origin, step, -0.5),
    inverse: step.map((length, d) => 1 / (length * dims[d])),
    background: shares(inksOf(scene.view).canvas), unknown: shares(config.schema.colours.unknown),
    tint0: tintOf(packs.channels[0]), tint1: tintOf(packs.channels[1]), tint2: tintOf(packs.channels[2]),
    level: each((pack, channel) => texel(pack, levelOf(scene, channel))),
    from: each((pack, _, c) => texel(pack, ranges[c][0])),
    over: each((pack, _, c) => (pack.high - pack.low) / Math.max(ranges[c][1] - ranges[c][0], 1e-9)),
    zero: each((pack) => texel(pack, 0)), used: each((_, __, c) => pane.alone && c !== pane.channel ? 0 : 1),
    channel: pane.channel, blend: BLENDS[togetherAs(scene, pane)], layer: LAYERS[layer],
    doubt: gpu.layers.known ? DOUBTS[values.uncertainty] : 0, least: values.least / 100,
  };
}

/** @param {Channel | undefined} channel */
const tintOf = (channel) => (channel?.colour || [0, 0, 0]).map((part) => part / 255);

/** @typedef {{ dots: Target | null, strip?: [number, number], pick?: boolean }} How  rows to draw; distances instead */

/**
 * Surfaces, outline and plane in 3D.
 * @param {Scene} scene @param {Pane} pane @param {Target} target @param {number} w @param {number} h @param {How} how
 */
export function drawSurfaces(scene, pane, target, w, h, { dots, strip, pick = false }) {
  const { view: { values, config }, gpu } = scene, { gl } = gpu;
  if (gpu.lost) return;
  const { normal } = planeAxes(values);
  const finest = Math.min(...scene.packs.grid.step), longest = Math.hypot(...sizeOf(config.box));
  const pace = Math.max(0.75 * finest, longest / (strip ? 280 : 180)) * (pick ? 0.6 : 1);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  if (strip) {
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(0, strip[0], w, strip[1] - strip[0]);
  }
  useProgram(gl, gpu.programs.surfaces, {
    ...fieldUniforms(scene, pane), ...lens(values, config.box, pane), pace, opacity: values.opacity,
    safe: config.safe_um, plane: +values.plane, outline: +values.outline, planePoint: focusOf(values),
    planeNormal: normal, pick: +pick, dots: +(dots !== null), dotColour: dots?.colour ?? gpu.blank,
    dotDepth: dots?.depth ?? gpu.blank,
  });
  gl.bindVertexArray(gpu.screen);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  gl.disable(gl.SCISSOR_TEST);
}

/**
 * Measured cells as points, in 3D (into a picture with depth) or those near a plane.
 * @param {Scene} scene @param {Pane} pane @param {Target} target @param {number} w @param {number} h
 */
function drawDots(scene, pane, target, w, h) {
  const { view: { values, config }, packs, gpu } = scene, { gl, cloud } = gpu;
  if (!cloud || gpu.lost) return;
  const flat = pane.kind === "cells", inks = inksOf(scene.view), pictured = flat && imagesUnder(scene).length > 0;
  const range = rangeOf(scene.view, packs.channels[pane.channel]), near = nearestSection(scene.view);
  const camera = flat ? flatCamera(scene, pane) : lens(values, config.box, pane);
  const spacing = config.spacing_um * w / camera.reach2[0] / 2, { measured } = packs.genes[pane.channel];
  const span = measured[1] - measured[0], [red, green, blue] = shares(inks.canvas);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  gl.clearColor(red, green, blue, 1);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  if (pictured) drawImages(scene, camera);
  gl.enable(gl.DEPTH_TEST);
  useProgram(gl, gpu.programs.dots, {
    ...camera, planePoint: focusOf(values), planeNormal: planeAxes(values).normal,
    size: clamp(spacing * (flat && !pictured ? 0.95 : 0.5), 1.5, 16),
    slab: flat ? near.slab : -1, only: flat ? near.only : -1,
    palette: gpu.palettes[values.colours], grey: shares(inks.cells), coloured: +(flat || values.cells === "gene"),
    from: (range[0] - measured[0]) / span, over: span / Math.max(range[1] - range[0], 1e-9),
  });
  gl.bindVertexArray(cloud.array);
  gl.bindBuffer(gl.ARRAY_BUFFER, cloud.amounts[pane.channel]);
  gl.vertexAttribPointer(cloud.at, 1, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.drawArrays(gl.POINTS, 0, cloud.n);
  gl.disable(gl.DEPTH_TEST);
}

/** @param {Scene} scene @param {Pane} pane  a look straight down at what a flat pane shows */
function flatCamera({ view: { values, config } }, pane) {
  const s = sheet(values, config.box, pane), box = middleOf(config.box);
  return { right: s.u, up: s.v, eye: s.normal, middle: add(s.centre, box, -1), box, reach2: s.halves, stretch: 1,
    reach: 1e6 };
}

/**
 * A plane, or the cells near it.
 * @param {Scene} scene @param {Pane} pane @param {Target} target @param {number} w @param {number} h
 */
export function drawFlat(scene, pane, target, w, h) {
  if (pane.kind === "cells") return drawDots(scene, pane, target, w, h);
  const { view: { values, config }, gpu: { gl, programs, screen, lost } } = scene, s = sheet(values, config.box, pane);
  if (lost) return;
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  gl.viewport(0, 0, w, h);
  useProgram(gl, programs.slice, { ...fieldUniforms(scene, pane), centre: s.centre, u: scaled(s.u, s.halves[0]),
    v: scaled(s.v, s.halves[1]) });
  gl.bindVertexArray(screen);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
}

/**
 * Measured cells behind and between the surfaces; null where the view has none.
 * @param {Scene} scene @param {Pane} pane @param {number} w @param {number} h
 */
export function dotsBehind(scene, pane, w, h) {
  if (scene.view.values.cells === "off") return null;
  const dots = scene.gpu.exactTarget("dots", w, h);  // read as a whole, so of this very size
  drawDots(scene, pane, dots, w, h);
  return dots;
}

/**
 * The point of the picture under a place: drawn once more into a coarse picture that holds distances.
 * @param {Scene} scene @param {Pane} pane @param {number} x @param {number} y @returns {Point | null}
 */
export function picked(scene, pane, x, y) {
  const { gpu, view } = scene, { gl } = gpu, bytes = new Uint8Array(4);
  const w = Math.min(240, Math.round(pane.w)), h = Math.round(w * pane.h / pane.w), target = gpu.target("quick", w, h);
  const row = clamp(Math.round((1 - y) * h - 0.5), 0, h - 1), column = clamp(Math.round(x * w - 0.5), 0, w - 1);
  drawSurfaces(scene, pane, target, w, h, { dots: dotsBehind(scene, pane, w, h), strip: [row, row + 1], pick: true });
  gl.readPixels(column, row, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  if (!bytes[3]) return null;
  const l = lens(view.values, view.config.box, pane);
  return unproject(l, x, y, (bytes[0] / 255 + bytes[1] / 65025 + bytes[2] / 16581375) * 2 * l.reach);
}
