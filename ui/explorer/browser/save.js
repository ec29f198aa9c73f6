// Pictures to take away: PNG at print resolution, SVG, a turntable as film.
import { drawWords } from "./annotations.js";
import { element } from "./elements.js";
import { filmed } from "./film.js";
import { pause, redraw } from "./frames.js";
import { LOST_WORDS } from "./gpu.js";
import { CanvasPen, SvgPen } from "./pens.js";
import { dotsBehind, drawFlat, drawSurfaces } from "./render.js";
import { upright } from "./upright.js";
import { inksOf } from "./view.js";
import { finish, freeTarget, makeTarget } from "./webgl.js";
/** @import { App, Pane } from "./types.js" */

const PRINT_INCHES = 7, STRIP_ROWS = 24, SCREEN_RATIO = 2;

/** @type {Record<string, (app: App) => Promise<void>>} */
const WAYS = {
  "All panes as PNG, 300 dpi": (app) => savePng(app, 300),
  "All panes as PNG, 600 dpi": (app) => savePng(app, 600),
  "All panes as SVG, its words as text": saveSvg,
  "3D turning once, as film (.webm)": saveFilm,
};

/** @param {App} app @returns {Record<string, () => void>} what saves a picture, by its name */
export const pictures = (app) => Object.fromEntries(Object.entries(WAYS).map(([name, way]) => [name, () => way(app)]));

/** @param {Blob} blob @param {string} name */
function hand(blob, name) {
  const url = URL.createObjectURL(blob), link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** @param {App} app @param {string} ending */
const fileName = ({ view: { config } }, ending) =>
  `${config.file}_${config.channels.map((c) => c.name).join("_")}.${ending}`;

/**
 * All panes at a pixel ratio, as a canvas. The view stays as it is.
 * @param {App} app @param {number} wanted
 */
async function rendered(app, wanted) {
  const { gpu: { gl, stage } } = app, made = document.createElement("canvas"), ctx = made.getContext("2d");
  if (!ctx) throw new Error("This browser has no canvas to draw the picture on.");
  const ratio = Math.min(wanted, gl.getParameter(gl.MAX_TEXTURE_SIZE) / Math.max(stage.width, stage.height));
  made.width = Math.round(stage.width * ratio);
  made.height = Math.round(stage.height * ratio);
  ctx.fillStyle = inksOf(app.view).canvas;
  ctx.fillRect(0, 0, made.width, made.height);
  for (const pane of stage.panes) {
    ctx.putImageData(await drawn(app, pane, ratio), Math.round(pane.x * ratio), Math.round(pane.y * ratio));
  }
  return { made, ctx, ratio };
}

/** @param {App} app @param {Pane} pane @param {number} ratio */
async function drawn(app, pane, ratio) {
  const { gl } = app.gpu, w = Math.round(pane.w * ratio), h = Math.round(pane.h * ratio), target = makeTarget(gl, w, h);
  if (pane.kind === "3d") {
    const dots = dotsBehind(app, pane, w, h);
    for (let y = 0; y < h; y += STRIP_ROWS) {
      drawSurfaces(app, pane, target, w, h, { dots, strip: [y, Math.min(y + STRIP_ROWS, h)] });
      finish(gl);
      await new Promise((go) => setTimeout(go));
    }
  } else drawFlat(app, pane, target, w, h);
  gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
  const image = upright(gl, w, h);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  freeTarget(gl, target);
  return image;
}

/** @param {App} app @param {number} dpi */
async function savePng(app, dpi) {
  await busy(app, `Drawing at ${dpi} dpi`, async () => {
    const { panes, width } = app.gpu.stage, { made, ctx, ratio } = await rendered(app, PRINT_INCHES * dpi / width);
    ctx.scale(ratio, ratio);
    const pen = new CanvasPen(ctx, app);
    for (const pane of panes) drawWords(app, pen, pane, false);
    const blob = await new Promise((/** @type {BlobCallback} */ go) => made.toBlob(go));
    if (!blob || app.gpu.lost) return;
    const png = withDpi(new Uint8Array(await blob.arrayBuffer()), made.width / PRINT_INCHES);
    hand(new Blob([png], { type: "image/png" }), fileName(app, `${dpi}dpi.png`));
  });
}

/** @param {App} app */
async function saveSvg(app) {
  await busy(app, "Drawing the picture", async () => {
    const { panes, width, height, ratio } = app.gpu.stage;
    const { made } = await rendered(app, Math.max(ratio, SCREEN_RATIO)), pen = new SvgPen(app);
    pen.image(0, 0, width, height, made.toDataURL());
    for (const pane of panes) drawWords(app, pen, pane, false);
    if (app.gpu.lost) return;
    const text = pen.done(width, height, inksOf(app.view).canvas);
    hand(new Blob([text], { type: "image/svg+xml" }), fileName(app, "svg"));
  });
}

/** @param {App} app */
async function saveFilm(app) {
  if (app.pointer.film) return;
  const film = app.pointer.startFilm();
  await busy(app, "Filming one turn", async (say) => {
    const blob = await filmed(app, film, say);
    if (blob) hand(blob, fileName(app, "webm"));
  }).finally(() => app.pointer.endFilm());
}

/**
 * A PNG that says how many pixels an inch has, so that it is placed at its size in print.
 * @param {Uint8Array<ArrayBuffer>} png @param {number} dpi
 */
function withDpi(png, dpi) {
  const perMetre = Math.round(dpi / 0.0254), chunk = new Uint8Array(21), view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set([0x70, 0x48, 0x59, 0x73], 4);  // pHYs
  view.setUint32(8, perMetre);
  view.setUint32(12, perMetre);
  chunk[16] = 1;
  let crc = -1;
  for (let i = 4; i < 17; i++) {
    crc ^= chunk[i];
    for (let k = 0; k < 8; k++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  view.setUint32(17, ~crc >>> 0);
  const out = new Uint8Array(png.length + 21);
  out.set(png.subarray(0, 33));
  out.set(chunk, 33);
  out.set(png.subarray(33), 54);
  return out;
}

/**
 * Do a longer piece of work and say so meanwhile.
 * @param {App} app @param {string} words @param {(say: (text: string) => void) => Promise<void>} work
 */
async function busy(app, words, work) {
  const { note } = app.page;
  if (app.gpu.lost) return;
  note.textContent = `${words} …`;
  pause(app, true);
  try {
    await work((text) => { note.textContent = text; });
  } finally {
    pause(app, false);
    note.textContent = app.gpu.lost ? LOST_WORDS : "";
    redraw(app);
  }
}
