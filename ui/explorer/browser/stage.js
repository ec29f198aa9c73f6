// The size of the picture and where its panes stand.
import { sizeDrawn } from "./fit.js";
import { shares } from "./palettes.js";
import { layoutPanes } from "./panes.js";
import { inksOf } from "./view.js";
/** @import { App } from "./types.js" */

const MOST_RATIO = 2;  // device pixels a CSS pixel

/** @param {App} app @param {string} shape */
export function resize({ page, view, packs, gpu }, shape) {
  const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO), { gl } = gpu;
  const { clientWidth: width, clientHeight: height } = page.stage;
  for (const one of [page.canvas, page.over]) {
    one.width = Math.round(width * ratio);
    one.height = Math.round(height * ratio);
    one.style.width = `${width}px`;
    one.style.height = `${height}px`;
  }
  const [red, green, blue] = shares(inksOf(view).canvas);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.clearColor(red, green, blue, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
  const panes = layoutPanes(view.values, packs.channels.length, width, height,
    (made) => sizeDrawn(view.config.opening, view.config.box, made));
  gpu.setStage({ panes, width, height, ratio, shape });
}

/**
 * All that the layout depends on, to notice when it changes.
 * @param {App} app
 */
export const shapeOf = ({ page, view: { values }, packs }) => JSON.stringify(
  [values.panes, values.cells_pane, values.blend, values.figure, packs.channels.length, page.stage.clientWidth,
    page.stage.clientHeight, window.devicePixelRatio]);
