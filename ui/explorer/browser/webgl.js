// Thin layer over WebGL2: programs with their uniforms by name, textures, targets to draw into.
/** @typedef {WebGL2RenderingContext} GL */
/** @typedef {number | readonly number[] | WebGLTexture | undefined} Uniform */
/** @typedef {Record<string, { type: number, at: WebGLUniformLocation | null }>} Uniforms */
/** @typedef {{ program: WebGLProgram, uniforms: Uniforms }} Program */
/**
 * @typedef {{ frame: WebGLFramebuffer, colour: WebGLTexture, depth: WebGLTexture, width: number,
 *   height: number }} Target
 */

/** @param {GL} gl @param {string} vertex @param {string} fragment @returns {Program} */
export function makeProgram(gl, vertex, fragment) {
  const program = gl.createProgram();
  /** @type {[number, string][]} */
  const shaders = [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]];
  for (const [type, text] of shaders) gl.attachShader(program, compiled(gl, type, text));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`The graphics program can't be linked: ${gl.getProgramInfoLog(program)}`);
  }
  /** @type {Uniforms} */
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const found = gl.getActiveUniform(program, i);
    if (found) uniforms[found.name] = { type: found.type, at: gl.getUniformLocation(program, found.name) };
  }
  return { program, uniforms };
}

/** @param {GL} gl @param {number} type @param {string} text */
function compiled(gl, type, text) {
  const shader = gl.createShader(type);
  if (!shader) throw new Error(`No shader of type ${type} can be made.`);
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
    throw new Error(`The shader can't be compiled: ${gl.getShaderInfoLog(shader)}`);
  }
  return shader;
}

/**
 * Uniforms by name; a texture takes the next unit. Each that the program has must be given, others are left out.
 * @param {GL} gl @param {Program} made @param {Record<string, Uniform>} values
 */
export function useProgram(gl, made, values) {
  gl.useProgram(made.program);
  let unit = 0;
  for (const [name, { type, at }] of Object.entries(made.uniforms)) {
    const value = values[name];
    if (value === undefined) throw new Error(`The graphics program needs a value of '${name}', found none.`);
    if (type === gl.FLOAT) gl.uniform1f(at, /** @type {number} */ (value));
    else if (type === gl.INT) gl.uniform1i(at, /** @type {number} */ (value));
    else if (type === gl.FLOAT_VEC2) gl.uniform2fv(at, /** @type {number[]} */ (value));
    else if (type === gl.FLOAT_VEC3) gl.uniform3fv(at, /** @type {number[]} */ (value));
    else {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(type === gl.SAMPLER_3D ? gl.TEXTURE_3D : gl.TEXTURE_2D, /** @type {WebGLTexture} */ (value));
      gl.uniform1i(at, unit++);
    }
  }
}

/** @param {GL} gl @param {readonly [number, number, number]} dims @param {Uint8Array} bytes  RGBA */
export function texture3d(gl, [width, height, depth], bytes) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_3D, made);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGBA8, width, height, depth, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  smooth(gl, gl.TEXTURE_3D);
  return made;
}

/**
 * @param {GL} gl @param {number} width @param {number} height @param {Uint8Array | null} bytes  RGBA; null: empty
 * @param {number} [filter]
 */
export function texture2d(gl, width, height, bytes, filter = gl.LINEAR) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  smooth(gl, gl.TEXTURE_2D, filter);
  return made;
}

/**
 * A picture that is drawn smaller than it is, too.
 * @param {GL} gl @param {ImageBitmap} bitmap
 */
export function pictureTexture(gl, bitmap) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  smooth(gl, gl.TEXTURE_2D);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
  gl.generateMipmap(gl.TEXTURE_2D);
  return made;
}

/** @param {GL} gl @param {number} kind @param {number} filter */
function smooth(gl, kind, filter = gl.LINEAR) {
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) {
    gl.texParameteri(kind, side, gl.CLAMP_TO_EDGE);
  }
  gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, filter);
}

/**
 * A picture to draw into, with a depth that can be read.
 * @param {GL} gl @param {number} width @param {number} height @returns {Target}
 */
export function makeTarget(gl, width, height) {
  const colour = texture2d(gl, width, height, null, gl.NEAREST), depth = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, depth);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.DEPTH_COMPONENT24, width, height, 0, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT, null);
  smooth(gl, gl.TEXTURE_2D, gl.NEAREST);
  const frame = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, colour, 0);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depth, 0);
  return { frame, colour, depth, width, height };
}

/** @param {GL} gl @param {Target | undefined} target */
export function freeTarget(gl, target) {
  if (!target) return;
  gl.deleteTexture(target.colour);
  gl.deleteTexture(target.depth);
  gl.deleteFramebuffer(target.frame);
}

/**
 * Waits until what was asked for is drawn.
 * @param {GL} gl
 */
export const finish = (gl) => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
