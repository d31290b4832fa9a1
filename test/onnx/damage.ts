/** Seeded damage to model files: what disks, networks and attackers do to them. */

/** mulberry32. */
export function random(seed: number): () => number {
  let h = seed >>> 0;
  return () => {
    h = (h + 0x6d2b79f5) | 0;
    let t = Math.imul(h ^ (h >>> 15), 1 | h);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Damage = (bytes: Uint8Array, next: () => number) => Uint8Array;

const at = (length: number, next: () => number): number => Math.floor(next() * length);

const flipBits: Damage = (bytes, next) => {
  const out = new Uint8Array(bytes);
  for (let n = 1 + at(3, next); n > 0; n--) out[at(out.length, next)] ^= 1 << at(8, next);
  return out;
};

const overwrite: Damage = (bytes, next) => {
  const out = new Uint8Array(bytes);
  for (let n = 1 + at(4, next); n > 0; n--) out[at(out.length, next)] = at(256, next);
  return out;
};

const truncate: Damage = (bytes, next) => bytes.slice(0, at(bytes.length, next));

const splice = (bytes: Uint8Array, where: number, cut: number, put: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length - cut + put.length);
  out.set(bytes.subarray(0, where));
  out.set(put, where);
  out.set(bytes.subarray(where + cut), where + put.length);
  return out;
};

/** A length or a dimension of absurd size in place of some byte. */
const hostileLength: Damage = (bytes, next) => {
  const huge = [
    [0xff, 0xff, 0xff, 0xff, 0x07],
    [0xff, 0xff, 0xff, 0xff, 0x0f],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x80, 0x80, 0x80, 0x80, 0x08],
  ];
  return splice(bytes, at(bytes.length, next), 1, Uint8Array.from(huge[at(huge.length, next)]));
};

/** Some stretch of the file again, elsewhere: duplicate names, nodes out of order, fields in odd places. */
const transplant: Damage = (bytes, next) => {
  const from = at(bytes.length, next);
  const piece = bytes.slice(from, from + 1 + at(64, next));
  const to = at(bytes.length, next);
  return splice(bytes, to, Math.min(at(2, next) * piece.length, bytes.length - to), piece);
};

function tagged(field: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = body.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) break;
  }
  return Uint8Array.from([field * 8 + 2, ...length, ...body]);
}

/** An If inside an If inside an If, or an optional of optionals, far deeper than any reader goes. */
const nest: Damage = (bytes, next) => {
  const layers = next() < 0.5 ? [6, 5, 1] : [1, 9];
  let body = new Uint8Array(0);
  for (let n = 20 + at(200, next); n > 0; n--) for (const field of layers) body = new Uint8Array(tagged(field, body));
  const graph = layers.length === 3 ? body : tagged(11, tagged(2, body));
  return splice(bytes, bytes.length, 0, tagged(7, graph));
};

const damages: readonly Damage[] = [flipBits, overwrite, truncate, hostileLength, hostileLength, transplant, nest];

/** The damaged file of a seed; the same for the same bytes and seed. */
export function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const next = random(seed);
  let out = damages[seed % damages.length](bytes, next);
  while (next() < 0.15 && out.length > 0) out = damages[at(damages.length - 1, next)](out, next);
  return out;
}
