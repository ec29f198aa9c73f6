// What draws lines and words over the panes: on a canvas, or as SVG.
const haloOf = (app) => app.figure ? "rgba(255, 255, 255, 0.8)" : "rgba(14, 17, 23, 0.75)";

class CanvasPen {
  constructor(ctx, app) { this.ctx = ctx; this.font = getComputedStyle(app.root).fontFamily; this.halo = haloOf(app); }
  line(points, colour, width = 1, dash = []) {
    const c = this.ctx;
    c.strokeStyle = colour; c.lineWidth = width; c.setLineDash(dash);
    c.beginPath();
    points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
    c.stroke();
    c.setLineDash([]);
  }
  text(x, y, words, colour, { size = 12, align = "left", weight = 400, turn = 0 } = {}) {
    const c = this.ctx;
    c.save();
    c.translate(x, y); c.rotate(turn);
    c.font = `${weight} ${size}px ${this.font}`; c.textAlign = align; c.fillStyle = colour; c.textBaseline = "alphabetic";
    c.strokeStyle = this.halo; c.lineWidth = 3; c.lineJoin = "round";
    c.strokeText(words, 0, 0);
    c.fillText(words, 0, 0);
    c.restore();
  }
  width(words, size, weight = 400) { this.ctx.font = `${weight} ${size}px ${this.font}`; return this.ctx.measureText(words).width; }
  plate(x, y, w, h, colour) { this.ctx.fillStyle = colour; this.ctx.beginPath(); this.ctx.roundRect(x, y, w, h, 4); this.ctx.fill(); }
  disc(x, y, r, fill, stroke) {
    const c = this.ctx;
    c.beginPath(); c.arc(x, y, r, 0, 7); c.fillStyle = fill; c.fill();
    if (stroke) { c.strokeStyle = stroke; c.lineWidth = 1.5; c.stroke(); }
  }
  bar(x, y, w, h, colours) {
    const g = this.ctx.createLinearGradient(0, y + h, 0, y);
    colours.forEach((one, i) => g.addColorStop(i / (colours.length - 1), one));
    this.ctx.fillStyle = g; this.ctx.fillRect(x, y, w, h);
  }
  clip(x, y, w, h, within) {
    this.ctx.save(); this.ctx.beginPath(); this.ctx.rect(x, y, w, h); this.ctx.clip();
    within();
    this.ctx.restore();
  }
}

class SvgPen {
  constructor(app) { this.parts = []; this.gradients = 0; this.clips = 0; this.halo = haloOf(app); }
  line(points, colour, width = 1, dash = []) {
    const path = points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" ");
    this.parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dash.join(" ")}"/>`);
  }
  text(x, y, words, colour, { size = 12, align = "left", weight = 400, turn = 0 } = {}) {
    const safe = words.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
    const anchor = { left: "start", right: "end", center: "middle" }[align];
    this.parts.push(`<text transform="translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${turn * 180 / Math.PI})" fill="${colour}" font-size="${size}" ` +
      `font-family="Helvetica, Arial, sans-serif" font-weight="${weight}" text-anchor="${anchor}" stroke="${this.halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke">${safe}</text>`);
  }
  width(words, size, weight = 400) { return words.length * size * (weight > 400 ? 0.58 : 0.54); }  // about that of Helvetica
  plate(x, y, w, h, colour) { this.parts.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="4" fill="${colour}"/>`); }
  disc(x, y, r, fill, stroke) {
    this.parts.push(`<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" stroke="${stroke || "none"}" stroke-width="1.5"/>`);
  }
  bar(x, y, w, h, colours) {
    const id = `bar${this.gradients++}`, stops = colours.map((one, i) => `<stop offset="${i / (colours.length - 1)}" stop-color="${one}"/>`).join("");
    this.parts.push(`<linearGradient id="${id}" x1="0" y1="1" x2="0" y2="0">${stops}</linearGradient>` +
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="url(#${id})"/>`);
  }
  image(x, y, w, h, url) { this.parts.push(`<image x="${x}" y="${y}" width="${w}" height="${h}" href="${url}"/>`); }
  clip(x, y, w, h, within) {
    const id = `pane${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${x}" y="${y}" width="${w}" height="${h}"/></clipPath><g clip-path="url(#${id})">`);
    within();
    this.parts.push("</g>");
  }
  done(width, height, background) {
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="${background}"/>${this.parts.join("\n")}</svg>`;
  }
}
