/** What an assessment of a model says. */
import type { Words } from "./words.js";

export const assess = {
  "verdict.ready": { en: "compiled as it is: {n} steps", zh: "可直接编译：共 {n} 步" },
  "verdict.rewrites": {
    en: "refused as it is ({n} reasons); another spelling of the model, or values that you fix, would do",
    zh: "按现状被拒绝（{n} 条原因）；改写模型或固定某些取值即可",
  },
  "verdict.kernels": {
    en: "some operators have no meaning here ({n} reasons): each needs a formula or a kernel",
    zh: "有算子尚无定义（{n} 条原因）：每个都需要补充公式或核函数",
  },
  "verdict.blocked": { en: "refused for {n} reasons that no kernel would mend", zh: "因 {n} 条原因被拒绝，增加核函数也无法解决" },
  "verdict.contradicted": {
    en: "compiled, but public documents contradict {n} of the symbols it rests on: {names}",
    zh: "可编译，但公开资料与所依赖的 {n} 个符号相矛盾：{names}",
  },
  "verdict.unwitnessed": {
    en: "compiled, but {n} of {all} steps rest on symbols that no independent public source confirms: {names}",
    zh: "可编译，但 {all} 步中有 {n} 步依赖没有独立公开来源证实的符号：{names}",
  },
  "verdict.documented": {
    en: "no code is made for {chip}: only its library's documents were asked, operator by operator",
    zh: "尚不为 {chip} 生成代码：仅逐个算子查阅了其算子库文档",
  },
  "verdict.unknown": {
    en: "no code is made for {chip}, and no public table says which operators it carries out",
    zh: "尚不为 {chip} 生成代码，也没有公开表格说明它支持哪些算子",
  },
  "performance.unknown": {
    en: "how long a run takes on {chip} is unknown: nobody says how fast it computes in these types",
    zh: "{chip} 上的运行时间未知：没有公开资料说明其在这些类型上的算力",
  },
  "performance.from-relatives": {
    en: "nobody says the {figure} of {chip}: taken to lie between those of chips of its architecture",
    zh: "{chip} 的 {figure} 没有公开数据：按同架构芯片的最小值与最大值估计",
  },
  "performance.from-market": {
    en: "nobody says the {figure} of {chip}: taken to lie between the least and the greatest of cards that are sold for the same work",
    zh: "{chip} 的 {figure} 没有公开数据：按同类在售板卡的最小值与最大值估计",
  },
  "performance.no-measurement": {
    en: "no published measurement supports a time on {chip}: the interval is wide",
    zh: "没有公开测量支持 {chip} 上的时间估计：区间很宽",
  },
  "performance.relatives": {
    en: "measured on chips of the same family, not on {chip} itself",
    zh: "依据同系列芯片的测量，而非 {chip} 本身",
  },
  "performance.contested": {
    en: "sources contradict each other on {figures} of {chip}; the interval holds all of them",
    zh: "各来源对 {chip} 的 {figures} 说法不一；区间包含全部数值",
  },
  "precision.products": { en: "products multiply {types}", zh: "矩阵乘与卷积使用的类型：{types}" },
  "precision.halved": {
    en: "{chip} multiplies no float32: operands of {n} products are rounded to halves, brought into range first",
    zh: "{chip} 不支持 float32 乘法：{n} 个乘积的操作数先缩放再舍入为半精度",
  },
  "precision.fp16": {
    en: "values are stored in half precision: beyond 65,504 they overflow, below 6e-5 they lose bits",
    zh: "数值以半精度存储：超过 65,504 会溢出，低于 6e-5 会丢失有效位",
  },
  "precision.no-bf16": { en: "{chip} has no bfloat16", zh: "{chip} 不支持 bfloat16" },
  "work.kernel": { en: "write a formula or kernel for {op} ({n} nodes): {why}", zh: "为 {op} 编写公式或核函数（{n} 个节点）：{why}" },
  "work.rewrite": { en: "rewrite {op} ({n} nodes): {why}", zh: "改写 {op}（{n} 个节点）：{why}" },
  "work.scalar": {
    en: "{n} nodes run on the scalar unit ({ops}): find them another form",
    zh: "{n} 个节点在标量单元上运行（{ops}）：需换一种实现",
  },
  "work.host": {
    en: "{n} nodes make the host wait for data of the device ({ops}): fix what they decide, if it is known",
    zh: "{n} 个节点使主机等待设备数据（{ops}）：若取值已知，请固定",
  },
  "work.proof": {
    en: "try {n} symbols on a card first, which no independent source confirms: {names}",
    zh: "先在真实板卡上验证 {n} 个无独立来源证实的符号：{names}",
  },
  "work.accuracy": { en: "compare the outputs on your own data: products round to halves", zh: "用自己的数据比对输出：乘积会舍入为半精度" },
  "work.split": { en: "split the model over {n} devices: a program is for one", zh: "把模型切分到 {n} 个设备：一个程序只针对一个设备" },
  "work.basis.kernel": {
    en: "a kernel with its tests, from a formula of a few lines to one by hand",
    zh: "一个核函数及其测试，从几行公式到手写实现",
  },
  "work.basis.rewrite": { en: "another export of the model, with a comparison of outputs", zh: "重新导出模型并比对输出" },
  "work.basis.speed": { en: "profiling on a card, and another form of the operators", zh: "在板卡上做性能分析，并更换算子实现" },
  "work.basis.proof": { en: "one run of each call on a card, with both ways compiled in", zh: "在板卡上逐个调用验证，两种实现均已编入" },
  "work.basis.accuracy": {
    en: "a run over an evaluation set, and layers that are kept in float",
    zh: "在评测集上运行，并保留部分层为浮点",
  },
  "work.basis.split": {
    en: "cutting the model by layers or by tensors, and moving values between devices",
    zh: "按层或按张量切分模型，并在设备间传输数据",
  },
  "column.chip": { en: "chip", zh: "芯片" },
  "column.verdict": { en: "verdict", zh: "结论" },
  "column.nodes": { en: "nodes", zh: "节点" },
  "column.how": { en: "carried out by", zh: "执行方式" },
  "column.memory": { en: "memory", zh: "内存" },
  "column.devices": { en: "devices", zh: "设备数" },
  "column.time": { en: "one run", zh: "单次运行" },
  "column.basis": { en: "basis of the time", zh: "时间依据" },
  "column.ratio": { en: "beside {baseline}", zh: "相对 {baseline}" },
  "column.model": { en: "model", zh: "模型" },
  "column.what": { en: "what to do", zh: "工作内容" },
  "column.days": { en: "person-days", zh: "人日" },
  "column.chips": { en: "chips", zh: "芯片数" },
  "column.must": { en: "must", zh: "必须" },
  "is.ready": { en: "ready", zh: "就绪" },
  "is.rewrites": { en: "with rewrites", zh: "需改写" },
  "is.kernels": { en: "needs kernels", zh: "需补核函数" },
  "is.blocked": { en: "blocked", zh: "受阻" },
  "is.uncertain": { en: "uncertain", zh: "不确定" },
  "is.documented": { en: "documents only", zh: "仅文档" },
  "is.unknown": { en: "unknown", zh: "未知" },
  "how.refused": { en: "refused", zh: "被拒绝" },
  "how.undecided": { en: "undecided", zh: "未判定" },
  "how.host": { en: "host", zh: "主机" },
  "how.scalar": { en: "scalar unit", zh: "标量单元" },
  "how.call": { en: "library call", zh: "算子库调用" },
  "how.kernel": { en: "generated kernel", zh: "生成核函数" },
  "how.copy": { en: "copy", zh: "拷贝" },
  "how.folded": { en: "no step of its own", zh: "无独立步骤" },
  "status.announced": { en: "announced", zh: "已发布未上市" },
  "status.rumoured": { en: "rumoured", zh: "传闻" },
  "basis.measured": { en: "measured on it", zh: "本芯片实测" },
  "basis.relatives": { en: "measured on relatives", zh: "同系列实测" },
  "basis.none": { en: "no measurement", zh: "无测量" },
  "assess.sizes-chosen": { en: "open extents are taken to be {sizes}; --dim gives others", zh: "动态维度取值为 {sizes}；可用 --dim 指定" },
  "assess.sizes-unknown": {
    en: "no sizes were found that the model allows: nothing is said of memory and time; give some with --shape or --dim",
    zh: "未找到模型允许的尺寸：不估计内存与时间；请用 --shape 或 --dim 给出",
  },
  "assess.work": { en: "Work, what must be done first", zh: "工作清单（必须项在前）" },
  "assess.facts": {
    en: "Figures of chips are as of {newest}; read them again after {expires}. Times are estimates within bounds, none was measured by this program.",
    zh: "芯片数据截至 {newest}；{expires} 之后请重新核对。时间均为区间估计，并非本程序实测。",
  },
  "gate.coverage": {
    en: "{chip} carries out {share} % of the nodes of {model}, less than {least} %",
    zh: "{chip} 只能执行 {model} 中 {share} % 的节点，低于 {least} %",
  },
  "gate.blocker": { en: "{model} is not compiled for {chip} as it is: {verdict}", zh: "{model} 按现状无法为 {chip} 编译：{verdict}" },
  "gate.unknown": { en: "what is said of {model} on {chip} is {verdict}", zh: "{model} 在 {chip} 上的结论为：{verdict}" },
  "gate.fix": {
    en: "The work list says what would change it; --fail-on decides what ends with exit code 1.",
    zh: "工作清单列出改变结论的途径；--fail-on 决定哪些情况以退出码 1 结束。",
  },
  "replay.differs": { en: "{what} is not what it was when {file} was written", zh: "{what} 与写入 {file} 时不同" },
  "replay.why": {
    en: "The same bytes follow from the same model, options, facts and version alone.",
    zh: "只有模型、选项、事实与版本都相同，才会得到相同的字节。",
  },
  "replay.fix": {
    en: "Assess the model anew, and keep the new report beside the old one.",
    zh: "请重新评估该模型，并将新报告与旧报告一并保留。",
  },
} as const satisfies Readonly<Record<string, Words>>;
