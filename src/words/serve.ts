/** What is said of checkpoints and of serving them. */
import type { Words } from "./words.js";

export const serve = {
  "serve.no-weights": {
    en: "there are no weights beside the configuration: parameters and bytes follow from its fields",
    zh: "配置文件旁没有权重：参数量和字节数由配置字段推算",
  },
  "serve.index-alone": {
    en: "the index is there, its files are not: it tells {gib} GiB in all, and parts follow from the configuration",
    zh: "只有索引文件，没有权重文件：索引记录总量为 {gib} GiB，各部分由配置字段推算",
  },
  "serve.towers-unknown": {
    en: "the model has a vision or audio tower whose size is not known without headers",
    zh: "模型带有视觉或音频塔，没有文件头就无法得知其大小",
  },
  "serve.gguf-files": { en: "read from the headers of {n} GGUF files", zh: "读自 {n} 个 GGUF 文件头" },
  "serve.count-differs": {
    en: "headers hold {headers} billion parameters, and the configuration tells {config}: one of them is of another model",
    zh: "文件头共有 {headers}B 参数，配置推算为 {config}B：二者之一属于另一个模型",
  },
  "serve.no-memory": {
    en: "no source tells how much memory {chip} has, so that no number of cards follows",
    zh: "没有资料说明 {chip} 的内存容量，无法推算卡数",
  },
  "serve.no-engine": {
    en: "no engine that is known here serves this checkpoint on {chip}",
    zh: "已收录的推理引擎中，没有一个能在 {chip} 上服务该检查点",
  },
  "serve.too-large": { en: "up to {devices} devices of {chip} do not hold it", zh: "{devices} 个以内的 {chip} 设备都放不下" },
  "serve.dtype-assumed": {
    en: "the configuration names no type of floats (torch_dtype): {dtype} is assumed",
    zh: "配置未注明浮点类型（torch_dtype）：按 {dtype} 计",
  },
  "serve.dtype-by-headers": {
    en: "the configuration names no type of floats (torch_dtype): headers have {dtype}",
    zh: "配置未注明浮点类型（torch_dtype）：以文件头的 {dtype} 为准",
  },
  "serve.floats-halved": {
    en: "weights in f32 are loaded as {dtype} by {engine}: half of their bytes are counted",
    zh: "{engine} 加载时将 f32 权重转为 {dtype}：按一半字节计",
  },
  "serve.floats-kept": {
    en: "whether {engine} loads weights in f32 as halves is not documented: four bytes each are counted, and speeds are those of halves at the best",
    zh: "{engine} 的文档未说明 f32 权重是否转为半精度：按每个 4 字节计，速度最好也只是半精度的水平",
  },
  "serve.cache-scales-unknown": {
    en: "how {engine} keeps the scales of a cache in 8 bits is not documented: none are counted",
    zh: "{engine} 的文档未说明 8 位 KV 缓存的缩放系数如何保存：未计入",
  },
  "serve.experts-cut": {
    en: "{experts} experts do not divide among {tp} devices, so none are spread (no EP): each is cut as its layer is",
    zh: "{experts} 个专家无法均分到 {tp} 个设备，因此不用专家并行（EP）：每个专家随层做张量切分",
  },
  "serve.server-assumed": {
    en: "no source tells how many cards a server of {chip} holds: {n} are assumed",
    zh: "没有资料说明 {chip} 服务器的卡数：按每台 {n} 张卡计",
  },
  "serve.no-figures": { en: "no source tells how fast {chip} multiplies", zh: "没有资料说明 {chip} 的算力" },
  "serve.announced": { en: "{chip} is announced, and its figures are those of the announcement", zh: "{chip} 仅已发布，数据来自发布资料" },
  "serve.rumoured": { en: "{chip} is a rumour: no plan should rest on it", zh: "{chip} 仅为传闻，不应据此规划" },
  "serve.cost": { en: "{lo} to {hi} {currency} a million tokens: {basis}", zh: "每百万 token {lo} 至 {hi} {currency}：{basis}" },

  "form.plain": { en: "not quantised ({dtype})", zh: "未量化（{dtype}）" },
  "form.integers": {
    en: "{method}: weights of {bits} bits, activations of {activations}",
    zh: "{method}：权重 {bits} 位，激活 {activations} 位",
  },
  "form.mixed": {
    en: "{method}: weights of {bits} bits, of experts {experts}, activations of {activations}",
    zh: "{method}：权重 {bits} 位，专家权重 {experts} 位，激活 {activations} 位",
  },
  "form.gguf": { en: "GGUF: {bits} bits a weight on average", zh: "GGUF：权重平均 {bits} 位" },
  "form.other": { en: 'quantised by "{method}", which is not known here', zh: "量化方法“{method}”，此处未收录" },

  "engine.form-named": { en: "its pages name this form", zh: "其文档列出了这种量化格式" },
  "engine.halves-on-310p": { en: "served in fp16: the chip has no bf16", zh: "以 fp16 运行：该芯片没有 bf16" },
  "engine.mx-on-950-alone": { en: "MX forms are served on 950 alone", zh: "MX 格式仅支持 950" },
  "engine.sglang-act-order": {
    en: "the order of groups (desc_act) is not read, so that results would be wrong without a word",
    zh: "不读取分组顺序（desc_act），结果会悄无声息地出错",
  },
  "engine.sglang-gptq-zero-points": {
    en: "zero points of GPTQ are taken with the wrong sign as its code reads, so that an asymmetric checkpoint would give wrong results",
    zh: "从代码看，GPTQ 零点的符号取反，非对称量化的检查点结果会出错",
  },
  "engine.sglang-awq-dense": {
    en: "dense AWQ layers become bf16 when they are loaded: no memory is saved",
    zh: "稠密层的 AWQ 权重在加载时还原为 bf16：不节省内存",
  },
  "engine.gguf-widened": {
    en: "GGUF is widened to bf16 when it is loaded: no memory is saved",
    zh: "GGUF 在加载时还原为 bf16：不节省内存",
  },
  "engine.mindie-w4a8": { en: "W4A8 is served for DeepSeek and Kimi alone", zh: "W4A8 仅支持 DeepSeek 和 Kimi" },
  "engine.mindie-w8a16": { en: "W8A16 is served on A2 alone", zh: "W8A16 仅支持 A2" },
  "engine.mindie-c8": { en: "a cache in int8 is served on A2 alone, in fp16", zh: "int8 KV 缓存仅支持 A2，且为 fp16" },
  "engine.recipe-own-form": { en: "recipes quantise by scripts of their own", zh: "该仓库使用自带脚本进行量化" },
  "engine.xllm-fp8": { en: "fp8 stands in its code, on which chips is not told", zh: "代码中有 fp8，但未说明支持哪些芯片" },
  "engine.mlu-widened": {
    en: "zero points and the order of groups become floats when they are loaded: no memory is saved",
    zh: "带零点或分组重排的权重在加载时还原为浮点：不节省内存",
  },
  "engine.mlu-fp8": { en: "which generation of MLU590 computes fp8 is not public", zh: "哪一代 MLU590 支持 fp8 没有公开资料" },
  "engine.kunlun-w4-mixture": {
    en: "experts of 4 bits are widened in each step: slow",
    zh: "4 位专家权重在每一步都要还原：速度慢",
  },
  "engine.kunlun-gptq-mixture": { en: "GPTQ of mixtures is called work in progress", zh: "混合专家模型的 GPTQ 支持仍在开发中" },
  "engine.fastdeploy-ernie-alone": {
    en: "on P800 it serves ERNIE 4.5 and PaddleOCR; its maintainers say that it does not serve Qwen",
    zh: "在 P800 上仅支持 ERNIE 4.5 与 PaddleOCR；维护者说明不支持 Qwen",
  },
  "engine.fastdeploy-online": {
    en: "quantised when it is loaded (wint8, wint4), from weights in Paddle's own format",
    zh: "加载时在线量化（wint8、wint4），需要 Paddle 格式的权重",
  },
  "engine.fastdeploy-forms": {
    en: "it quantises when it loads, and reads W4A8C8 alone otherwise",
    zh: "只做加载时在线量化，此外仅读取 W4A8C8",
  },
  "engine.other-chip": { en: "pages of {engine} do not name {chip}", zh: "{engine} 的文档未列出 {chip}" },
  "engine.others": { en: "do not name {chip}: {engines}", zh: "文档未列出 {chip}：{engines}" },
  "engine.form-unnamed": { en: "its pages do not name this form", zh: "其文档未列出这种量化格式" },
  "engine.chip-claimed": {
    en: "{engine} names {chip}, and shows no model running there",
    zh: "{engine} 提到了 {chip}，但没有给出任何模型的运行结果",
  },
  "engine.family-unnamed": {
    en: "{engine} does not name models of type {family}; it may run them all the same",
    zh: "{engine} 的文档未列出 {family} 类模型，但不排除能够运行",
  },

  "convert.int4-to-w8a8": {
    en: "to be quantised anew as W8A8 by ModelSlim, from the float weights: groups of 4 bits do not survive in one scale a channel, and memory doubles",
    zh: "需用 ModelSlim 从浮点权重重新量化为 W8A8：4 位分组无法无损转为按通道 8 位，内存翻倍",
  },
  "convert.fp8-to-w8a8": {
    en: "to be quantised as W8A8 by ModelSlim: fp8 is not computed there, and int8 levels are not those of fp8",
    zh: "需用 ModelSlim 量化为 W8A8：该芯片不支持 fp8 计算，int8 的取值与 fp8 并不一致",
  },
  "convert.mxfp4-to-bf16": {
    en: "to be widened to bf16: nothing is lost, experts take four times the memory",
    zh: "需还原为 bf16：没有精度损失，专家权重占用 4 倍内存",
  },
  "convert.gguf-to-w8a8": {
    en: "to be widened, then quantised as W8A8 by ModelSlim: take the float checkpoint instead where there is one",
    zh: "需先还原再用 ModelSlim 量化为 W8A8：若有浮点检查点，应直接使用",
  },
  "convert.to-w8a8-on-310p": {
    en: "to be quantised as W8A8 or W8A8SC: narrower forms are not served there",
    zh: "需量化为 W8A8 或 W8A8SC：该芯片不支持更低位宽",
  },
  "convert.no-compressed-tensors-on-310p": {
    en: "to be written anew by ModelSlim: compressed-tensors is not read on 310P",
    zh: "需用 ModelSlim 重新导出：310P 不读取 compressed-tensors",
  },
  "convert.asymmetric": { en: "to be quantised anew: asymmetric levels are not read", zh: "需重新量化：不支持非对称量化" },
  "convert.w4a16-of-dense": {
    en: "to be quantised as W8A8: W4A16 is read for experts alone",
    zh: "需量化为 W8A8：W4A16 仅支持专家权重",
  },
  "convert.to-modelslim": { en: "to be written anew in ModelSlim's form", zh: "需转换为 ModelSlim 格式" },
  "convert.recipe-int8": { en: "to be quantised by the recipe's own script", zh: "需用该仓库自带脚本量化" },
  "convert.chitu-int8": { en: "to be quantised as its own ascend-int8 checkpoints are", zh: "需按其 ascend-int8 检查点的方式量化" },
  "convert.mlu-smoothquant": {
    en: "to be quantised by SmoothQuant or weight-only in its own layout",
    zh: "需按其自有布局做 SmoothQuant 或仅权重量化",
  },
  "convert.kunlun-int8": {
    en: "to be written as compressed-tensors of int8: there is no fp8, and a configuration without quantization_config is loaded as floats",
    zh: "需转换为 int8 的 compressed-tensors：不支持 fp8；缺少 quantization_config 的检查点会按浮点加载",
  },

  "launch.machines": { en: "{n|machine|machines}: each must reach the others", zh: "共 {n} 台机器，须互相连通" },
  "launch.gap.FIRST_IP": { en: "FIRST_IP: address of the first machine", zh: "FIRST_IP：首台机器的地址" },
  "launch.gap.IP_OF": { en: "IP_OF_1 and so on: addresses of the others", zh: "IP_OF_1 等：其余各台的地址" },
  "launch.gap.OWN_IP": { en: "OWN_IP: the machine's own address", zh: "OWN_IP：本机地址" },
  "launch.gap.NIC": { en: "NIC: the machine's network interface", zh: "NIC：本机网卡名" },
  "launch.gap.RANK": { en: "RANK: the machine's place behind the first: 1, 2 and so on", zh: "RANK：首台之后的序号：1、2……" },
  "launch.gap.PATH": { en: "PATH: where the file lies", zh: "PATH：文件所在目录" },
  "launch.machines-untold": {
    en: "{n|machine|machines}: the pages of {engine} do not tell how they find each other; this is one machine's part",
    zh: "共 {n} 台机器：{engine} 的文档未说明多机如何组网，以上仅为单台的部分",
  },
  "launch.mlu-ray": {
    en: "{n|machine|machines}: Ray 2.43.0 with the changes of tools/ray_mlu is started on all of them first; its README shows it for tensor parallelism alone",
    zh: "共 {n} 台机器：需先在各台启动按 tools/ray_mlu 修改的 Ray 2.43.0；其 README 仅给出张量并行的示例",
  },
  "launch.fastdeploy-machines": {
    en: "the same command on every machine; the page was written for GPUs, and requests go to the first",
    zh: "各台机器执行相同命令；该文档针对 GPU 编写，请求须发往首台",
  },
  "launch.mindie-config": {
    en: "these fields of conf/config.json, all others as installed",
    zh: "仅列出 conf/config.json 中需要修改的字段，其余保持安装时的默认值",
  },
  "launch.mindie-ranks": {
    en: "ranktable.json (mode 640) is the same on every machine: hccn_tool tells DEVICE_IP of each device, and npuDeviceIds and worldSize count no longer",
    zh: "ranktable.json（权限 640）在各台机器上相同：各设备的 DEVICE_IP 由 hccn_tool 查询，此时 npuDeviceIds 与 worldSize 不再生效",
  },
  "launch.mindie-machines": {
    en: "its page on several machines names Atlas 800I A2 alone, up to {n} of them",
    zh: "其多机部署文档仅列出 Atlas 800I A2，最多 {n} 台",
  },
  "launch.nnal": { en: "source the NNAL (ATB) environment first", zh: "需先 source NNAL（ATB）环境" },
  "launch.host": {
    en: "set the host's governor to performance, numa_balancing to 0 and swappiness to 10 or less",
    zh: "主机 governor 设为 performance，numa_balancing 设为 0，swappiness 不超过 10",
  },
  "launch.mindie-folder": {
    en: "the weight folder must be yours with mode 750; HTTPS is on unless httpsEnabled is false",
    zh: "权重目录须归当前用户所有且权限为 750；默认启用 HTTPS，除非 httpsEnabled 设为 false",
  },
  "launch.kunlun-files": {
    en: "two files of its repository are copied over those of torch and vLLM; unset XPU_DUMMY_EVENT",
    zh: "需用其仓库中的两个文件覆盖 torch 与 vLLM 的对应文件；并 unset XPU_DUMMY_EVENT",
  },

  "warn.warm-up": {
    en: "warm up with as many requests as will come: a cold replica captures the graph of batch 1 alone and stays slow",
    zh: "上线前按实际并发预热：冷启动的副本只捕获 batch 1 的图，之后一直很慢",
  },
  "warn.hybrid-requests": {
    en: "keep to 32 requests a replica: beyond, layers with a state took more than a second a token",
    zh: "每副本并发不超过 32：超过后线性注意力层的 token 间延迟曾超过 1 秒",
  },
  "warn.hybrid-prefix": {
    en: "switch prefix caching off: it does not work with layers that keep a state",
    zh: "关闭前缀缓存：与带状态的层不兼容",
  },
  "warn.hybrid-int8": {
    en: "int8 did not make decoding of such a model faster: its layers with a state bound it",
    zh: "int8 未能加快此类模型的解码：瓶颈在带状态的层",
  },
  "warn.index-prefix": { en: "prefix caching was never hit where an index chooses tokens", zh: "使用稀疏索引时前缀缓存命中率为 0" },
  "warn.index-context": {
    en: "leave enable_dsa_cp off: it crashed when decoding with guessed tokens",
    zh: "不要启用 enable_dsa_cp：MTP 解码时曾崩溃",
  },
  "warn.small-dense": {
    en: "a dense model this small is bound by calls at few requests: fewer bits a weight make it no faster",
    zh: "这种规模的稠密模型在低并发时受调用开销限制：降低权重位宽不会更快",
  },
  "warn.fraction-32": {
    en: "take 0.85 of the memory, not 0.90, which ran out on cards of 32 GB",
    zh: "显存占比取 0.85 而非 0.90：32 GB 卡上 0.90 曾内存不足",
  },
  "warn.a2-transfer": {
    en: "where prompts and answers run on machines of their own, transfers on A2 need device_rdma",
    zh: "预填充与解码分离部署时，A2 上的传输需要 device_rdma",
  },
  "warn.a3-split": {
    en: "with prompts on machines of their own, take two of them for one that decodes: one leaves too little memory",
    zh: "预填充与解码分离时建议 2P1D：1P1D 的内存不足以支撑高并发",
  },
  "warn.no-bf16": {
    en: "bf16 weights become fp16: values beyond 65504 overflow, so that answers must be compared",
    zh: "bf16 权重将转为 fp16：超过 65504 的值会溢出，需比对精度",
  },
  "warn.310p-length": {
    en: "a full mask of the length may be held: recipes stay at 16384 to 20480 tokens",
    zh: "可能需要保存完整长度的掩码：官方配方的长度为 16384 至 20480",
  },
  "warn.310p-graphs": { en: "with several chips a layer, only a few graphs can be captured", zh: "多芯片张量并行时只能捕获少量图" },
  "warn.mla-heads": {
    en: "graphs of latent attention need 32, 64 or 128 heads a device",
    zh: "MLA 图模式要求每设备 32、64 或 128 个头",
  },
  "warn.int8-widths": {
    en: "int8 products take matrices of fewer than 65536 columns: a layer is wider",
    zh: "int8 矩阵乘的维度须小于 65536：有一层超过了",
  },
  "warn.p800-four": { en: "four cards must be 0 to 3 or 4 to 7, which are linked", zh: "4 卡须为 0 至 3 或 4 至 7 号，二者各自互联" },
  "warn.p800-oam": { en: "tried on OAM modules alone: PCIe cards are called untested", zh: "仅在 OAM 模组上验证过：PCIe 卡未经测试" },
  "warn.kunlun-awq": { en: "AWQ is computed in 4 bits below 256 tokens alone", zh: "AWQ 仅在少于 256 个 token 时使用 4 位核函数" },
  "warn.long-context": {
    en: "beyond 64K tokens, sequences are shared among devices (context parallelism) where the engine can",
    zh: "超过 64K token 时，应在引擎支持的情况下使用上下文并行",
  },

  "ask.bandwidth": {
    en: "the share of its bandwidth that the chip reaches: a large copy and a product of one row, timed",
    zh: "实际可达的内存带宽占比：测一次大块拷贝和一次单行矩阵乘",
  },
  "ask.memory-bandwidth": { en: "the chip's memory bandwidth, which no source tells", zh: "芯片的内存带宽，没有公开资料" },
  "ask.narrow-peak": {
    en: "the chip's rate in the narrow type that is served, which no source tells",
    zh: "芯片在所用低位宽类型下的算力，没有公开资料",
  },
  "ask.compute": {
    en: "the share of its peak that a large product reaches, in the type that is served",
    zh: "大矩阵乘在所用数据类型下可达的峰值算力占比",
  },
  "ask.call": {
    en: "what one call costs the engine: a step of a tiny model, timed",
    zh: "引擎每次算子调用的开销：测一个极小模型的单步耗时",
  },
  "ask.request": {
    en: "what one more request costs a step: batch 1 and batch 64, timed",
    zh: "每增加一个请求的单步开销：分别测 batch 1 与 batch 64",
  },
  "ask.exchange": {
    en: "what an exchange between cards costs: an all-reduce of a few KiB, timed",
    zh: "卡间一次通信的开销：测几 KiB 的 all-reduce",
  },
  "ask.link": { en: "the rate between cards: an all-reduce of many MiB, timed", zh: "卡间带宽：测数百 MiB 的 all-reduce" },
  "ask.accepted": { en: "the share of guessed tokens that hold, on your own prompts", zh: "投机解码在您自己数据上的接受率" },
  "ask.busy": { en: "how busy devices are under full load", zh: "满载时设备的实际利用率" },
  "ask.flips-latency": { en: "it decides whether {ms} ms a token are met", zh: "决定能否满足每 token {ms} ms" },
  "ask.flips-place": { en: "it decides whether this is faster than {chips}", zh: "决定是否快于 {chips}" },
  "ask.flips-nothing": { en: "no answer hangs on it", zh: "不影响任何结论" },

  "basis.measured": { en: "measured: {n} published measurements of this chip", zh: "有实测：该芯片有 {n} 条公开实测数据" },
  "basis.relatives": { en: "no measurement of this chip: {n} of its relatives", zh: "该芯片无实测：依据同系列芯片的 {n} 条数据" },
  "basis.none": { en: "no measurement: the interval is wide on purpose", zh: "无实测数据：区间有意放宽" },

  "fit.fits": { en: "fits with room", zh: "可放下且有余量" },
  "fit.tight": { en: "may fit: it is tight", zh: "可能放得下：余量很小" },
  "fit.too-large": { en: "does not fit", zh: "放不下" },

  "answer.accepted": { en: "serves it", zh: "可直接服务" },
  "answer.converted": { en: "after conversion", zh: "转换后可服务" },
  "answer.refused": { en: "refused", zh: "不支持" },
  "answer.unknown": { en: "unknown", zh: "未知" },

  "report.parameters": { en: "{total} billion parameters, {active} billion for each token", zh: "{total}B 参数，每 token 激活 {active}B" },
  "report.weights": { en: "{gib} GiB of weights, {how}", zh: "权重 {gib} GiB，{how}" },
  "report.from-headers": { en: "by the headers of {n} tensors", zh: "读自 {n} 个张量的文件头" },
  "report.from-config": { en: "computed from the configuration", zh: "由配置推算" },
  "report.cache": { en: "{bytes} bytes a token at two bytes an element", zh: "每 token KV 缓存 {bytes} 字节（每元素 2 字节）" },
  "report.state": { en: "{mib} MiB a request whatever its length", zh: "每请求固定状态 {mib} MiB，与长度无关" },
  "report.layers": { en: "layers: {list}", zh: "层：{list}" },
  "report.layer": { en: "{count} of {kind}", zh: "{count} 层{kind}" },
  "report.layer-experts": { en: "{count} of {kind}, {experts} experts each", zh: "{count} 层{kind}（各 {experts} 个专家）" },
  "mixer.full": { en: "full attention", zh: "全注意力" },
  "mixer.sliding": { en: "attention in a window", zh: "滑动窗口注意力" },
  "mixer.latent": { en: "latent attention (MLA)", zh: "潜在注意力（MLA）" },
  "mixer.compressed": { en: "attention over compressed tokens", zh: "压缩注意力" },
  "mixer.recurrent": { en: "a state instead of attention", zh: "状态层（无 KV 缓存）" },
  "report.engine": { en: "engine", zh: "引擎" },
  "report.answer": { en: "answer", zh: "结论" },
  "report.why": { en: "why", zh: "原因" },
  "report.smallest": { en: "smallest", zh: "最小" },
  "report.advised": { en: "advised", zh: "推荐" },
  "report.size": { en: "{cards}, {dies}", zh: "{cards}，共 {dies}" },
  "report.plan": { en: "{name}: {size}, {split}; {held}; {fit}", zh: "{name}：{size}，并行 {split}；{held}；{fit}" },
  "report.memory": { en: "{lo} to {hi} of {all} GiB a device", zh: "每设备占用 {lo} 至 {hi} GiB（容量 {all} GiB）" },
  "report.next-smaller": {
    en: "not on {size}: each device would need {need} GiB at the least",
    zh: "{size}不够：每设备至少需要 {need} GiB",
  },
  "report.speed": { en: "batch {batch}, {input}+{output} tokens", zh: "并发 {batch}，{input}+{output} token" },
  "report.first-token": { en: "first token", zh: "首 token" },
  "report.token-time": { en: "each token", zh: "每 token" },
  "report.rate": { en: "tokens a second", zh: "每秒 token 数" },
  "report.guessed": { en: "each token, one guessed ahead", zh: "每 token（投机 1 个）" },
  "report.capacity": { en: "room for requests of {length} tokens: {lo} to {hi}", zh: "可容纳长度 {length} 的请求 {lo} 至 {hi} 个" },
  "report.asks": { en: "what would narrow this most", zh: "最能收窄区间的测量" },
  "report.gain": { en: "{what}: {gain} times as narrow; {flips}", zh: "{what}：区间缩至 1/{gain}；{flips}" },
  "report.launch": { en: "started so, as its pages write it ({version}; {source})", zh: "启动方式（引自其文档，{version}；{source}）" },
  "report.launch-others": { en: "on the other machines", zh: "其余机器" },
  "report.launch-file": { en: "file {path}", zh: "文件 {path}" },
  "report.conversion": { en: "before that", zh: "前提" },
  "report.warnings": { en: "reports from the field", zh: "现场经验" },
  "report.expires": { en: "engines and measurements as of {date}: check newer versions", zh: "引擎与实测数据截至 {date}：请核对更新版本" },
} as const satisfies Readonly<Record<string, Words>>;
