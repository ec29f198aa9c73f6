// Geometry: planes, cameras, places on the screen. Angles are degrees, lengths µm.
/** @import { Axes, Box, Lens, Pair, Pane, Point, Sheet, View } from "./types.js" */

/** @param {number} degrees */
const rad = (degrees) => degrees * Math.PI / 180;

/** @param {Point} a @param {Point} b */
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** @param {Point} a @param {Point} b @param {number} [times] @returns {Point} */
export const add = (a, b, times = 1) => [a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]];

/** @param {Point} a @param {number} times @returns {Point} */
export const scaled = (a, times) => [a[0] * times, a[1] * times, a[2] * times];

/** @param {number} x @param {number} low @param {number} high */
export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/**
 * u, v and normal of the view's plane as the core's `plane_axes` has them; flipped, it is seen from behind.
 * @param {Readonly<Pick<View, "azimuth" | "tilt" | "spin" | "flip">>} view @returns {Axes}
 */
export function planeAxes({ azimuth, tilt, spin, flip }) {
  const a = rad(azimuth), t = rad(tilt), rest = rad(azimuth - spin);
  /** @type {Point} where the direction of the azimuth goes */
  const lowered = [Math.cos(t) * Math.cos(a), Math.cos(t) * Math.sin(a), -Math.sin(t)];
  /** @type {Point} shared with a flat plane */
  const line = [-Math.sin(a), Math.cos(a), 0];
  return {
    u: scaled(add(scaled(lowered, Math.cos(rest)), line, -Math.sin(rest)), flip ? -1 : 1),
    v: add(scaled(lowered, Math.sin(rest)), line, Math.cos(rest)),
    normal: [Math.sin(t) * Math.cos(a), Math.sin(t) * Math.sin(a), Math.cos(t)],
  };
}

/**
 * Azimuth 0 to 360 and tilt 0 to 180 of a plane with this normal.
 * @param {Point} normal
 */
export function anglesOf(normal) {
  const tilt = Math.acos(clamp(normal[2] / Math.hypot(...normal), -1, 1)) * 180 / Math.PI;
  const azimuth = Math.atan2(normal[1], normal[0]) * 180 / Math.PI;
  return { azimuth: (azimuth + 360) % 360, tilt };
}

/** Along depth, the way that goes up on the screen: depth grows downwards, in 3D and on the panes along it. */
export const UP = -1;

/**
 * Unit vectors of the picture: to the right, up, and towards the eye. The tissue is turned, never mirrored: at 0, 0 the
 * eye is where y is largest, so that x goes to the right and depth downwards.
 * @param {number} turn @param {number} rise @returns {{ right: Point, up: Point, eye: Point }}
 */
export function cameraAxes(turn, rise) {
  const a = rad(turn), e = rad(rise);
  return {
    right: [Math.cos(a), -Math.sin(a), 0],
    up: [-Math.sin(e) * Math.sin(a), -Math.sin(e) * Math.cos(a), UP * Math.cos(e)],
    eye: [Math.cos(e) * Math.sin(a), Math.cos(e) * Math.cos(a), UP * Math.sin(e)],
  };
}

/** @param {Box} box @returns {Point} */
export const middleOf = ([low, high]) => scaled(add(low, high), 0.5);

/** @param {Box} box @returns {Point} */
export const sizeOf = ([low, high]) => add(high, low, -1);

/** @param {Box} box @param {Point} p @returns {Point} */
export const withinBox = ([low, high], [x, y, z]) =>
  [clamp(x, low[0], high[0]), clamp(y, low[1], high[1]), clamp(z, low[2], high[2])];

/** @param {Box} box @param {Point} p */
export const isWithin = (box, p) => withinBox(box, p).every((x, d) => Math.abs(x - p[d]) < 1e-3);

/** @param {Box} box @returns {Point[]} */
export const cornersOf = (box) => Array.from({ length: 8 },
  (_, c) => [box[c & 1][0], box[c >> 1 & 1][1], box[c >> 2][2]]);

