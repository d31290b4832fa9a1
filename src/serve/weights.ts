/** Bytes of a checkpoint's weights by how devices share them: from the headers where there are some, else from the configuration. */
import { overLayers, parametersOf, type Architecture } from "../estimate/architecture.js";
import type { WeightBytes } from "../estimate/step.js";

/** In bytes. */
export interface WeightClasses {
  /** Cut by tensor parallelism. */
  readonly divided: number;
  /** Kept by each device. */
  readonly replicated: number;
  /** Spread over the devices of expert parallelism. */
  readonly experts: number;
  /** Embedding and head. */
  readonly ends: number;
  /** Of layers that guess tokens; loaded only where they are used. */
  readonly drafting: number;
  /** Vision and audio, kept by each device. */
  readonly towers: number;
}

type WeightClass = keyof WeightClasses;
export const noWeights: WeightClasses = { divided: 0, replicated: 0, experts: 0, ends: 0, drafting: 0, towers: 0 };

export const totalOf = (w: WeightClasses): number => w.divided + w.replicated + w.experts + w.ends + w.drafting + w.towers;

const towers = /(?:^|\.)(?:visual|vision\w*|audio\w*|image_\w+|multi_modal_projector|mm_projector|v\.blk|mm\.)/;
const ends = /(?:embed_tokens|word_embeddings|lm_head|\bwte|token_embd|^embed\.|^head\.|^output\.weight|output_layer)/;
const routed = /experts\.|_exps\.|experts_/;
const kept =
  /norm|router|\bgate\.(?:weight|bias|e_score)|mlp\.gate\b|kv_a_proj|q_a_proj|indexer|compressor|\bwq_a|\bwkv\b|attn\.wk\b|hc_|ffn_gate_inp/;

/** How devices share a tensor, by its name; layers behind the decoder's own guess tokens. */
export function classOf(name: string, layers: number): WeightClass {
  if (towers.test(name)) return "towers";
  const layer = /(?:^|\.)(?:layers|blk|h)\.(\d+)\./.exec(name);
  if (/(?:^|\.)mtp\./.test(name) || (layer !== null && Number(layer[1]) >= layers)) return "drafting";
  if (ends.test(name)) return "ends";
  if (routed.test(name) && !/shared_expert/.test(name)) return "experts";
  return kept.test(name) ? "replicated" : "divided";
}

/** Parameters of layers that keep a state. Quantisers leave part of them in halves, as the 33 GB of Qwen3.6-27B in W8A8 tell; which part is not published, and all is counted. */
const recurrentOf = (a: Architecture): number => overLayers(a.layers, (l) => (l.mixer.kind === "recurrent" ? l.mixer.divided : 0));

/** From the configuration alone: each part at the bytes that its form gives it. */
export function weightsFromConfig(a: Architecture, bytes: WeightBytes): WeightClasses {
  const p = parametersOf(a);
  const stateful = recurrentOf(a);
  const routers = overLayers(a.layers, (l) => l.feed.experts?.router ?? 0);
  const copies = overLayers(a.layers, (l) => l.mixer.replicated + l.feed.replicated) + a.hidden;
  const split = overLayers(a.layers, (l) => l.mixer.divided + l.feed.divided + (l.feed.experts?.shared ?? 0));
  return {
    divided: (split - stateful) * bytes.dense + stateful * Math.max(2, bytes.dense),
    // Routers and norms stay as embedding and head do.
    replicated: copies * bytes.dense + routers * bytes.ends,
    experts: p.experts * bytes.experts,
    ends: (p.embedding + p.head) * bytes.ends,
    drafting: p.drafting * (p.experts > 0 ? bytes.experts : bytes.dense),
    towers: p.towers * bytes.ends,
  };
}

/** What becomes of the weights in another form, each class at its new width. */
export function converted(w: WeightClasses, a: Architecture, from: WeightBytes, to: WeightBytes): WeightClasses {
  const [was, will] = [from, to].map((bytes) => weightsFromConfig(a, bytes));
  const ratio = (c: WeightClass): number => (was[c] > 0 ? will[c] / was[c] : 1);
  return {
    ...w,
    divided: w.divided * ratio("divided"),
    replicated: w.replicated * ratio("replicated"),
    experts: w.experts * ratio("experts"),
    drafting: w.drafting * ratio("drafting"),
    ends: (w.ends * to.ends) / from.ends,
    towers: (w.towers * to.ends) / from.ends,
  };
}
