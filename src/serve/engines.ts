/**
 * Engines that serve decoders on these chips: where each runs, which forms and families its own pages name, and how it hands
 * out memory. Versions are those whose documents were read, with their day.
 */
import { goesBy, lacksBf16 } from "../chips/facts.js";
import type { ChipRow } from "../chips/row.js";
import type { CacheBytes } from "../estimate/cache.js";
import type { MeasuredEngine } from "../estimate/measured/row.js";
import type { WordKey } from "../words/words.js";
import type { FloatType } from "./read-config.js";
import { namedForms, plain, type Form } from "./form.js";

export type EngineKey = "vllm-ascend" | "sglang" | "mindie" | "cann-recipes" | "chitu" | "xllm" | "vllm-mlu" | "vllm-kunlun" | "fastdeploy";

/** What an engine does with a form: serves it, serves it once it is converted, or does neither. */
export type Answer = "accepted" | "converted" | "refused" | "unknown";

/** The case that a rule is asked about. */
export interface Asked {
  readonly form: Form;
  readonly family: string;
  readonly chip: ChipRow;
  readonly mixture: boolean;
  /** Type of floats that the configuration names. */
  readonly dtype?: FloatType;
}

export interface Rule {
  readonly when: (a: Asked) => boolean;
  readonly answer: Answer;
  readonly why: WordKey;
  /** The form in memory, where that is another. */
  readonly becomes?: Form;
}

export interface Engine {
  readonly key: EngineKey;
  readonly name: string;
  readonly version: string;
  readonly date: string;
  readonly source: string;
  /** Chips and series that its pages name. */
  readonly chips: readonly string[];
  /** Those that it names without more: a claim, or work in progress. */
  readonly doubtful?: readonly string[];
  /** Families that its pages name. */
  readonly families: RegExp;
  /** Asked in order; the first that fits answers. Nothing fits: the form is refused. */
  readonly rules: readonly Rule[];
  /** Share of a device's memory that it takes: unless told otherwise, and at most in recipes. */
  readonly fraction: { readonly usual: number; readonly most: number };
  /** Tokens of a block of cache. */
  readonly block: number;
  /** Buffer of a group of devices for each direction, unless told otherwise and at most in recipes, in MiB. */
  readonly buffers: { readonly usual: number; readonly most: number };
  /** Further buffers of expert parallelism, in MiB. */
  readonly expertBuffers: number;
  /** What it makes of floats of four bytes when it loads them, unless the configuration names halves; absent where its documents do not tell. */
  readonly halves?: "f16" | "bf16";
  /** Bytes of scales beside each head of a cache in 8 bits, where its documents or its code tell: none of constants of a channel. */
  readonly cacheScales?: CacheBytes["scales"];
  /** Chips on which it may hold a full mask of a request's length. */
  readonly fullMask?: readonly string[];
  /** Its pages cut a model into stages; others share a layer over machines where one machine is too small. */
  readonly stages?: true;
  /** The name under which it was measured. */
  readonly measured?: MeasuredEngine;
}

const of =
  (...containers: readonly Form["container"][]): Rule["when"] =>
  ({ form }) =>
    containers.includes(form.container);

const and =
  (a: Rule["when"], b: Rule["when"]): Rule["when"] =>
  (asked) =>
    a(asked) && b(asked);

const on =
  (...names: readonly string[]): Rule["when"] =>
  ({ chip }) =>
    goesBy(chip, names);

const not =
  (a: Rule["when"]): Rule["when"] =>
  (asked) =>
    !a(asked);

const halvesAlone: Rule["when"] = ({ chip }) => lacksBf16(chip);

const dense: Rule["when"] = ({ mixture }) => !mixture;
const asymmetric: Rule["when"] = ({ form }) => form.symmetric === false;
const narrow: Rule["when"] = ({ form }) => form.bits < 8 && form.activationBits > 8;
const integers: Rule["when"] = ({ form }) => !form.floats;
const narrowCache: Rule["when"] = ({ form }) => form.cacheBits < 16;

