// One turn of the 3D pane as .webm. All pictures are drawn first and then shown to the recorder at their pace, so that
// the film is equally long on every machine.
import { decorate } from "./annotations.js";
import { fittedSolid } from "./fit.js";
import { CanvasPen } from "./pens.js";
import { dotsBehind, drawSurfaces } from "./render.js";
import { upright } from "./upright.js";
import { freeTarget, makeTarget } from "./webgl.js";
/** @import { Film } from "./pointer.js" */
/** @import { App, Pane, Scene } from "./types.js" */

const SECONDS = 8, FPS = 12, DRAWING_PERCENT = 80;  // of the work

/** @typedef {(text: string) => void} Say */

/**
 * The film; null where it was stopped.
 * @param {App} app @param {Film} film @param {Say} say
 */
export async function filmed(app, film, say) {
  await drawPictures(app, film, say);
  const blob = film.stopped ? null : await recorded(film, say);
  for (const picture of film.pictures) picture.close();
  return blob;
}

/** @param {number} percent */
const words = (percent) => `Filming one turn: ${Math.round(percent)} % (Esc or a click on the picture cancels)`;

/** @param {App} app @param {Film} film @param {Say} say */
async function drawPictures(app, film, say) {
  const { gpu, gpu: { gl }, view, leaving: { signal } } = app, pane = gpu.stage.panes.find((p) => p.kind === "3d");
  if (!pane) throw new Error("The explorer has no 3D pane to film.");
  const w = 2 * Math.round(pane.w / 2), h = 2 * Math.round(pane.h / 2), frames = SECONDS * FPS;
  const made = new OffscreenCanvas(w, h), ctx = made.getContext("2d"), target = makeTarget(gl, w, h);
  if (!ctx) throw new Error("This browser has no canvas to draw the film on.");
  /** @type {Pane} */
  const placed = { ...pane, x: 0, y: 0, w, h };
  const start = { ...view.values, ...(view.fitted.has("3d") ? wholeTurn(app, pane) : {}) };
  for (let i = 0; i < frames && !signal.aborted && !film.stopped && !gpu.lost; i++) {
    /** @type {Scene} the view on the page stays */
    const shot = { ...app, view: { config: view.config, values: { ...start, turn: start.turn + 360 * i / frames } } };
    drawSurfaces(shot, placed, target, w, h, { dots: dotsBehind(shot, placed, w, h) });
    ctx.putImageData(upright(gl, w, h), 0, 0);
    decorate(shot, new CanvasPen(ctx, shot), placed, false);
    film.pictures.push(made.transferToImageBitmap());
    say(words(DRAWING_PERCENT * (i + 1) / frames));
    await new Promise((go) => setTimeout(go));
  }
  film.stopped ||= signal.aborted || gpu.lost;
  freeTarget(gl, target);
}

/** @param {App} app @param {Pane} pane */
const wholeTurn = ({ view, packs }, pane) =>
  fittedSolid(view.values, packs.box, pane, view.schema.numbers.zoom, true);

/** @param {Film} film @param {Say} say  the recorder dates pictures by the clock, so each is shown when it is due */
async function recorded(film, say) {
  const { pictures } = film, made = document.createElement("canvas"), ctx = made.getContext("2d");
  made.width = pictures[0].width;
  made.height = pictures[0].height;
  const stream = made.captureStream(0);
  const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
  const recorder = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 8e6 });
  /** @type {Blob[]} */
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  const start = performance.now();
  for (let i = 0; i < pictures.length && !film.stopped; i++) {
    ctx?.drawImage(pictures[i], 0, 0);
    track.requestFrame();
    say(words(DRAWING_PERCENT + (100 - DRAWING_PERCENT) * (i + 1) / pictures.length));
    await new Promise((go) => setTimeout(go, start + 1000 * (i + 1) / FPS - performance.now()));
  }
  await new Promise((go) => {
    recorder.onstop = go;
    recorder.stop();
  });
  return film.stopped ? null : new Blob(parts, { type: "video/webm" });
}
