/**
 * What a decoder weighs, layer by layer: parameters, what it keeps of each token, and the products of one token. Read off a
 * configuration elsewhere; everything that sizes or times a model starts here.
 */

/** What a layer keeps of the tokens that it has seen. */
export interface Cache {
  readonly what: "keys-values" | "latent" | "index";
  /** Of one entry, over all heads. */
  readonly elements: number;
  /** Into how many parts tensor parallelism may cut an entry; 1 where each rank keeps all of it. */
  readonly heads: number;
  /** Tokens that share one entry. */
  readonly every: number;
  /** Tokens that are kept at most. */
  readonly window?: number;
  /** Entries that a step reads at most; absent where it reads all that are kept. */
  readonly reads?: number;
  /** Operations of one new token for one entry that it reads, over all heads. */
  readonly work: number;
  /** The same while a prompt is taken in, where that differs. */
  readonly workAtPrompt?: number;
}

export interface Experts {
  readonly count: number;
  readonly perToken: number;
  /** Parameters of one expert. */
  readonly each: number;
  /** Parameters of the experts that every token takes. */
  readonly shared: number;
  readonly router: number;
}

/** Calls of a library that one layer takes, roughly: what a step costs besides bytes and products. */
export interface Block {
  /** Parameters that tensor parallelism divides. */
  readonly divided: number;
  /** Parameters that each rank keeps. */
  readonly replicated: number;
  readonly calls: number;
}

export interface Mixer extends Block {
  readonly kind: "full" | "sliding" | "latent" | "compressed" | "recurrent";
  /** Heads of queries, by which tensor parallelism must divide. */
  readonly heads: number;
  readonly caches: readonly Cache[];
  /** What a recurrent layer keeps of a request, in bytes, whatever its length. */
  readonly stateBytes: number;
}

export interface Layer {
  readonly count: number;
  readonly mixer: Mixer;
  readonly feed: Block & { readonly experts?: Experts };
}

export interface Architecture {
  readonly hidden: number;
  readonly vocabulary: number;
  /** The head is the embedding once more. */
  readonly tied: boolean;
  readonly layers: readonly Layer[];
  /** Layers that guess further tokens; their heads and embeddings are the model's own. */
  readonly drafting: readonly Layer[];
  /** Parameters of vision or audio towers. */
  readonly towers: number;
}

interface Attention {
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly window?: number;
  /** Queries come with a gate of their size. */
  readonly gated?: boolean;
  /** Of queries, keys and values. */
  readonly biases?: boolean;
  readonly outBias?: boolean;
  readonly normed?: boolean;
  /** One logit a head that takes part of no token's weight. */
  readonly sinks?: boolean;
}

/** Grouped queries: `kvHeads` heads of keys and values for all heads of queries. */
export function attention(a: Attention): Mixer {
  const rows = a.headDim * (a.heads * (a.gated ? 2 : 1) + 2 * a.kvHeads);
  const out = a.headDim * a.heads * a.hidden;
  const small = (a.normed ? 2 * a.headDim : 0) + (a.outBias ? a.hidden : 0);
  const vectors = (a.biases ? rows : 0) + (a.sinks ? a.heads : 0);
  return {
    kind: a.window === undefined ? "full" : "sliding",
    heads: a.heads,
    divided: rows * a.hidden + out + vectors,
    replicated: small + a.hidden,
    calls: 9,
    caches: [
      {
        what: "keys-values",
        elements: 2 * a.kvHeads * a.headDim,
        heads: a.kvHeads,
        every: 1,
        ...(a.window !== undefined && { window: a.window }),
        work: 4 * a.heads * a.headDim,
      },
    ],
    stateBytes: 0,
  };
}

export interface Indexer {
  readonly heads: number;
  readonly dim: number;
  readonly topK: number;
}

interface Latent {
  readonly hidden: number;
  readonly heads: number;
  /** Absent where queries are projected at once. */
  readonly qRank?: number;
  readonly kvRank: number;
  readonly nope: number;
  readonly rope: number;
  readonly value: number;
  readonly indexer?: Indexer;
}