const accepts = (when: Rule["when"], why: WordKey = "engine.form-named", becomes?: Form): Rule => {
  return { when, answer: "accepted", why, ...(becomes && { becomes }) };
};
const converts = (when: Rule["when"], why: WordKey, becomes: Form): Rule => ({ when, answer: "converted", why, becomes });
const refuses = (when: Rule["when"], why: WordKey): Rule => ({ when, answer: "refused", why });
const doubts = (when: Rule["when"], why: WordKey): Rule => ({ when, answer: "unknown", why });

/** Converters of Ascend write eight bits from what they read in halves. */
const toEight: readonly Rule[] = [
  converts(of("gptq", "awq", "auto-round"), "convert.int4-to-w8a8", namedForms.w8a8),
  converts(of("fp8"), "convert.fp8-to-w8a8", namedForms.w8a8),
  converts(of("mxfp4"), "convert.mxfp4-to-bf16", plain),
  converts(of("gguf"), "convert.gguf-to-w8a8", namedForms.w8a8),
];

const vllmAscend: Engine = {
  ...{ key: "vllm-ascend", name: "vllm-ascend", version: "0.23.0", date: "2026-08-16", measured: "vllm-ascend" },
  source: "vllm-project/vllm-ascend docs/source/installation.md, user_guide",
  chips: ["A2", "A3", "950", "310P"],
  families: /^qwen2$|^qwen2_5_vl|^qwen3(?:_moe|_next|_5|$)|^deepseek_v3|^deepseek_v32|^deepseek_v4|^kimi_k2|^glm_moe_dsa|^gpt_oss/,
  rules: [
    accepts(and(of("plain"), halvesAlone), "engine.halves-on-310p"),
    accepts(of("plain")),
    converts(
      and(
        of("modelslim"),
        and(on("310P"), ({ form }) => form.bits < 8 || form.expertBits < 8),
      ),
      "convert.to-w8a8-on-310p",
      namedForms.w8a8,
    ),
    doubts(
      and(
        of("modelslim"),
        and(({ form }) => form.floats, not(on("950"))),
      ),
      "engine.mx-on-950-alone",
    ),
    accepts(of("modelslim")),
    converts(and(of("compressed-tensors"), on("310P")), "convert.no-compressed-tensors-on-310p", namedForms.w8a8),
    converts(and(of("compressed-tensors"), asymmetric), "convert.asymmetric", namedForms.w8a8),
    converts(and(of("compressed-tensors"), and(narrow, dense)), "convert.w4a16-of-dense", namedForms.w8a8),
    accepts(and(of("compressed-tensors"), integers)),
    accepts(and(of("fp8", "mxfp8", "compressed-tensors"), on("950"))),
    ...toEight,
    converts(of("compressed-tensors", "mxfp8"), "convert.fp8-to-w8a8", namedForms.w8a8),
  ],
  ...{ fraction: { usual: 0.9, most: 0.95 }, block: 128, buffers: { usual: 200, most: 1024 }, expertBuffers: 0, stages: true },
  fullMask: ["310P"],
  // dtype "auto" of vLLM (vllm-project/vllm docs, engine arguments).
  halves: "f16",
  // Constants of a channel (docs/source/user_guide, C8).
  cacheScales: { "keys-values": 0, latent: 0, index: 0 },
};

const sglang: Engine = {
  ...{ key: "sglang", name: "SGLang", version: "CANN 9.0.0, sgl-kernel-npu 2026.05.01", date: "2026-05-30", measured: "sglang" },
  source: "sgl-project/sglang docs_new/docs/hardware-platforms/ascend-npus",
  chips: ["A2", "A3"],
  doubtful: ["950"],
  families: /^qwen3(?:_moe|_next|$)|^deepseek_v3/,
  rules: [
    accepts(of("plain")),
    accepts(and(of("modelslim"), integers)),
    refuses(
      and(of("gptq"), ({ form }) => form.actOrder === true),
      "engine.sglang-act-order",
    ),
    refuses(and(of("gptq"), asymmetric), "engine.sglang-gptq-zero-points"),
    accepts(of("gptq", "auto-round")),
    accepts(and(of("awq"), dense), "engine.sglang-awq-dense", plain),
    accepts(of("awq")),
    accepts(
      and(
        of("compressed-tensors"),
        and(integers, (a) => !narrow(a) || a.mixture),
      ),
    ),
    accepts(of("gguf"), "engine.gguf-widened", plain),
    converts(of("fp8", "mxfp8", "compressed-tensors"), "convert.fp8-to-w8a8", namedForms.w8a8),
    converts(of("mxfp4"), "convert.mxfp4-to-bf16", plain),
  ],
  ...{ fraction: { usual: 0.8, most: 0.89 }, block: 128, buffers: { usual: 400, most: 4300 }, expertBuffers: 0 },
  // Its pages start it with --dtype bfloat16.
  halves: "bf16",
};

