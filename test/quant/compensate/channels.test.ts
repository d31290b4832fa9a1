/** Gains and shifts of channels: what they undo, that they never do harm on their own samples, and little on others. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { channelSums, fitChannels, type ChannelFit } from "../../../src/quant/compensate/channels.js";
import { randomSource } from "../../../src/verify/seeded.js";

const [channels, inner] = [3, 7];
const size = channels * inner;

type Change = (value: number, channel: number, noise: number) => number;

/** Samples of wanted results and what became of them. */
function samplesOf(seed: number, count: number, change: Change): readonly (readonly [number[], number[]])[] {
  const random = randomSource(seed);
  return Array.from({ length: count }, () => {
    const want = Array.from({ length: size }, (_, i) => random() - 0.5 + Math.floor(i / inner));
    return [want, want.map((w, i) => change(w, Math.floor(i / inner), random() - 0.5))] as const;
  });
}

const fitted = (samples: readonly (readonly [number[], number[]])[], isShifted: boolean): ChannelFit =>
  fitChannels(samples.map(([want, got]) => channelSums(want, got, { channels, inner }, undefined)), isShifted); // prettier-ignore

function errors(samples: readonly (readonly [number[], number[]])[], { gains, shifts }: ChannelFit): number[] {
  const out = new Array<number>(channels).fill(0);
  for (const [want, got] of samples)
    want.forEach((w, i) => {
      const c = Math.floor(i / inner);
      out[c] += (w - got[i] * gains[c] - shifts[c]) ** 2;
    });
  return out;
}

const nothing: ChannelFit = { gains: new Float64Array(channels).fill(1), shifts: new Float64Array(channels) };

test("what is the same in all samples is undone", () => {
  const samples = samplesOf(1, 5, (w, c) => (w - 0.3 * c) / (1 + 0.2 * c));
  const { gains, shifts } = fitted(samples, true);
  expect([...gains].map((g) => g.toFixed(6))).toEqual(["1.000000", "1.200000", "1.400000"]);
  expect([...shifts].map((s) => Math.abs(s).toFixed(2))).toEqual(["0.00", "0.30", "0.60"]);
});

test("no channel is worse on the samples than without, with shifts and without", () => {
  fc.assert(
    fc.property(
      ...[fc.nat(9999), fc.integer({ min: 1, max: 8 }), fc.boolean(), fc.double({ min: -1, max: 1, noNaN: true })],
      fc.double({ min: 0, max: 3, noNaN: true }),
      (seed, count, isShifted, shift, noise) => {
        const samples = samplesOf(seed, count, (w, c, n) => 0.9 * w + shift * c + noise * n);
        const [with_, without] = [errors(samples, fitted(samples, isShifted)), errors(samples, nothing)];
        with_.forEach((e, c) => expect(e).toBeLessThanOrEqual(without[c] * (1 + 1e-9) + 1e-12));
      },
    ),
    { numRuns: 200 },
  );
});

test("noise without a pattern is hardly followed, and one sample alone not at all", () => {
  const change: Change = (w, _, n) => w + 0.2 * n;
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const ratios = Array.from({ length: 40 }, (_, seed) => {
    const unseen = samplesOf(seed + 1000, 50, change);
    return total(errors(unseen, fitted(samplesOf(seed, 4, change), true))) / total(errors(unseen, nothing));
  });
  expect(total(ratios) / ratios.length).toBeLessThan(1.05);
  expect(fitted(samplesOf(3, 1, (w) => w / 2), true)).toEqual(nothing); // prettier-ignore
});

test("a channel with a NaN stays as it is, and one of zeros", () => {
  const samples = samplesOf(2, 4, (w, c) => (c === 0 ? NaN : c === 1 ? 0 : w / 2));
  const { gains, shifts } = fitted(samples, false);
  expect([...gains, ...shifts]).toEqual([1, 1, 2, 0, 0, 0]);
});
