/** The models that were measured, from their published configurations. */
import { attention, compressed, dense, latent, mixture, recurrent, type Architecture, type Layer } from "../architecture.js";

const stack = (count: number, mixer: Layer["mixer"], feed: Layer["feed"]): Layer => ({ count, mixer, feed });

interface Qwen {
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim?: number;
  readonly layers: number;
}

interface QwenDense extends Qwen {
  readonly inner: number;
  readonly vocabulary?: number;
  readonly tied?: boolean;
  /** Queries, keys and values with biases and without norms: before Qwen3. */
  readonly older?: boolean;
  readonly towers?: number;
}

const qwenMixer = ({ hidden, heads, kvHeads, headDim = 128 }: Qwen, older = false): Layer["mixer"] =>
  attention({ hidden, heads, kvHeads, headDim, normed: !older, biases: older });

function qwen(q: QwenDense): Architecture {
  return {
    ...{ hidden: q.hidden, vocabulary: q.vocabulary ?? 151936, tied: q.tied ?? false, drafting: [], towers: q.towers ?? 0 },
    layers: [stack(q.layers, qwenMixer(q, q.older), dense(q.hidden, q.inner))],
  };
}

function qwenMixture(q: Qwen & { readonly experts: number; readonly inner: number }): Architecture {
  const feed = mixture({ hidden: q.hidden, experts: q.experts, perToken: 8, inner: q.inner });
  return { hidden: q.hidden, vocabulary: 151936, tied: false, drafting: [], towers: 0, layers: [stack(q.layers, qwenMixer(q), feed)] };
}

const deepseekMixer = latent({ hidden: 7168, heads: 128, qRank: 1536, kvRank: 512, nope: 128, rope: 64, value: 128 });
const sparseMixer = latent({
  ...{ hidden: 7168, heads: 128, qRank: 1536, kvRank: 512, nope: 128, rope: 64, value: 128 },
  indexer: { heads: 64, dim: 128, topK: 2048 },
});
const deepseekFeed = mixture({ hidden: 7168, experts: 256, perToken: 8, inner: 2048, sharedInner: 2048, corrected: true });

function deepseek(mixer: Layer["mixer"]): Architecture {
  const layers = [stack(3, mixer, dense(7168, 18432)), stack(58, mixer, deepseekFeed)];
  return { hidden: 7168, vocabulary: 129280, tied: false, layers, drafting: [stack(1, mixer, deepseekFeed)], towers: 0 };
}

interface DeepseekV4 {
  readonly hidden: number;
  readonly heads: number;
  readonly qRank: number;
  readonly outGroups: number;
  readonly topK: number;
  readonly experts: number;
  readonly inner: number;
  /** Layers that keep the window alone, those of 128 tokens an entry, those of 4. */
  readonly layers: readonly [number, number, number];
}

function deepseekV4(d: DeepseekV4): Architecture {
  const shared = { hidden: d.hidden, heads: d.heads, headDim: 512, qRank: d.qRank, outRank: 1024, outGroups: d.outGroups, window: 128 };
  const feed = mixture({ hidden: d.hidden, experts: d.experts, perToken: 6, inner: d.inner, sharedInner: d.inner, corrected: true });
  const indexer = { heads: 64, dim: 128, topK: d.topK };
  const [recent, heavy, light] = [
    compressed({ ...shared, every: 0 }),
    compressed({ ...shared, every: 128 }),
    compressed({ ...shared, every: 4, indexer }),
  ];
  const layers = [stack(d.layers[0], recent, feed), stack(d.layers[1], heavy, feed), stack(d.layers[2], light, feed)];
  return { hidden: d.hidden, vocabulary: 129280, tied: false, layers, drafting: [stack(1, recent, feed)], towers: 0 };
}

const glmMixer = attention({ hidden: 4096, heads: 96, kvHeads: 8, headDim: 128, biases: true });
const glmFeed = mixture({ hidden: 4096, experts: 128, perToken: 8, inner: 1408, sharedInner: 1408, corrected: true });

const glm5Mixer = latent({
  ...{ hidden: 6144, heads: 64, qRank: 2048, kvRank: 512, nope: 192, rope: 64, value: 256 },
  indexer: { heads: 32, dim: 128, topK: 2048 },
});
const glm5Feed = mixture({ hidden: 6144, experts: 256, perToken: 8, inner: 2048, sharedInner: 2048, corrected: true });

