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

function turntable(app) {
  app.turning = !app.turning;
  tie(app);
  const step = () => {
    if (!app.turning || app.gone) return;
    if (!app.held && !app.busy) { app.view.turn = (app.view.turn + 1.2) % 360; redraw(app, ["3d"]); }
    setTimeout(step, 50);
  };
  if (app.turning) step(); else changed(app, true, ["3d"]);
}

// One turn of the 3D pane as .webm. All pictures are drawn first and then shown to the recorder at their pace, so that the
// film is equally long on every machine.
const FILM_S = 8, FILM_FPS = 12;

async function saveFilm(app) {
  if (app.film) return;
  const film = app.film = { stopped: false, pictures: [] };
  await busy(app, "Filming one turn", async (say) => {
    await drawFilm(app, film, say);
    const blob = film.stopped ? null : await recorded(film, say);
    for (const picture of film.pictures) picture.close();
    if (blob) hand(blob, fileName(app, "webm"));
  }).finally(() => { app.film = null; });
}

async function drawFilm(app, film, say) {
  const pane = app.panes.find((p) => p.kind === "3d"), w = 2 * Math.round(pane.w / 2), h = 2 * Math.round(pane.h / 2), made = new OffscreenCanvas(w, h);
  const ctx = made.getContext("2d"), target = makeTarget(app.gl, w, h), bytes = new Uint8Array(4 * w * h), frames = FILM_S * FILM_FPS;
  const shot = Object.assign(Object.create(app), { view: structuredClone(app.view) }), turn = shot.view.turn, placed = { ...pane, x: 0, y: 0, w, h };  // the view on the page stays
  for (let i = 0; i < frames && !app.gone && !film.stopped; i++) {
    shot.view.turn = turn + 360 * i / frames;
    dotsBehind(shot, placed, w, h);
    drawSurfaces(shot, placed, target, w, h);
    app.gl.readPixels(0, 0, w, h, app.gl.RGBA, app.gl.UNSIGNED_BYTE, bytes);
    ctx.putImageData(upright(bytes, w, h), 0, 0);
    decorate(shot, new CanvasPen(ctx, shot), placed);
    film.pictures.push(made.transferToImageBitmap());
    say(`Filming one turn: ${Math.round(80 * (i + 1) / frames)} % (Esc or a click on the picture cancels)`);
    await new Promise((go) => setTimeout(go));
  }
  film.stopped ||= app.gone;
  freeTarget(app.gl, target);
}

// The recorder dates pictures by the clock, so each is shown when it is due.
async function recorded(film, say) {
  const { pictures } = film, made = document.createElement("canvas"), ctx = made.getContext("2d"), parts = [];
  made.width = pictures[0].width; made.height = pictures[0].height;
  const stream = made.captureStream(0), recorder = new MediaRecorder(stream, { mimeType: "video/webm", videoBitsPerSecond: 8e6 });
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start();
  const start = performance.now();
  for (let i = 0; i < pictures.length && !film.stopped; i++) {
    ctx.drawImage(pictures[i], 0, 0);
    stream.getVideoTracks()[0].requestFrame();
    say(`Filming one turn: ${Math.round(80 + 20 * (i + 1) / pictures.length)} % (Esc or a click on the picture cancels)`);
    await new Promise((go) => setTimeout(go, start + 1000 * (i + 1) / FILM_FPS - performance.now()));
  }
  await new Promise((go) => { recorder.onstop = go; recorder.stop(); });
  return film.stopped ? null : new Blob(parts, { type: "video/webm" });
}

async function busy(app, words, work) {
  const note = app.root.querySelector(".note");
  note.textContent = `${words} …`;
  clearTimeout(app.rest);
  app.task = null;
  app.busy = true;
  try { await work((text) => { note.textContent = text; }); } finally { app.busy = false; note.textContent = ""; redraw(app); }
}
