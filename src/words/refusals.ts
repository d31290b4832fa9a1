/** What the codes mean with which compile refuses a model for a chip; its own sentence, in English, stands beside it as a quotation. */
import type { Words } from "./words.js";

export const refusals = {
  "refusal.quoted": { en: "{why} ({meaning})", zh: "{meaning}（编译器原文：“{why}”）" },
  "refusal.the-model": { en: "the model", zh: "该模型" },
  "refusal.unsupported-op": { en: "{op} is not carried out here, or not with such a body", zh: "尚不支持算子 {op} 或其子图" },
  "refusal.unsupported-dtype": {
    en: "{op} touches an element type that kernels on this chip do not load or compute",
    zh: "{op} 涉及该芯片上核函数无法读写或计算的元素类型",
  },
  "refusal.unsupported-type": { en: "{op} is not defined for this element type here", zh: "{op} 在此处不支持该元素类型" },
  "refusal.unsupported-lane-function": {
    en: "{op} needs a function that the chip's vector unit lacks in this type",
    zh: "{op} 所需的函数在该芯片的向量单元上没有对应类型的实现",
  },
  "refusal.dynamic-extent": { en: "{op} needs an extent that is known when compiling", zh: "{op} 要求相关维度在编译时已知" },
  "refusal.data-dependent-shape": { en: "data decide how large a result of {op} is", zh: "{op} 的输出尺寸取决于运行时数据" },
  "refusal.shaping-operand-unknown": {
    en: "an operand that gives {op} its shape is not known when compiling",
    zh: "决定 {op} 形状的操作数在编译时未知",
  },
  "refusal.unknown-shape": { en: "the shape of a tensor of {op} could not be inferred", zh: "无法推断 {op} 相关张量的形状" },
  "refusal.no-schedule": { en: "no way to run {op} on the chip's cores was found", zh: "没有找到在该芯片核心上执行 {op} 的调度方案" },
  "refusal.no-vector-form": { en: "{op} has no form that the vector unit carries out", zh: "{op} 没有可在向量单元上执行的形式" },
  "refusal.kernel-function": { en: "{op} uses a function that generated kernels do not have", zh: "{op} 使用了生成核函数中没有的函数" },
  "refusal.scratchpad-overflow": { en: "{op} does not fit the on-chip memory", zh: "{op} 超出片上内存容量" },
  "refusal.device-memory-exceeded": { en: "{op} does not fit the memory of one device", zh: "{op} 超出单个设备的内存容量" },
  "refusal.extent-mismatch": { en: "extents that {op} joins do not fit each other", zh: "{op} 的各操作数维度不匹配" },
  "refusal.operator-rule": { en: "{op} breaks a rule of its own definition", zh: "{op} 违反了该算子自身的规则" },
  "refusal.state-mismatch": {
    en: "a state and what is given back for it differ in type or shape",
    zh: "状态张量与其更新值的类型或形状不一致",
  },
  "refusal.state-unknown": { en: "a state that was named is not in the model", zh: "所指定的状态在模型中不存在" },
  "refusal.internal": { en: "a defect of Portolan", zh: "Portolan 内部错误" },
  "refusal.internal-kernel": { en: "a defect of Portolan in a generated kernel of {op}", zh: "Portolan 为 {op} 生成核函数时发生内部错误" },
  "refusal.pass-broke-graph": {
    en: "a defect of Portolan: a pass left the graph unsound",
    zh: "Portolan 内部错误：某个优化遍破坏了计算图",
  },
} as const satisfies Readonly<Record<string, Words>>;