/** Keys and values from one latent vector a token, which every rank of tensor parallelism keeps whole, its part with positions included. */
export function latent(a: Latent): Mixer {
  const q = a.heads * (a.nope + a.rope);
  const down = a.hidden * (a.kvRank + a.rope) + (a.qRank === undefined ? 0 : a.hidden * a.qRank + a.qRank);
  const up = (a.qRank ?? a.hidden) * q + a.kvRank * a.heads * (a.nope + a.value) + a.heads * a.value * a.hidden;
  const index = a.indexer && {
    weights: (a.qRank ?? a.hidden) * a.indexer.heads * a.indexer.dim + a.hidden * (a.indexer.dim + a.indexer.heads) + 2 * a.indexer.dim,
    cache: { what: "index", elements: a.indexer.dim, heads: 1, every: 1, work: 2 * a.indexer.heads * a.indexer.dim } as const,
  };
  const reads = a.indexer && { reads: a.indexer.topK };
  const work = 2 * a.heads * (2 * a.kvRank + a.rope);
  const workAtPrompt = 2 * a.heads * (a.nope + a.rope + a.value);
  return {
    kind: "latent",
    heads: a.heads,
    divided: up,
    replicated: down + a.kvRank + a.hidden + (index?.weights ?? 0),
    calls: 14 + (index ? 6 : 0),
    caches: [
      { what: "latent", elements: a.kvRank + a.rope, heads: 1, every: 1, ...reads, work, workAtPrompt },
      ...(index ? [index.cache] : []),
    ],
    stateBytes: 0,
  };
}

interface Compressed {
  readonly hidden: number;
  readonly heads: number;
  readonly headDim: number;
  readonly qRank: number;
  readonly outRank: number;
  readonly outGroups: number;
  readonly window: number;
  /** Tokens that share an entry; 0 where the window is all that is kept. */
  readonly every: number;
  /** Picks entries; absent where all are read. */
  readonly indexer?: Indexer;
}

/** One head of keys that are the values too: the last tokens as they are, those before them several to an entry. */
export function compressed(a: Compressed): Mixer {
  const folded = a.every === 0 ? 0 : 2 * a.hidden * a.headDim * (a.indexer ? 2 : 1);
  const index = a.indexer ? a.qRank * a.indexer.heads * a.indexer.dim + a.hidden * (4 * a.indexer.dim + a.indexer.heads) : 0;
  const out = a.heads * a.headDim * a.outRank + a.outGroups * a.outRank * a.hidden;
  const work = 4 * a.heads * a.headDim;
  const recent: Cache = { what: "latent", elements: a.headDim, heads: 1, every: 1, window: a.window, work };
  const older: Cache = { what: "latent", elements: a.headDim, heads: 1, every: a.every, ...(a.indexer && { reads: a.indexer.topK }), work };
  const keys = a.indexer && {
    ...{ what: "index" as const, elements: a.indexer.dim, heads: 1, every: a.every },
    work: 2 * a.indexer.heads * a.indexer.dim,
  };
  return {
    kind: "compressed",
    heads: a.heads,
    divided: a.qRank * a.heads * a.headDim + out + a.heads,
    replicated: a.hidden * (a.qRank + a.headDim) + a.qRank + a.headDim + a.hidden + folded + index,
    calls: 22 + (a.indexer ? 8 : 0),
    caches: [recent, ...(a.every === 0 ? [] : [older]), ...(keys ? [keys] : [])],
    stateBytes: 0,
  };
}

interface Recurrent {
  readonly hidden: number;
  readonly heads: number;
  readonly parameters: number;
  /** Channels of the convolution in front, and tokens that it looks back. */
  readonly channels: number;
  readonly lookBack: number;
  /** Elements of the state, held in f32. */
  readonly state: number;
}

