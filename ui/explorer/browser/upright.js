// What was drawn, as an image.

/**
 * The pixels of the target that is bound, from the top.
 * @param {WebGL2RenderingContext} gl @param {number} w @param {number} h
 */
export function upright(gl, w, h) {
  const bytes = new Uint8Array(4 * w * h), image = new ImageData(w, h);
  gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  for (let y = 0; y < h; y++) image.data.set(bytes.subarray(4 * w * (h - 1 - y), 4 * w * (h - y)), 4 * w * y);
  return image;
}