const hyMixer = attention({ hidden: 4096, heads: 64, kvHeads: 8, headDim: 128, normed: true });
const hyFeed = mixture({ hidden: 4096, experts: 192, perToken: 8, inner: 1536, sharedInner: 1536, corrected: true });

const nextFeed = mixture({ hidden: 2048, experts: 512, perToken: 10, inner: 512, sharedInner: 512, sharedGate: true });
const nextDelta = recurrent({
  ...{ hidden: 2048, heads: 32, channels: 8192, lookBack: 3, state: 32 * 128 * 128 },
  parameters: 2048 * (2 * 2048 + 2 * 4096 + 64) + 8192 * 4 + 4096 * 2048 + 192,
});

export const measuredModels: Readonly<Record<string, Architecture>> = {
  "Qwen2-7B": qwen({ hidden: 3584, heads: 28, kvHeads: 4, layers: 28, inner: 18944, vocabulary: 152064, older: true }),
  "Qwen2.5-VL-7B": qwen({ hidden: 3584, heads: 28, kvHeads: 4, layers: 28, inner: 18944, vocabulary: 152064, older: true, towers: 676e6 }),
  "Qwen3-4B": qwen({ hidden: 2560, heads: 32, kvHeads: 8, layers: 36, inner: 9728, tied: true }),
  "Qwen3-8B": qwen({ hidden: 4096, heads: 32, kvHeads: 8, layers: 36, inner: 12288 }),
  "Qwen3-Embedding-8B": qwen({ hidden: 4096, heads: 32, kvHeads: 8, layers: 36, inner: 12288, vocabulary: 151665 }),
  "Qwen3-32B": qwen({ hidden: 5120, heads: 64, kvHeads: 8, layers: 64, inner: 25600 }),
  "Qwen3-30B-A3B": qwenMixture({ hidden: 2048, heads: 32, kvHeads: 4, layers: 48, experts: 128, inner: 768 }),
  "Qwen3-235B-A22B": qwenMixture({ hidden: 4096, heads: 64, kvHeads: 4, layers: 94, experts: 128, inner: 1536 }),
  "Qwen3-Coder-480B": qwenMixture({ hidden: 6144, heads: 96, kvHeads: 8, layers: 62, experts: 160, inner: 2560 }),
  "Qwen3-Next-80B-A3B": {
    ...{ hidden: 2048, vocabulary: 151936, tied: false, drafting: [], towers: 0 },
    layers: [
      stack(36, nextDelta, nextFeed),
      stack(12, attention({ hidden: 2048, heads: 16, kvHeads: 2, headDim: 256, gated: true, normed: true }), nextFeed),
    ],
  },
  "DeepSeek-V3": deepseek(deepseekMixer),
  "DeepSeek-V3.2": deepseek(sparseMixer),
  "DeepSeek-V4-Flash": deepseekV4({
    ...{ hidden: 4096, heads: 64, qRank: 1024, outGroups: 8, topK: 512, experts: 256, inner: 2048 },
    layers: [2, 20, 21],
  }),
  "DeepSeek-V4-Pro": deepseekV4({
    ...{ hidden: 7168, heads: 128, qRank: 1536, outGroups: 16, topK: 1024, experts: 384, inner: 3072 },
    layers: [0, 31, 30],
  }),
  "GLM-4.5-Air": {
    ...{ hidden: 4096, vocabulary: 151552, tied: false, towers: 0 },
    layers: [stack(1, glmMixer, dense(4096, 10944)), stack(45, glmMixer, glmFeed)],
    drafting: [stack(1, glmMixer, glmFeed)],
  },
  "GLM-5.2": {
    ...{ hidden: 6144, vocabulary: 154880, tied: false, towers: 0 },
    layers: [stack(3, glm5Mixer, dense(6144, 12288)), stack(75, glm5Mixer, glm5Feed)],
    drafting: [stack(1, glm5Mixer, glm5Feed)],
  },
  Hy3: {
    ...{ hidden: 4096, vocabulary: 120832, tied: false, towers: 0 },
    layers: [stack(1, hyMixer, dense(4096, 13312)), stack(79, hyMixer, hyFeed)],
    drafting: [stack(1, hyMixer, hyFeed)],
  },
};

/** Operations of one denoising step. HunyuanVideo of 720 x 1280 x 129: 60 blocks of width 3072 over 33 x 45 x 80 patches and 256 words, 50 steps. */
const patches = 33 * 45 * 80 + 256;
export const denoising = {
  steps: 50,
  products: 60 * 12 * 3072 ** 2 * 2 * patches,
  attention: 60 * 4 * 3072 * patches ** 2,
} as const;
