// The panes: rectangles of the picture in CSS pixels, from its top left.
/** @import { Pair, Pane, PaneKind, View } from "./types.js" */

const GAP = 2, ROW_SHARE = 0.38, NARROW = 560, SQUARE = 1.3;  // of the three planes; pixels; width by height

/**
 * Where the panes stand, all in the same picture. Every channel has panes of its own when they stand side by side.
 * Otherwise 3D and slice stand beside or below each other, where they are drawn larger.
 * @param {Readonly<View>} view @param {number} channels @param {number} width @param {number} height
 * @param {(panes: Pane[]) => number} sizeDrawn @returns {Pane[]}
 */
export function layoutPanes(view, channels, width, height, sizeDrawn) {
  const main = view.panes ? Math.round(height * (1 - ROW_SHARE)) : height, many = channels > 1 && view.blend === "side";
  const beside = besideEachOther(view, width, main), below = belowEachOther(view, width, main);
  const upright = width < NARROW && height > width;
  const panes = many ? columns(view, channels, width, main)
    : upright || sizeDrawn(below) > sizeDrawn(beside) ? below : beside;
  if (!view.panes) return panes;
  const w = (width - 2 * GAP) / 3;
  /** @type {PaneKind[]} */
  const kinds = ["xy", "xz", "yz"];
  return panes.concat(kinds.map((kind, i) => (
    { kind, channel: 0, alone: many, x: i * (w + GAP), y: main + GAP, w, h: height - main - GAP })));
}

/** @param {Readonly<View>} view @param {number} n @param {number} width @param {number} main @returns {Pane[]} */
function columns(view, n, width, main) {
  const w = (width - GAP * (n - 1)) / n, top = Math.round(main * (view.cells_pane ? 0.4 : 0.52));
  /** @type {PaneKind[]} */
  const kinds = view.cells_pane ? ["3d", "slice", "cells"] : ["3d", "slice"];
  const below = (main - top) / (kinds.length - 1);
  return Array.from({ length: n }, (_, channel) => kinds.map((kind, i) => ({
    kind, channel, alone: true, x: channel * (w + GAP), w, y: i ? top + GAP + (i - 1) * below : 0,
    h: i ? below - GAP : top,
  }))).flat();
}

/** @param {Readonly<View>} view @param {number} width @param {number} main @returns {Pane[]} */
function besideEachOther(view, width, main) {
  const left = Math.round(width * (width < SQUARE * main ? 0.5 : 0.58));
  const x = left + GAP, w = width - x, all = { channel: 0, alone: false };
  const half = view.cells_pane ? Math.round(main / 2) : main;
  /** @type {Pane[]} */
  const panes = [
    { ...all, kind: "3d", x: 0, y: 0, w: left, h: main },
    { ...all, kind: "slice", x, y: 0, w, h: half },
  ];
  if (view.cells_pane) panes.push({ ...all, kind: "cells", x, y: half + GAP, w, h: main - half - GAP });
  return panes;
}

/** @param {Readonly<View>} view @param {number} width @param {number} main @returns {Pane[]} */
function belowEachOther(view, width, main) {
  const top = Math.round(main / 2), y = top + GAP, h = main - y, all = { channel: 0, alone: false };
  const half = view.cells_pane ? Math.round(width / 2) : width;
  /** @type {Pane[]} */
  const panes = [{ ...all, kind: "3d", x: 0, y: 0, w: width, h: top }, { ...all, kind: "slice", x: 0, y, w: half, h }];
  if (view.cells_pane) panes.push({ ...all, kind: "cells", x: half + GAP, y, w: width - half - GAP, h });
  return panes;
}

/** @param {Pane[]} panes @param {number} x @param {number} y */
export const paneAt = (panes, x, y) => panes.find((p) => x >= p.x && x < p.x + p.w && y >= p.y && y < p.y + p.h);

/** @param {Pane} pane @param {number} x @param {number} y @returns {Pair} */
export const within = (pane, x, y) => [(x - pane.x) / pane.w, (y - pane.y) / pane.h];
