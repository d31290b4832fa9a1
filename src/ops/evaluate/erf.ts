/** The error function in double precision, from the rational approximations of W. J. Cody, Math. Comp. 23 (1969) 631-637. */

const A = [3.1611237438705656, 113.864154151050156, 377.485237685302021, 3209.37758913846947, 0.185777706184603153];
const B = [23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062];
const C = [
  0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131, 881.95222124176909, 1712.04761263407058,
  2051.07837782607147, 1230.33935479799725, 2.15311535474403846e-8,
];
const D = [
  15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019, 3290.79923573345963, 4362.61909014324716,
  3439.36767414372164, 1230.33935480374942,
];
const P = [
  0.305326634961232344, 0.360344899949804439, 0.125781726111229246, 0.0160837851487422766, 6.58749161529837803e-4, 0.0163153871373020978,
];
const Q = [2.56852019228982242, 1.87295284992346047, 0.527905102951428412, 0.0605183413124413191, 0.00233520497626869185];

/** sum of the first coefficients by Horner, the last entry leading for the numerator. */
function numerator(c: readonly number[], y: number): number {
  let out = c[c.length - 1] * y;
  for (let i = 0; i < c.length - 2; i++) out = (out + c[i]) * y;
  return out + c[c.length - 2];
}

function denominator(c: readonly number[], y: number): number {
  let out = y;
  for (let i = 0; i < c.length - 1; i++) out = (out + c[i]) * y;
  return out + c[c.length - 1];
}

function complement(y: number): number {
  const sq = Math.floor(y * 16) / 16;
  const scale = Math.exp(-sq * sq) * Math.exp(-(y - sq) * (y + sq));
  if (y <= 4) return (scale * numerator(C, y)) / denominator(D, y);
  if (y > 26.5) return 0;
  const inverse = 1 / (y * y);
  const tail = (inverse * numerator(P, inverse)) / denominator(Q, inverse);
  return (scale * (0.56418958354775628695 - tail)) / y;
}

export function erf(x: number): number {
  const y = Math.abs(x);
  if (x !== x) return NaN;
  if (y <= 0.46875) return (x * numerator(A, y * y)) / denominator(B, y * y);
  const out = 1 - complement(y);
  return x < 0 ? -out : out;
}
