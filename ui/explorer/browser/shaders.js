// What the graphics processor runs. Positions are µm; texel values are 0 to 1 over each channel's own range.
export const SCREEN = `#version 300 es
in vec2 corner; out vec2 place;
void main() { place = corner; gl_Position = vec4(corner, 0., 1.); }`;

const FIELD = `#version 300 es
precision highp float; precision highp int; precision highp sampler3D;
in vec2 place; out vec4 colour;
uniform sampler3D field, trust, spread;  // three channels and the tissue; their known shares; their sd
uniform sampler2D palette;
uniform vec3 low, high, origin, inverse, background, unknown;
uniform vec3 tint0, tint1, tint2;
uniform vec3 level, from, over, zero, used;  // of each channel, in texels
uniform int channel, blend, layer, doubt;
uniform float least;

vec4 at(vec3 p) { return texture(field, (p - origin) * inverse); }
vec3 knownAt(vec3 p) { return texture(trust, (p - origin) * inverse).rgb; }
vec3 tintOf(int c) { return c == 0 ? tint0 : c == 1 ? tint1 : tint2; }
vec3 mapped(float share) { return texture(palette, vec2((clamp(share, 0., 1.) * 255. + .5) / 256., .5)).rgb; }
bool outside(vec3 p) { return any(lessThan(p, low - .001)) || any(greaterThan(p, high + .001)); }

// Colour of a place on a plane, and how much of it is tissue.
vec4 painted(vec3 p, float soft, float stripe) {
  vec4 f = at(p);
  if (outside(p)) return vec4(background, 0.);
  float tissue = smoothstep(.5 - soft, .5 + soft, f.a);
  vec3 share = clamp((max(f.rgb, zero) - from) * over, 0., 1.) * used;
  vec3 known = doubt > 0 || layer == 1 ? knownAt(p) : vec3(1.);
  vec3 shown = doubt == 2 ? step(least, known) : vec3(1.);
  vec3 made;
  float weak;
  if (blend == 1) {
    share *= shown;
    made = share.r * tint0 + share.g * tint1 + share.b * tint2;
    weak = dot(known * used, vec3(1.)) / max(dot(used, vec3(1.)), 1.);
  } else {
    float s = blend == 2 ? dot(share, vec3(1.)) / max(dot(used, vec3(1.)), 1.) : share[channel];
    weak = blend == 2 ? dot(known * used, vec3(1.)) / max(dot(used, vec3(1.)), 1.) : known[channel];
    if (layer == 1) s = weak;
    if (layer == 2) s = texture(spread, (p - origin) * inverse)[channel];
    made = mapped(s);
    if (doubt == 2 && weak < least) tissue = 0.;
  }
  if (doubt == 1 && layer == 0 && weak < least) made = mix(made, unknown, stripe);
  return vec4(mix(background, made, tissue), tissue);
}`;

export const SLICE = FIELD + `
uniform vec3 centre, u, v;  // u and v reach from the centre to the border of the pane
void main() {
  vec3 p = centre + u * place.x + v * place.y;
  float soft = clamp(fwidth(at(p).a), .004, .2);
  float stripe = step(.5, fract((gl_FragCoord.x + gl_FragCoord.y) / 9.)) * .75;
  colour = vec4(painted(p, soft, stripe).rgb, 1.);
}`;