const mindie: Engine = {
  ...{ key: "mindie", name: "MindIE-LLM", version: "3.0.0.beta.1", date: "2026-04-23", measured: "mindie" },
  source: "Ascend/MindIE-LLM docs/zh/user_guide",
  chips: ["A2", "A3", "310P"],
  doubtful: ["950"],
  families: /^qwen2|^qwen3(?:_moe|$)|^llama|^deepseek_v3|^deepseek_v32|^kimi_k2|^ernie4_5_moe/,
  rules: [
    accepts(and(of("plain"), halvesAlone), "engine.halves-on-310p"),
    accepts(of("plain")),
    refuses(
      and(
        of("modelslim"),
        and(
          ({ form }) => form.expertBits < 8,
          (a) => !/^deepseek|^kimi/.test(a.family),
        ),
      ),
      "engine.mindie-w4a8",
    ),
    refuses(
      and(
        of("modelslim"),
        and(({ form }) => form.activationBits > 8, not(on("A2"))),
      ),
      "engine.mindie-w8a16",
    ),
    refuses(and(of("modelslim"), and(narrowCache, not(on("A2")))), "engine.mindie-c8"),
    accepts(and(of("modelslim"), integers)),
    ...toEight,
    converts(of("compressed-tensors", "mxfp8"), "convert.to-modelslim", namedForms.w8a8),
  ],
  ...{ fraction: { usual: 0.8, most: 0.95 }, block: 128, buffers: { usual: 120, most: 400 }, expertBuffers: 576 },
};

const cannRecipes: Engine = {
  ...{ key: "cann-recipes", name: "cann-recipes-infer", version: "fbc225d", date: "2026-08-21", measured: "cann-recipes" },
  source: "hicann/cann-recipes-infer docs/models",
  chips: ["A2", "A3", "950"],
  families: /^deepseek_v3|^deepseek_v32|^deepseek_v4|^glm_moe_dsa|^hy_v3|^kimi/,
  rules: [
    accepts(of("plain")),
    accepts(and(of("fp8", "mxfp4", "mxfp8"), on("950"))),
    converts(of("fp8", "mxfp4", "mxfp8"), "convert.recipe-int8", namedForms.w8a8),
    accepts(and(of("compressed-tensors"), integers)),
    doubts(of("modelslim"), "engine.recipe-own-form"),
  ],
  ...{ fraction: { usual: 0.8, most: 0.95 }, block: 128, buffers: { usual: 200, most: 1024 }, expertBuffers: 0 },
};

const chitu: Engine = {
  ...{ key: "chitu", name: "chitu", version: "docs/en/SUPPORTED_MODELS.md", date: "2026-11-29", measured: "chitu" },
  source: "thu-pacman/chitu docs/en/SUPPORTED_MODELS.md",
  chips: ["910B2"],
  families: /^deepseek_v3|^llama|^qwen2$|^qwen3(?:_moe|$)|^glm4_moe/,
  rules: [
    accepts(of("plain")),
    converts(of("fp8", "gptq", "awq", "modelslim", "compressed-tensors"), "convert.chitu-int8", namedForms.w8a8),
  ],
  ...{ fraction: { usual: 0.9, most: 0.9 }, block: 128, buffers: { usual: 200, most: 400 }, expertBuffers: 0 },
};