/** @param {Box} box @returns {[Point, Point][]} */
export const edgesOf = (box) => {
  const corners = cornersOf(box);
  return corners.flatMap((corner, c) => [1, 2, 4].filter((d) => !(c & d))
    .map((d) => /** @type {[Point, Point]} */ ([corner, corners[c | d]])));
};

/** @param {Readonly<View>} view @returns {Point} */
export const focusOf = (view) => [view.cx, view.cy, view.cdepth];

/**
 * What the 3D pane looks at: centre and half sides in µm, depth stretched.
 * @param {Readonly<View>} view @param {Box} box @param {Pane} pane @returns {Lens}
 */
export function lens(view, box, pane) {
  const axes = cameraAxes(view.turn, view.rise), size = sizeOf(box);
  size[2] *= view.stretch;
  const radius = Math.hypot(...size) / 2, half = 1.06 * radius / view.zoom, wide = pane.w / pane.h;
  return {
    ...axes, reach2: wide > 1 ? [half * wide, half] : [half, half / wide], reach: 1.05 * radius + 1,
    middle: add(scaled(axes.right, view.panx * radius), axes.up, view.pany * radius), box: middleOf(box),
    stretch: view.stretch,
  };
}

/**
 * Place on the screen (in the pane, 0 to 1 from its top left) of a point, and its distance along the ray.
 * @param {Lens} l @param {Point} p @returns {Point}
 */
export function project(l, p) {
  /** @type {Point} */
  const q = [p[0] - l.box[0], p[1] - l.box[1], (p[2] - l.box[2]) * l.stretch];
  const seen = add(q, l.middle, -1);
  return [
    0.5 + dot(seen, l.right) / l.reach2[0] / 2, 0.5 - dot(seen, l.up) / l.reach2[1] / 2, l.reach - dot(q, l.eye),
  ];
}

/**
 * The point at a distance along the ray through a place of the pane.
 * @param {Lens} l @param {number} x @param {number} y @param {number} t @returns {Point}
 */
export function unproject(l, x, y, t) {
  const across = add(l.middle, l.right, (2 * x - 1) * l.reach2[0]);
  const q = add(add(across, l.up, (1 - 2 * y) * l.reach2[1]), l.eye, l.reach - t);
  return [l.box[0] + q[0], l.box[1] + q[1], l.box[2] + q[2] / l.stretch];
}

/**
 * The end of the arrow that tilts the plane: on the side that is up.
 * @param {Readonly<View>} view @param {Lens} l @returns {Point}
 */
export function planeHandle(view, l) {
  const { normal } = planeAxes(view);
  const drawn = Math.hypot(normal[0], normal[1], normal[2] * l.stretch);
  return add(focusOf(view), normal, UP * handleLength(l) / drawn);
}

/** @param {Lens} l */
export const handleLength = (l) => 0.32 * Math.min(...l.reach2);

/**
 * Where the view's plane meets the sides of the box: the corners of its outline, one after the other.
 * @param {Readonly<View>} view @param {Box} box @returns {Point[]}
 */
export function planeOutline(view, box) {
  const { u, v, normal } = planeAxes(view), focus = focusOf(view);
  /** @param {Point} p */
  const above = (p) => dot(add(p, focus, -1), normal);
  const found = edgesOf(box).filter(([a, b]) => above(a) * above(b) <= 0 && above(a) !== above(b))
    .map(([a, b]) => add(a, add(b, a, -1), above(a) / (above(a) - above(b))));
  const middle = found.reduce((sum, p) => add(sum, p, 1 / found.length), /** @type {Point} */ ([0, 0, 0]));
  /** @param {Point} p */
  const angle = (p) => Math.atan2(dot(add(p, middle, -1), v), dot(add(p, middle, -1), u));
  return found.sort((a, b) => angle(a) - angle(b));
}

