/** How each engine is started with a plan, as its own pages write it: nothing here was run by us. */
import type { Said } from "../../base/said.js";
import { said } from "../../words/words.js";
import type { EngineKey } from "../engines.js";
import { visible, words, type LaunchCase, type Made } from "./made.js";
import { mindie } from "./mindie.js";
import { vllmAscend, vllmKunlun, vllmMlu } from "./vllm.js";

/** MODEL stands for the folder; words that stand for something else on several machines are told in notes. */
export interface Launch extends Omit<Made, "from" | "notes"> {
  readonly source: string;
  readonly version: string;
  readonly notes: readonly Said[];
}

function sglang(c: LaunchCase): Made {
  const { split, nodes } = c.plan;
  const shared = split.dp > 1 && `--dp-size ${split.dp} --enable-dp-attention`;
  const command = words(
    "python -m sglang.launch_server --model-path MODEL --device npu --attention-backend ascend",
    ...[`--tp-size ${split.devices}`, shared],
    split.ep > 1 && "--moe-a2a-backend deepep --deepep-mode auto",
    c.form.container === "modelslim" && "--quantization modelslim",
    `--mem-fraction-static 0.8 --max-running-requests ${c.batch} --chunked-prefill-size -1 --disable-radix-cache --dtype bfloat16`,
  );
  const environment = ["SGLANG_SET_CPU_AFFINITY=1", "STREAMS_PER_DEVICE=32", "INF_NAN_MODE_ENABLE=1"];
  const notes = [said("launch.host")];
  if (nodes === 1) return { command, environment, notes };
  const on = (rank: string): string => `${command} --dist-init-addr FIRST_IP:5000 --nnodes ${nodes} --node-rank ${rank}`;
  const meeting = [...environment, "HCCL_SOCKET_IFNAME=NIC", "GLOO_SOCKET_IFNAME=NIC"];
  return {
    ...{ command: on("0"), environment: meeting, others: { command: on("RANK"), environment: meeting }, notes },
    from: "sgl-project/sglang docs_new/docs/hardware-platforms/ascend-npus/ascend_npu_deepseek_example.mdx",
  };
}

function fastDeploy(c: LaunchCase): Made {
  const { nodes, split } = c.plan;
  const online = c.form.container === "online" ? `--quantization wint${c.form.bits}` : "";
  const environment = [`XPU_VISIBLE_DEVICES=${visible(c.plan)}`];
  const ips = ["FIRST_IP", ...Array.from({ length: nodes - 1 }, (_, i) => `IP_OF_${i + 1}`)].join(",");
  const together = `--ips ${ips} --no-enable-prefix-caching --disable-custom-all-reduce --graph-optimization-config '{"use_cudagraph":false}'`;
  const command = words(
    `python -m fastdeploy.entrypoints.openai.api_server --model MODEL --tensor-parallel-size ${split.tp}`,
    ...[`--max-model-len ${c.length} --max-num-seqs ${c.batch}`, online, "--gpu-memory-utilization 0.9"],
    nodes > 1 && together,
  );
  if (nodes === 1) return { command, environment };
  const from = "PaddlePaddle/FastDeploy docs/features/multi-node_deployment.md";
  return { command, environment, others: { command, environment }, notes: [said("launch.fastdeploy-machines")], from };
}

const makers: Readonly<Partial<Record<EngineKey, (c: LaunchCase) => Made>>> = {
  "vllm-ascend": vllmAscend,
  ...{ sglang, mindie, fastdeploy: fastDeploy, "vllm-mlu": vllmMlu, "vllm-kunlun": vllmKunlun },
};

const gaps = ["FIRST_IP", "IP_OF", "OWN_IP", "NIC", "RANK", "PATH"] as const;

/** What stands for something else in what is typed. */
function gapsIn({ command, environment, others, files = [] }: Made): Said[] {
  const text = [command, ...environment, others?.command ?? "", ...files.map((f) => f.text)].join(" ");
  return gaps.filter((gap) => new RegExp(`\\b${gap}(?:_\\d+)?\\b`).test(text)).map((gap) => said(`launch.gap.${gap}`));
}

/** Absent of engines whose pages start each model by a script of its own. */
export function launchOf(engine: EngineKey, source: string, version: string, c: LaunchCase): Launch | undefined {
  const made = makers[engine]?.(c);
  if (made === undefined) return undefined;
  const { from, notes = [], ...typed } = made;
  const machines = made.others ? [said("launch.machines", { n: c.plan.nodes }), ...gapsIn(made)] : [];
  return { ...typed, source: from === undefined ? source : `${source}; ${from}`, version, notes: [...machines, ...notes] };
}
