// The tissue turned by itself.
import { redraw } from "./frames.js";
import { tie } from "./ties.js";
/** @import { App } from "./types.js" */

const STEP_DEGREES = 1.2, STEP_MS = 50;

/** @param {App} app  turn; once more: stop */
export function turntable(app) {
  const { view, pointer, gpu, leaving } = app;
  view.rotate(!view.turning);
  tie(app);
  if (!view.turning) return view.settle(["3d"]);
  if (view.fitted.has("3d")) view.fit(["3d"]);  // for the whole turn
  const step = () => {
    if (!view.turning || leaving.signal.aborted) return;
    if (!pointer.held && !gpu.work.busy) {
      view.put({ turn: (view.values.turn + STEP_DEGREES) % 360 });
      redraw(app, ["3d"]);
    }
    setTimeout(step, STEP_MS);
  };
  step();
}
