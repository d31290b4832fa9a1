/** MindIE's server: it takes no flags but a configuration, and of several machines a table of ranks, in the form that its pages give. */
import { goesBy } from "../../chips/facts.js";
import { said } from "../../words/words.js";
import { ownDevices, type LaunchCase, type Made } from "./made.js";

/** Machines on which its page runs one model. */
const mostMachines = 4;

export function mindie(c: LaunchCase): Made {
  const { nodes } = c.plan;
  const config = { path: "conf/config.json", text: pretty({ BackendConfig: backendOf(c) }) };
  const one: Made = {
    command: "mindieservice_daemon",
    environment: ["NPU_MEMORY_FRACTION=0.8"],
    files: [config],
    notes: [said("launch.mindie-folder"), said("launch.mindie-config")],
  };
  return nodes === 1 ? one : several(c, one);
}

/** The fields that a plan decides; all others stay as they are installed. */
function backendOf({ plan, batch, length }: LaunchCase): object {
  const { split, nodes } = plan;
  const shares = { tp: split.tp, dp: split.dp, ...(split.ep > 1 && { moe_tp: split.devices / split.ep, moe_ep: split.ep }) };
  const model = { modelName: "MODEL", modelWeightPath: "MODEL", worldSize: split.devices, npuMemSize: -1, backendType: "atb", ...shares };
  return {
    npuDeviceIds: [ownDevices(plan)],
    ...(nodes > 1 && { multiNodesInferEnabled: true }),
    ModelDeployConfig: { maxSeqLen: length, maxInputTokenLen: Math.max(1, length - 512), ModelConfig: [model] },
    ScheduleConfig: { cacheBlockSize: 128, maxBatchSize: batch, maxPrefillTokens: Math.max(8192, length) },
  };
}

/** The same on each machine; ranks, not numbers of devices, say who does what. */
function several({ plan, chip }: LaunchCase, one: Made): Made {
  const environment = [...one.environment, "RANK_TABLE_FILE=PATH/ranktable.json", "MIES_CONTAINER_IP=OWN_IP", "HCCL_DETERMINISTIC=true"];
  const isNamed = goesBy(chip, ["A2"]) && plan.nodes <= mostMachines;
  return {
    ...one,
    environment,
    others: { command: one.command, environment },
    files: [...(one.files ?? []), { path: "ranktable.json", text: rankTable(plan.nodes, ownDevices(plan)) }],
    notes: [...(one.notes ?? []), said("launch.mindie-ranks"), ...(isNamed ? [] : [said("launch.mindie-machines", { n: mostMachines })])],
    from: "Ascend/MindIE-LLM docs/zh/user_guide/user_manual/prefill_decode_mixed_deployment.md",
  };
}

/** A line for each device. */
function rankTable(nodes: number, devices: readonly number[]): string {
  const server = (node: number): object => {
    const ip = node === 0 ? "FIRST_IP" : `IP_OF_${node}`;
    const device = devices.map((d) => ({ device_id: `${d}`, device_ip: "DEVICE_IP", rank_id: `${node * devices.length + d}` }));
    return { server_id: ip, container_ip: ip, device };
  };
  const table = {
    version: "1.0",
    server_count: `${nodes}`,
    server_list: Array.from({ length: nodes }, (_, i) => server(i)),
    status: "completed",
  };
  return pretty(table).replace(/\{\s*"device_id"[^}]*\}/g, (device) => device.replace(/\s+/g, " "));
}

/** Lists of numbers stand on one line. */
const pretty = (value: object): string =>
  JSON.stringify(value, null, 2).replace(/\[[\d,\s]*\]/g, (list) => list.replace(/\s+/g, "").replaceAll(",", ", "));