export const SURFACES = FIELD + `
uniform vec3 right, up, eye, middle, planePoint, planeNormal;
uniform vec2 reach2;
uniform float stretch, reach, pace, opacity, safe;
uniform int plane, outline, dots, pick;
uniform sampler2D dotColour, dotDepth;

vec3 slope(vec3 p, int c) {
  vec3 g, e = .75 / (inverse * vec3(textureSize(field, 0)));
  for (int d = 0; d < 3; d++) {
    vec3 q = vec3(0.); q[d] = e[d];
    g[d] = (at(p + q)[c] - at(p - q)[c]) / e[d];
  }
  g.z /= stretch;
  return normalize(g + 1e-9);
}
vec3 lit(vec3 paint, vec3 n) {
  n = dot(n, eye) < 0. ? -n : n;
  vec3 light = normalize(eye + .55 * up - .45 * right);
  float d = max(dot(n, light), 0.), s = pow(max(dot(n, normalize(light + eye)), 0.), 28.);
  return paint * (.3 + .74 * d) + .2 * s;
}
void main() {
  vec3 squash = vec3(1., 1., 1. / stretch), box = (low + high) * .5;
  vec3 from3 = box + (middle + right * place.x * reach2.x + up * place.y * reach2.y + eye * reach) * squash;
  vec3 along = -eye * squash, safeAlong = along + vec3(1e-7) * step(abs(along), vec3(1e-7));
  vec3 a = (low - from3) / safeAlong, b = (high - from3) / safeAlong, near3 = min(a, b), far3 = max(a, b);
  float near = max(max(near3.x, near3.y), near3.z), far = min(min(far3.x, far3.y), far3.z);
  vec3 face = vec3(equal(near3, vec3(near)));
  vec4 seen = vec4(0.);  // colour so far, and how much of the ray is used up
  float behind = 2. * reach;
  vec3 back = background;
  if (dots == 1) {
    vec2 here = place * .5 + .5;
    float d = texture(dotDepth, here).r;
    if (d < 1.) { behind = d * 2. * reach; back = texture(dotColour, here).rgb; }
  }
  float hit = -1.;
  float slant = dot(along, planeNormal);
  float cut = plane == 1 && abs(slant) > 1e-6 ? dot(planePoint - from3, planeNormal) / slant : -1.;
  if (near < far) {
    far = min(far, behind);
    float jitter = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453);
    float t = near + 1e-3, last = t;
    vec4 s0 = vec4(-1.);
    for (int i = 0; i < 700; i++) {
      if (t >= far || seen.a > .985) break;
      vec3 p = from3 + along * t;
      vec4 f = at(p);
      vec3 value = f.rgb - level;
      if (doubt == 2) value = min(value, knownAt(p) - least);
      vec4 s = vec4(min(value, vec3(f.a - .5)), f.a - .5);
      s.rgb = mix(vec3(-1.), s.rgb, used);
      if (cut > last && cut <= t) {
        vec3 q = from3 + along * cut;
        vec4 made = painted(q, .02, .75 * step(.5, fract(dot(q, vec3(1., 1., 1.)) / (safe * 1.5))));
        float strength = made.a * .96 * (1. - seen.a);
        seen += vec4(made.rgb * strength, strength);
        if (made.a > .5 && hit < 0.) hit = cut;
      }
      for (int c = 0; c < 4; c++) {
        if ((s0[c] > 0.) == (s[c] > 0.)) continue;
        if (c == 3 && outline == 0 || c < 3 && used[c] < .5) continue;
        float th = t, lower = last, upper = t;
        vec3 q = p;
        bool edge = c == 3;
        for (int k = 0; k < 4 && i > 0; k++) {
          th = .5 * (lower + upper); q = from3 + along * th;
          vec4 g = at(q);
          float v = c == 3 ? 1. : g[c] - level[c];
          if (c < 3 && doubt == 2) v = min(v, knownAt(q)[c] - least);
          edge = c == 3 || g.a - .5 < v;
          if ((min(v, g.a - .5) > 0.) == (s0[c] > 0.)) lower = th; else upper = th;
        }
        vec3 n = i == 0 ? face : slope(q, edge ? 3 : c);
        float strength;
        vec3 made;
        if (c == 3) {
          float grazing = 1. - abs(dot(n, eye));
          made = unknown * 2.2; strength = .05 + .3 * grazing * grazing * grazing;
        } else {
          vec3 paint = tintOf(c);
          if (doubt == 1) paint = mix(unknown, paint, knownAt(q)[c]);
          made = lit(paint, n); strength = opacity;
          if (hit < 0.) hit = th;
        }
        strength *= 1. - seen.a;
        seen += vec4(made * strength, strength);
      }
      s0 = s; last = t;
      float stride = f.a < .01 ? max(pace, safe) : pace;
      t += i == 0 ? stride * (.35 + .65 * jitter) : stride;
    }
  }
  if (pick == 1) {
    float d = hit < 0. ? (behind < 2. * reach ? behind : -1.) : hit;
    float share = d / (2. * reach);
    vec3 digits = fract(share * vec3(1., 255., 65025.));  // three bytes, the coarsest first
    colour = d < 0. ? vec4(0.) : vec4(digits - vec3(digits.yz, 0.) / 255., 1.);
    return;
  }
  colour = vec4(seen.rgb + (1. - seen.a) * back, 1.);
}`;

export const DOTS = `#version 300 es
in vec3 spot; in float amount, section;
out float share;
uniform vec3 right, up, eye, middle, box, planePoint, planeNormal;
uniform vec2 reach2;
uniform float stretch, reach, size, slab, only;
void main() {
  vec3 q = (spot - box) * vec3(1., 1., stretch);
  vec3 seen = vec3(dot(q - middle, right) / reach2.x, dot(q - middle, up) / reach2.y, -dot(q, eye) / reach);
  bool left = slab >= 0. && (only >= 0. ? abs(section - only) > .5 : abs(dot(spot - planePoint, planeNormal)) > slab);
  gl_Position = left ? vec4(2., 2., 2., 1.) : vec4(seen, 1.);
  gl_PointSize = size; share = amount;
}`;

export const PICTURES = `#version 300 es
out vec2 where; out vec3 spot;
uniform vec3 right, up, eye, middle, box, corner;
uniform vec2 reach2, across, along;
uniform float stretch;
void main() {
  where = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  spot = corner + vec3(across * where.x + along * where.y, 0.);
  vec3 q = (spot - box) * vec3(1., 1., stretch);
  gl_Position = vec4(dot(q - middle, right) / reach2.x, dot(q - middle, up) / reach2.y, 0., 1.);
}`;

export const PICTURE = `#version 300 es
precision highp float;
in vec2 where; in vec3 spot; out vec4 colour;
uniform sampler2D picture; uniform vec3 planePoint, planeNormal, background; uniform float slab, strength;
void main() {
  if (slab >= 0. && abs(dot(spot - planePoint, planeNormal)) > slab) discard;
  colour = vec4(mix(background, texture(picture, where).rgb, strength), 1.);
}`;

export const DOT = `#version 300 es
precision highp float;
in float share; out vec4 colour;
uniform sampler2D palette; uniform vec3 grey; uniform float from, over; uniform int coloured;
void main() {
  if (length(gl_PointCoord - .5) > .5) discard;
  float s = clamp((share - from) * over, 0., 1.);
  colour = vec4(coloured == 1 ? texture(palette, vec2((s * 255. + .5) / 256., .5)).rgb : grey, 1.);
}`;
