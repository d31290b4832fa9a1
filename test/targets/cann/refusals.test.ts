/** What a chip's documents refuse, its twin refuses: the same few lines on a chip that has them and on one that has not. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, chipFlag, hasCompiler, type KernelText, type Program } from "./twin.js";

const kernel = (name: string, ...lines: readonly string[]): KernelText => ({
  name,
  text: [
    '#include "kernel_operator.h"',
    "using namespace AscendC;",
    `extern "C" __global__ __aicore__ void ${name}(GM_ADDR x, GM_ADDR y) {`,
    "  TPipe pipe;",
    "  TBuf<TPosition::VECCALC> buffer;",
    "  pipe.InitBuffer(buffer, 512);",
    "  LocalTensor<int64_t> tile = buffer.Get<int64_t>();",
    "  GlobalTensor<int64_t> from, to;",
    "  from.SetGlobalBuffer(reinterpret_cast<__gm__ int64_t*>(x));",
    "  to.SetGlobalBuffer(reinterpret_cast<__gm__ int64_t*>(y));",
    ...lines,
    "}",
    "",
  ].join("\n"),
  pointers: 2,
  ints: 0,
});

const load = "DataCopy(tile, from, 4u);";
const kernels = [
  kernel("copies", load, "PipeBarrier<PIPE_ALL>();", "DataCopy(to, tile, 4u);"),
  kernel("events", "SetFlag<HardEvent::V_S>(0);", "WaitFlag<HardEvent::V_S>(0);"),
  kernel("fetched", "(void)GetTPipePtr()->FetchEventID(HardEvent::V_S);"),
  kernel("inside", load, "PipeBarrier<PIPE_ALL>();", "DataCopy(tile[16], tile, 4u);"),
  kernel("padded", "DataCopyPad(tile, from, {1, 32, 0, 0, 0}, {false, 0, 0, 0});"),
  kernel("words", load, "PipeBarrier<PIPE_ALL>();", "LocalTensor<uint16_t> w = tile.ReinterpretCast<uint16_t>();", "Or(w[64], w, w, 16);"),
];

const refused = {
  Ascend910B2: [],
  Ascend310P3: ["padded"],
  Ascend310B4: ["events", "fetched", "inside", "padded"],
} as const;

describe.skipIf(!hasCompiler()).each(Object.entries(refused))("on %s", (chip, refusals) => {
  let program: Program;
  beforeAll(() => (program = build(kernels, [chipFlag(chip), "-Wno-unused-but-set-variable"])));
  afterAll(() => program?.dispose());

  test.each(kernels.map((k) => k.name))("%s", (name) => {
    const data = BigInt64Array.of(1n, 2n, 3n, 4n);
    const { violation, status } = program.run(name, 1, [{ data }, { data: new BigInt64Array(4), output: true }], []);
    if ((refusals as readonly string[]).includes(name)) expect(violation?.detail).toMatch(new RegExp(`(exist|bytes) on ${chip}`));
    else expect([violation, status]).toEqual([undefined, 0]);
  });
});