/** A layer that keeps a state of fixed size instead of its tokens: Gated DeltaNet, Kimi Delta Attention, Mamba and their kin. */
export function recurrent(a: Recurrent): Mixer {
  return {
    kind: "recurrent",
    heads: a.heads,
    divided: a.parameters,
    replicated: a.hidden,
    calls: 16,
    caches: [],
    stateBytes: 2 * a.channels * a.lookBack + 4 * a.state,
  };
}

/** A feed-forward layer of three matrices. */
export function dense(hidden: number, inner: number, matrices = 3): Layer["feed"] {
  return { divided: matrices * hidden * inner, replicated: hidden, calls: 4 };
}

interface Mixture {
  readonly hidden: number;
  readonly experts: number;
  readonly perToken: number;
  readonly inner: number;
  /** Inner width of all shared experts together. */
  readonly sharedInner?: number;
  /** Of the router, and of each expert. */
  readonly biases?: boolean;
  readonly sharedGate?: boolean;
  /** The router adds a correction to each expert's score. */
  readonly corrected?: boolean;
  readonly matrices?: number;
  /** Width in which routed experts work, between projections that every rank keeps. */
  readonly latent?: number;
}

/** A mixture of experts. */
export function mixture(m: Mixture): Layer["feed"] {
  const { hidden, inner, matrices = 3 } = m;
  const each = matrices * (m.latent ?? hidden) * inner + (m.biases ? 2 * inner + hidden : 0);
  const shared = 3 * hidden * (m.sharedInner ?? 0) + (m.sharedGate ? hidden : 0);
  const router = hidden * m.experts + (m.biases || m.corrected ? m.experts : 0);
  const experts = { count: m.experts, perToken: m.perToken, each, shared, router };
  const around = m.latent === undefined ? 0 : 2 * hidden * m.latent;
  return { divided: 0, replicated: hidden + around, calls: 11 + (shared > 0 ? 3 : 0), experts };
}

export interface Parameters {
  readonly total: number;
  /** Of one token: its experts alone, and no embedding but the head. */
  readonly active: number;
  readonly embedding: number;
  readonly head: number;
  readonly mixers: number;
  readonly feeds: number;
  readonly experts: number;
  readonly sharedExperts: number;
  readonly routers: number;
  readonly drafting: number;
  readonly towers: number;
}

const total = <T>(list: readonly T[], of: (x: T) => number): number => list.reduce((n, x) => n + of(x), 0);
export const overLayers = (layers: readonly Layer[], of: (l: Layer) => number): number => total(layers, (l) => l.count * of(l));

const blockSize = (b: Block): number => b.divided + b.replicated;

function layerSize({ mixer, feed: { experts, ...feed } }: Layer): number {
  const routed = experts ? experts.count * experts.each + experts.shared + experts.router : 0;
  return blockSize(mixer) + blockSize(feed) + routed;
}

const counted = new WeakMap<Architecture, Parameters>();

/** Parameters by part. */
export function parametersOf(a: Architecture): Parameters {
  const known = counted.get(a) ?? count(a);
  counted.set(a, known);
  return known;
}

function count(a: Architecture): Parameters {
  const of = (pick: (e: Experts) => number): number => overLayers(a.layers, (l) => (l.feed.experts ? pick(l.feed.experts) : 0));
  const embedding = a.vocabulary * a.hidden;
  const head = a.tied ? 0 : embedding;
  const mixers = overLayers(a.layers, (l) => blockSize(l.mixer));
  const feeds = overLayers(a.layers, (l) => blockSize(l.feed)) + a.hidden;
  const [experts, sharedExperts, routers] = [of((e) => e.count * e.each), of((e) => e.shared), of((e) => e.router)];
  // A drafting layer joins a token's embedding with the state before it.
  const drafting = overLayers(a.drafting, (l) => layerSize(l) + 2 * a.hidden ** 2 + 3 * a.hidden);
  const passed = mixers + feeds + sharedExperts + routers;
  return {
    total: embedding + head + passed + experts + drafting + a.towers,
    active: embedding + passed + of((e) => e.perToken * e.each),
    ...{ embedding, head, mixers, feeds, experts, sharedExperts, routers, drafting, towers: a.towers },
  };
}