/** @type {Record<string, Axes>} */
const STRAIGHT = {
  xy: { u: [1, 0, 0], v: [0, 1, 0], normal: [0, 0, 1] },
  xz: { u: [1, 0, 0], v: [0, 0, UP], normal: [0, -1, 0] },
  yz: { u: [0, 1, 0], v: [0, 0, UP], normal: [1, 0, 0] },
};

const BORDER = 0.07;  // beside the tissue, of its width
/** Pixels beside the tissue on the panes at right angles: of the heading, scale bar, word of the axis, sections. */
const ABOVE = 46, BELOW = 46, AXIS = 24, MARGIN = 10, NAMES = 44;
const MOST = 0.22, MOST_NAMES = 0.37;  // of a side

/**
 * The room of a pane at right angles that no words take, from its top left.
 * @param {Pane} pane
 */
function freeRoom({ kind, w, h }) {
  const left = Math.min(AXIS, MOST * w), top = Math.min(ABOVE, MOST * h);
  const right = kind === "xy" ? MARGIN : Math.min(NAMES, MOST_NAMES * w);
  return { left, top, w: w - left - right, h: h - top - Math.min(BELOW, MOST * h) };
}

/**
 * 1 where y goes upwards on flat pictures, -1 where it goes downwards.
 * @param {Readonly<Pick<View, "y_down">>} view
 */
export const wayUp = (view) => (view.y_down ? -1 : 1);

/**
 * The plane that a flat pane shows: its centre, axes, and half sides in µm.
 * @param {Readonly<View>} view @param {Box} box @param {Pane} pane @returns {Sheet}
 */
export function sheet(view, box, pane) {
  const middle = middleOf(box), size = sizeOf(box);
  const axes = STRAIGHT[pane.kind] || planeAxes(view);
  const off = dot(add(focusOf(view), middle, -1), axes.normal);
  /** @param {Point} axis */
  const spread = (axis) => size.reduce((sum, length, d) => sum + Math.abs(axis[d]) * length, 0) / 2;
  if (pane.kind === "slice" || pane.kind === "cells") {
    const half = (1 + BORDER) * Math.max(spread(axes.u) * pane.h / pane.w, spread(axes.v)) / view.szoom;
    const straight = add(middle, axes.normal, off);
    const centre = add(add(straight, axes.u, view.spanx), axes.v, view.spany);
    return { ...axes, v: scaled(axes.v, wayUp(view)), centre, halves: [half * pane.w / pane.h, half] };
  }
  const room = freeRoom(pane), v = pane.kind === "xy" ? scaled(axes.v, wayUp(view)) : axes.v;
  const umPerPixel = 2 * Math.max(spread(axes.u) / room.w, spread(axes.v) / room.h);
  const right = room.left + room.w / 2 - pane.w / 2, down = room.top + room.h / 2 - pane.h / 2;
  const straight = add(add(middle, axes.normal, off), axes.u, -right * umPerPixel);
  return { ...axes, v, centre: add(straight, v, down * umPerPixel),
    halves: [pane.w * umPerPixel / 2, pane.h * umPerPixel / 2] };
}

/** @param {Sheet} s @param {number} x @param {number} y  in the pane, 0 to 1 from its top left */
export const onSheet = (s, x, y) =>
  add(add(s.centre, s.u, (2 * x - 1) * s.halves[0]), s.v, (1 - 2 * y) * s.halves[1]);

/** @param {Sheet} s @param {Point} p @returns {Pair} */
export function offSheet(s, p) {
  const q = add(p, s.centre, -1);
  return [0.5 + dot(q, s.u) / s.halves[0] / 2, 0.5 - dot(q, s.v) / s.halves[1] / 2];
}

/**
 * How far the plane through the crosshair is from the middle of the box, along its normal.
 * @param {Readonly<View>} view @param {Box} box
 */
export const offsetOf = (view, box) =>
  dot(add(focusOf(view), middleOf(box), -1), planeAxes(view).normal);
