// Thin layer over WebGL2: programs with their uniforms by name, textures, targets to draw into.
function makeProgram(gl, vertex, fragment) {
  const program = gl.createProgram();
  for (const [type, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const { name, type } = gl.getActiveUniform(program, i);
    uniforms[name] = { type, at: gl.getUniformLocation(program, name) };
  }
  return { program, uniforms };
}

// Uniforms by name; a texture is given as [texture, kind] and takes the next unit. Unknown names are left out.
function useProgram(gl, made, values) {
  gl.useProgram(made.program);
  let unit = 0;
  for (const [name, { type, at }] of Object.entries(made.uniforms)) {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for ${name}`);
    if (type === gl.FLOAT) gl.uniform1f(at, value);
    else if (type === gl.INT) gl.uniform1i(at, value);
    else if (type === gl.FLOAT_VEC2) gl.uniform2fv(at, value);
    else if (type === gl.FLOAT_VEC3) gl.uniform3fv(at, value);
    else {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(type === gl.SAMPLER_3D ? gl.TEXTURE_3D : gl.TEXTURE_2D, value);
      gl.uniform1i(at, unit++);
    }
  }
}

function texture3d(gl, dims, bytes) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_3D, made);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage3D(gl.TEXTURE_3D, 0, gl.RGBA8, ...dims, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  smooth(gl, gl.TEXTURE_3D);
  return made;
}

function texture2d(gl, width, height, bytes, filter = gl.LINEAR) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  smooth(gl, gl.TEXTURE_2D, filter);
  return made;
}

function smooth(gl, kind, filter = gl.LINEAR) {
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.texParameteri(kind, side, gl.CLAMP_TO_EDGE);
  gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, filter);
}

// A picture to draw into, with a depth that can be read.
function makeTarget(gl, width, height) {
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

function freeTarget(gl, target) {
  if (!target) return;
  gl.deleteTexture(target.colour); gl.deleteTexture(target.depth); gl.deleteFramebuffer(target.frame);
}

// Waits until what was asked for is drawn.
function finish(gl) { gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); }
