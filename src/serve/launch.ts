/** How each engine is started with a plan, as its own pages write it: nothing here was run by us. */
import type { Said } from "../base/said.js";
import { lacksBf16 } from "../chips/facts.js";
import type { ChipRow } from "../chips/row.js";
import { said } from "../words/words.js";
import type { EngineKey } from "./engines.js";
import type { Form } from "./form.js";
import type { Plan } from "./plans.js";

export interface Launch {
  readonly command: string;
  /** NAME=value, to be set before. */
  readonly environment: readonly string[];
  readonly source: string;
  readonly version: string;
  readonly notes: readonly Said[];
}

interface LaunchCase {
  readonly plan: Plan;
  readonly form: Form;
  readonly batch: number;
  readonly length: number;
  readonly chip: ChipRow;
  readonly family: string;
}

type Made = Pick<Launch, "command" | "environment"> & { readonly notes?: readonly Said[] };

const words = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((p) => typeof p === "string" && p !== "").join(" ");
/** Numbers of the devices of one machine. */
const ownDevices = ({ split, nodes }: Plan): number[] => Array.from({ length: Math.ceil(split.devices / nodes) }, (_, i) => i);
const visible = (plan: Plan): string => ownDevices(plan).join(",");
const isMixture = (p: Plan): boolean => p.split.ep > 1;

const vllmSizes = ({ plan: { split }, batch, length }: LaunchCase): string =>
  words(
    `--tensor-parallel-size ${split.tp}`,
    split.dp > 1 && `--data-parallel-size ${split.dp}`,
    split.pp > 1 && `--pipeline-parallel-size ${split.pp}`,
    split.ep > 1 && "--enable-expert-parallel",
    `--max-model-len ${length}`,
    `--max-num-seqs ${Math.max(1, Math.ceil(batch / split.dp))}`,
  );

function vllmAscend(c: LaunchCase): Made {
  const quantised = c.form.container === "modelslim" ? "--quantization ascend" : "";
  const half = lacksBf16(c.chip) ? "--dtype float16" : "";
  return {
    command: words("vllm serve MODEL", vllmSizes(c), quantised, half, "--gpu-memory-utilization 0.9"),
    environment: [
      `ASCEND_RT_VISIBLE_DEVICES=${visible(c.plan)}`,
      "PYTORCH_NPU_ALLOC_CONF=expandable_segments:True",
      "TASK_QUEUE_ENABLE=1",
      "HCCL_OP_EXPANSION_MODE=AIV",
      "OMP_PROC_BIND=false",
    ],
    notes: [said("launch.nnal")],
  };
}

function sglang(c: LaunchCase): Made {
  const { split } = c.plan;
  const shared = split.dp > 1 && `--dp-size ${split.dp} --enable-dp-attention`;
  return {
    command: words(
      "python -m sglang.launch_server --model-path MODEL --device npu --attention-backend ascend",
      `--tp-size ${split.devices}`,
      shared,
      isMixture(c.plan) && "--moe-a2a-backend deepep --deepep-mode auto",
      c.form.container === "modelslim" && "--quantization modelslim",
      `--mem-fraction-static 0.8 --max-running-requests ${c.batch} --chunked-prefill-size -1 --disable-radix-cache --dtype bfloat16`,
    ),
    environment: ["SGLANG_SET_CPU_AFFINITY=1", "STREAMS_PER_DEVICE=32", "INF_NAN_MODE_ENABLE=1"],
    notes: [said("launch.host")],
  };
}

function mindie(c: LaunchCase): Made {
  const { split } = c.plan;
  const model = { modelName: "MODEL", modelWeightPath: "MODEL", worldSize: split.devices, npuMemSize: -1, backendType: "atb" };
  const shares = { tp: split.tp, dp: split.dp, ...(split.ep > 1 && { moe_tp: split.devices / split.ep, moe_ep: split.ep }) };
  const deploy = { maxSeqLen: c.length, maxInputTokenLen: Math.max(1, c.length - 512), ModelConfig: [{ ...model, ...shares }] };
  const schedule = { cacheBlockSize: 128, maxBatchSize: c.batch, maxPrefillTokens: Math.max(8192, c.length) };
  const backend = { npuDeviceIds: [ownDevices(c.plan)], ModelDeployConfig: deploy };
  return {
    command: "mindieservice_daemon",
    environment: [`conf/config.json BackendConfig=${JSON.stringify({ ...backend, ScheduleConfig: schedule })}`, "NPU_MEMORY_FRACTION=0.8"],
    notes: [said("launch.mindie-folder")],
  };
}

function vllmMlu(c: LaunchCase): Made {
  const cache = c.form.cacheBits === 8 && "--kv-cache-dtype int8";
  const sparse = /^deepseek_v(?:32|4)/.test(c.family);
  return {
    command: words(
      "vllm serve MODEL",
      vllmSizes(c),
      cache,
      sparse && "--no-enable-prefix-caching --enforce-eager --distributed-executor-backend ray",
      /^deepseek_v4/.test(c.family) && "--block-size 1 --gpu-memory-utilization 0.96",
    ),
    environment: [`MLU_VISIBLE_DEVICES=${visible(c.plan)}`],
  };
}

function vllmKunlun(c: LaunchCase): Made {
  return {
    command: words(
      "vllm serve MODEL",
      vllmSizes(c),
      "--block-size 64 --dtype float16 --no-enable-prefix-caching --no-enable-chunked-prefill",
    ),
    environment: [
      `XPU_VISIBLE_DEVICES=${visible(c.plan)}`,
      "XMLIR_CUDNN_ENABLED=1",
      "XPU_USE_DEFAULT_CTX=1",
      "XMLIR_FORCE_USE_XPU_GRAPH=1",
      "XMLIR_ENABLE_FAST_FC=1",
      "XPU_USE_FAST_SWIGLU=1",
      "CUDA_GRAPH_OPTIMIZE_STREAM=1",
      "XMLIR_ENABLE_MOCK_TORCH_COMPILE=false",
      "XPU_USE_MOE_SORTED_THRES=1",
      "USE_ORI_ROPE=1",
      "VLLM_USE_V1=1",
    ],
    notes: [said("launch.kunlun-files")],
  };
}

function fastDeploy(c: LaunchCase): Made {
  const online = c.form.container === "online" ? `--quantization wint${c.form.bits}` : "";
  return {
    command: words(
      `python -m fastdeploy.entrypoints.openai.api_server --model MODEL --tensor-parallel-size ${c.plan.split.tp}`,
      `--max-model-len ${c.length} --max-num-seqs ${c.batch}`,
      online,
      "--gpu-memory-utilization 0.9",
    ),
    environment: [`XPU_VISIBLE_DEVICES=${visible(c.plan)}`],
  };
}

const makers: Readonly<Partial<Record<EngineKey, (c: LaunchCase) => Made>>> = {
  "vllm-ascend": vllmAscend,
  ...{ sglang, mindie, fastdeploy: fastDeploy, "vllm-mlu": vllmMlu, "vllm-kunlun": vllmKunlun },
};

/** Absent of engines whose pages start each model by a script of its own. */
export function launchOf(engine: EngineKey, source: string, version: string, c: LaunchCase): Launch | undefined {
  const made = makers[engine]?.(c);
  if (made === undefined) return undefined;
  const { nodes } = c.plan;
  const notes = [...(nodes > 1 ? [said("launch.machines", { n: nodes })] : []), ...(made.notes ?? [])];
  return { command: made.command, environment: made.environment, source, version, notes };
}
