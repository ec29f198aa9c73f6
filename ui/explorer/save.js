// Pictures to take away: PNG at print resolution, SVG, a turntable as film.
const PRINT_INCHES = 7;

function saveMenu(app) {
  const select = element("select", { name: "save", "aria-label": "Save picture" }, element("option", { value: "" }, "Save picture…"));
  const act = { "PNG, 300 dpi": () => savePng(app, 300), "PNG, 600 dpi": () => savePng(app, 600), "SVG": () => saveSvg(app), "Turntable film (.webm)": () => saveFilm(app) };
  for (const name of Object.keys(act)) select.append(element("option", { value: name }, name));
  select.onchange = () => { const chosen = act[select.value]; select.value = ""; chosen?.(); };
  return element("div", { class: "group" }, select);
}

function hand(blob, name) {
  const url = URL.createObjectURL(blob), link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
const fileName = (app, ending) => `${app.config.file}_${app.config.channels.map((c) => c.name).join("_")}.${ending}`;

// All panes at a pixel ratio, as a canvas. The view stays as it is.
async function rendered(app, ratio) {
  const { gl } = app, most = gl.getParameter(gl.MAX_TEXTURE_SIZE), made = document.createElement("canvas"), ctx = made.getContext("2d");
  ratio = Math.min(ratio, most / Math.max(app.width, app.height));
  made.width = Math.round(app.width * ratio); made.height = Math.round(app.height * ratio);
  ctx.fillStyle = `rgb(${app.background.map((c) => Math.round(255 * c)).join(", ")})`;
  ctx.fillRect(0, 0, made.width, made.height);
  for (const pane of app.panes) {
    const w = Math.round(pane.w * ratio), h = Math.round(pane.h * ratio), target = makeTarget(gl, w, h), bytes = new Uint8Array(4 * w * h);
    if (pane.kind === "3d") {
      dotsBehind(app, pane, w, h);
      for (let y = 0; y < h; y += 24) {
        drawSurfaces(app, pane, target, w, h, [y, Math.min(y + 24, h)]);
        finish(gl);
        await new Promise((go) => setTimeout(go));
      }
    } else drawFlat(app, pane, target, w, h);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.frame);
    gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    freeTarget(gl, target);
    ctx.putImageData(upright(bytes, w, h), Math.round(pane.x * ratio), Math.round(pane.y * ratio));
  }
  return { made, ctx, ratio };
}

function upright(bytes, w, h) {
  const image = new ImageData(w, h);
  for (let y = 0; y < h; y++) image.data.set(bytes.subarray(4 * w * (h - 1 - y), 4 * w * (h - y)), 4 * w * y);
  return image;
}

async function savePng(app, dpi) {
  await busy(app, `Drawing at ${dpi} dpi`, async () => {
    const { made, ctx, ratio } = await rendered(app, PRINT_INCHES * dpi / app.width);
    ctx.scale(ratio, ratio);
    const pen = new CanvasPen(ctx, app);
    for (const pane of app.panes) decorate(app, pen, pane);
    const blob = await new Promise((go) => made.toBlob(go));
    hand(new Blob([withDpi(new Uint8Array(await blob.arrayBuffer()), made.width / PRINT_INCHES)], { type: "image/png" }), fileName(app, `${dpi}dpi.png`));
  });
}

async function saveSvg(app) {
  await busy(app, "Drawing the picture", async () => {
    const { made } = await rendered(app, Math.max(app.ratio, 2)), pen = new SvgPen(app);
    pen.image(0, 0, app.width, app.height, made.toDataURL());
    for (const pane of app.panes) decorate(app, pen, pane);
    const background = `rgb(${app.background.map((c) => Math.round(255 * c)).join(", ")})`;
    hand(new Blob([pen.done(app.width, app.height, background)], { type: "image/svg+xml" }), fileName(app, "svg"));
  });
}

// A PNG that says how many pixels an inch has, so that it is placed at its size in print.
function withDpi(png, dpi) {
  const perMetre = Math.round(dpi / 0.0254), chunk = new Uint8Array(21), view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set([0x70, 0x48, 0x59, 0x73], 4);  // pHYs
  view.setUint32(8, perMetre); view.setUint32(12, perMetre);
  chunk[16] = 1;
  let crc = -1;
  for (let i = 4; i < 17; i++) {
    crc ^= chunk[i];
    for (let k = 0; k < 8; k++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  view.setUint32(17, ~crc >>> 0);
  const out = new Uint8Array(png.length + 21);
  out.set(png.subarray(0, 33)); out.set(chunk, 33); out.set(png.subarray(33), 54);
  return out;
}

// One turn of the 3D pane, frame by frame, as .webm.
async function saveFilm(app) {
  await busy(app, "Filming one turn", async () => {
    const pane = app.panes.find((p) => p.kind === "3d"), w = 2 * Math.round(pane.w / 2), h = 2 * Math.round(pane.h / 2), made = document.createElement("canvas");
    made.width = w; made.height = h;
    const ctx = made.getContext("2d"), stream = made.captureStream(0), film = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 8e6 }), parts = [];
    film.ondataavailable = (event) => parts.push(event.data);
    film.start();
    const turn = app.view.turn, target = makeTarget(app.gl, w, h), bytes = new Uint8Array(4 * w * h), frames = 72;
    for (let i = 0; i < frames && !app.gone; i++) {
      app.view.turn = turn + 360 * i / frames;
      dotsBehind(app, pane, w, h);
      drawSurfaces(app, pane, target, w, h);
      app.gl.readPixels(0, 0, w, h, app.gl.RGBA, app.gl.UNSIGNED_BYTE, bytes);
      ctx.putImageData(upright(bytes, w, h), 0, 0);
      const pen = new CanvasPen(ctx, app);
      decorate(app, pen, { ...pane, x: 0, y: 0, w, h });
      stream.getVideoTracks()[0].requestFrame();
      await new Promise((go) => setTimeout(go, 55));
    }
    app.view.turn = turn;
    freeTarget(app.gl, target);
    await new Promise((go) => { film.onstop = go; film.stop(); });
    hand(new Blob(parts, { type: "video/webm" }), fileName(app, "webm"));
  });
}

async function busy(app, words, work) {
  const note = app.root.querySelector(".note");
  note.textContent = `${words} …`;
  clearTimeout(app.rest);
  app.task = null;
  app.busy = true;
  try { await work(); } finally { app.busy = false; note.textContent = ""; redraw(app); }
}
