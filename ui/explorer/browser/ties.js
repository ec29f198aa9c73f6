// What keeps the controls in line with the view.
/** @import { App } from "./types.js" */

/** @param {App} app */
export function tie({ page, view, pointer }) {
  for (const one of page.ties) one();
  const { panes, cells_pane } = view.values;
  const on = { panes, cells_pane, lasso: pointer.drawing, turntable: view.turning };
  for (const [name, is] of Object.entries(on)) {
    page.bar.querySelector(`[name=${name}]`)?.setAttribute("aria-pressed", String(is));
  }
}