const xllm: Engine = {
  ...{ key: "xllm", name: "xLLM", version: "87e8d6e", date: "2026-07-02" },
  source: "jd-opensource/xllm",
  chips: ["A2", "A3"],
  doubtful: ["MLU370", "MLU590"],
  families: /^$/,
  rules: [accepts(of("plain")), accepts(of("modelslim")), doubts(of("fp8"), "engine.xllm-fp8")],
  ...{ fraction: { usual: 0.9, most: 0.9 }, block: 128, buffers: { usual: 200, most: 400 }, expertBuffers: 0 },
};

const vllmMlu: Engine = {
  ...{ key: "vllm-mlu", name: "vllm-mlu", version: "b992520", date: "2026-04-24" },
  source: "Cambricon/vllm-mlu README.md, vllm_mlu/platforms/mlu.py",
  chips: ["MLU590"],
  doubtful: ["MLU370"],
  families: /^deepseek_v32|^deepseek_v4/,
  rules: [
    accepts(of("plain")),
    accepts(of("mlu")),
    accepts(
      and(of("gptq", "awq"), ({ form }) => form.actOrder === true || form.symmetric === false),
      "engine.mlu-widened",
      plain,
    ),
    accepts(and(of("gptq", "awq"), ({ form }) => [64, 128, 256, 512].includes(form.group ?? 0))),
    doubts(of("fp8"), "engine.mlu-fp8"),
    converts(of("modelslim", "compressed-tensors", "gguf", "mxfp4", "gptq", "awq"), "convert.mlu-smoothquant", namedForms.w8a8),
  ],
  ...{ fraction: { usual: 0.9, most: 0.96 }, block: 16, buffers: { usual: 200, most: 400 }, expertBuffers: 0 },
  halves: "f16",
  // A float for each key, value and latent vector (vllm_mlu/v1/kv_cache_interface.py, scale_size_bytes).
  cacheScales: { "keys-values": 8, latent: 4, index: 0 },
};

const vllmKunlun: Engine = {
  ...{ key: "vllm-kunlun", name: "vLLM-Kunlun", version: "0.15.1 (09869ee)", date: "2026-05-08" },
  source: "baidu/vLLM-Kunlun docs/source",
  chips: ["P800"],
  families: /^qwen2|^qwen3(?:_moe|_next|$)|^deepseek_v32|^glm_moe_dsa/,
  rules: [
    accepts(of("plain")),
    accepts(and(of("compressed-tensors"), integers)),
    accepts(
      and(of("awq"), (a) => a.mixture),
      "engine.kunlun-w4-mixture",
    ),
    accepts(of("awq")),
    doubts(
      and(of("gptq"), (a) => a.mixture),
      "engine.kunlun-gptq-mixture",
    ),
    accepts(of("gptq")),
    converts(of("fp8", "mxfp8", "modelslim", "compressed-tensors"), "convert.kunlun-int8", {
      ...namedForms.w8a8,
      container: "compressed-tensors",
    }),
    converts(of("mxfp4"), "convert.mxfp4-to-bf16", plain),
  ],
  ...{ fraction: { usual: 0.9, most: 0.97 }, block: 64, buffers: { usual: 200, most: 400 }, expertBuffers: 0 },
  // Its pages start it with --dtype float16.
  halves: "f16",
};

const fastDeploy: Engine = {
  ...{ key: "fastdeploy", name: "FastDeploy", version: "2.5.0", date: "2026-11-29" },
  source: "PaddlePaddle/FastDeploy docs/usage/kunlunxin_xpu_deployment.md, issue #4363",
  chips: ["P800"],
  families: /^ernie4_5|^paddleocr/,
  rules: [
    refuses(({ family }) => !/^ernie4_5|^paddleocr/.test(family), "engine.fastdeploy-ernie-alone"),
    accepts(of("plain"), "engine.fastdeploy-online"),
    accepts(of("online")),
    refuses(() => true, "engine.fastdeploy-forms"),
  ],
  ...{ fraction: { usual: 0.9, most: 0.9 }, block: 64, buffers: { usual: 200, most: 400 }, expertBuffers: 0 },
};

export const engines: readonly Engine[] = [vllmAscend, sglang, mindie, cannRecipes, chitu, xllm, vllmMlu, vllmKunlun, fastDeploy];
