/** vLLM and its plugins: flags of sizes, and machines that meet as replicas of one deployment or as workers of Ray. */
import { lacksBf16 } from "../../chips/facts.js";
import { said } from "../../words/words.js";
import { visible, words, type LaunchCase, type Made } from "./made.js";

const sizes = ({ plan: { split }, batch, length }: LaunchCase): string =>
  words(
    `--tensor-parallel-size ${split.tp}`,
    split.dp > 1 && `--data-parallel-size ${split.dp}`,
    split.pp > 1 && `--pipeline-parallel-size ${split.pp}`,
    split.ep > 1 && "--enable-expert-parallel",
    `--max-model-len ${length}`,
    `--max-num-seqs ${Math.max(1, Math.ceil(batch / split.dp))}`,
  );

/** Where machines find each other. */
const network = ["HCCL_IF_IP=OWN_IP", "GLOO_SOCKET_IFNAME=NIC", "TP_SOCKET_IFNAME=NIC"];

export function vllmAscend(c: LaunchCase): Made {
  const quantised = c.form.container === "modelslim" ? "--quantization ascend" : "";
  const half = lacksBf16(c.chip) ? "--dtype float16" : "";
  const environment = [
    `ASCEND_RT_VISIBLE_DEVICES=${visible(c.plan)}`,
    "PYTORCH_NPU_ALLOC_CONF=expandable_segments:True",
    "TASK_QUEUE_ENABLE=1",
    "HCCL_OP_EXPANSION_MODE=AIV",
    "OMP_PROC_BIND=false",
  ];
  const one: Made = {
    ...{ command: words("vllm serve MODEL", sizes(c), quantised, half, "--gpu-memory-utilization 0.9"), environment },
    notes: [said("launch.nnal")],
  };
  const { nodes, split } = c.plan;
  if (nodes === 1) return one;
  return split.pp === 1 && split.dp % nodes === 0 ? replicas(one, split.dp, nodes) : workers(one);
}

/** Each machine holds whole replicas of attention. */
function replicas(one: Made, dp: number, nodes: number): Made {
  const own = dp / nodes;
  const meets = `--data-parallel-size-local ${own} --data-parallel-address FIRST_IP --data-parallel-rpc-port 13389`;
  const environment = [...one.environment, ...network, "HCCL_SOCKET_IFNAME=NIC"];
  return {
    ...one,
    ...{ command: `${one.command} ${meets}`, environment },
    others: { command: `${one.command} ${meets} --headless --data-parallel-start-rank $((RANK * ${own}))`, environment },
    from: "vllm-project/vllm-ascend docs/source/tutorials/models/DeepSeek-V3.1.md",
  };
}

/** Ray takes all machines for one; the command runs on the first. */
function workers(one: Made): Made {
  const environment = [...one.environment, ...network, "RAY_EXPERIMENTAL_NOSET_ASCEND_RT_VISIBLE_DEVICES=1"];
  return {
    ...one,
    ...{ command: `ray start --head && ${one.command} --distributed-executor-backend ray`, environment },
    others: { command: "ray start --address=FIRST_IP:6379 --node-ip-address=OWN_IP", environment },
    from: "vllm-project/vllm-ascend docs/source/tutorials/features/ray.md",
  };
}

export function vllmMlu(c: LaunchCase): Made {
  const cache = c.form.cacheBits === 8 && "--kv-cache-dtype int8";
  const sparse = /^deepseek_v(?:32|4)/.test(c.family);
  const { nodes } = c.plan;
  return {
    command: words(
      ...["vllm serve MODEL", sizes(c), cache],
      sparse && "--no-enable-prefix-caching --enforce-eager",
      (sparse || nodes > 1) && "--distributed-executor-backend ray",
      /^deepseek_v4/.test(c.family) && "--block-size 1 --gpu-memory-utilization 0.96",
    ),
    environment: [`MLU_VISIBLE_DEVICES=${visible(c.plan)}`],
    ...(nodes > 1 && { notes: [said("launch.mlu-ray", { n: nodes })] }),
  };
}

export function vllmKunlun(c: LaunchCase): Made {
  const { nodes } = c.plan;
  return {
    command: words("vllm serve MODEL", sizes(c), "--block-size 64 --dtype float16 --no-enable-prefix-caching --no-enable-chunked-prefill"),
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
    notes: [said("launch.kunlun-files"), ...(nodes > 1 ? [said("launch.machines-untold", { engine: "vLLM-Kunlun", n: nodes })] : [])],
  };
}
