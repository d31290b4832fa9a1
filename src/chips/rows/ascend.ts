/** The Ascend chips as CANN names them, one row a SoC version: figures of the platform files, and what follows from their clocks. */
import { estimated, reported, vendor, type Claim, type ChipRow } from "../row.js";
import { GiB } from "../fields.js";
import type { SourceKey } from "../sources.js";

/** What a platform file says of a chip. */
interface Platform {
  readonly file: SourceKey;
  readonly matrixCores: number;
  /** Where a kernel's work is spread: vector cores where matrix and vector units are apart. */
  readonly cores: number;
  readonly clock: number;
  /** Absent where the file names none. */
  readonly memoryGiB?: number;
}

const tenth = (x: number): number => Math.round(10 * x) / 10;

/** A matrix core multiplies 16 x 16 x 16 halves a cycle, twice that in int8 and four times in int4. */
function rate({ file, matrixCores, clock }: Platform, times: 1 | 2 | 4): Claim {
  const tera = (2 * 16 ** 3 * matrixCores * clock * times) / 1e6;
  return estimated(tenth(tera), file, "matrix cores x products a cycle x clock");
}

function platformFigures(p: Platform): ChipRow["figures"] {
  return {
    f16: [rate(p, 1)],
    i8: [rate(p, 2)],
    ...(p.memoryGiB !== undefined && { memory: [vendor(p.memoryGiB * GiB, p.file)] }),
    matrixCores: [vendor(p.matrixCores, p.file)],
    cores: [vendor(p.cores, p.file)],
    clock: [vendor(p.clock, p.file)],
  };
}

type Naming = Pick<ChipRow, "name" | "aliases" | "generator"> & Partial<ChipRow>;

/** Adds claims to a row's own: they take precedence, the row's become the second opinion. */
function withClaims(row: ChipRow, more: ChipRow["figures"]): ChipRow {
  const merged = Object.entries(more).map(([key, claims]) => [key, [...claims, ...(row.figures[key as keyof typeof more] ?? [])]]);
  return { ...row, figures: { ...row.figures, ...(Object.fromEntries(merged) as ChipRow["figures"]) } };
}

/** As engines' documents call it. */
const series = (name: string): readonly Claim[] => [vendor(name, "vllm-ascend-installation")];

const a2Links: ChipRow["links"] = [
  { name: "HCCS", basis: "bidirectional total, 56 GB/s to each of seven others", rate: [reported(392, ["cctv-chart", "arthur-chiao"])] },
  { name: "RoCE", basis: "per direction", rate: [reported(25, "segmentfault-910b")] },
];

function arch2201(naming: Naming, platform: Platform): ChipRow {
  return {
    vendor: "Huawei",
    year: 2023,
    status: "shipping",
    role: "training and inference",
    per: "card",
    arch: "dav-2201",
    links: a2Links,
    ...naming,
    figures: {
      ...platformFigures(platform),
      bf16: [rate(platform, 1)],
      i4: [rate(platform, 4)],
      memoryType: [reported("HBM2E", "press-survey")],
      process: [reported("7 nm class", "arthur-chiao")],
    },
  };
}

/** One of the 910B family; `generator` where `compile` knows it. */
function a2(bin: string, platform: Platform, generated = true): ChipRow {
  const name = `Ascend910${bin}`;
  const row = arch2201({ name, aliases: [`910${bin}`], ...(generated && { generator: name }) }, platform);
  return withClaims(row, { series: series("A2"), serverCards: [vendor(8, "mindie-models", "an Atlas 800I A2")] });
}

/** A die of the 910C, of which a module has two. */
function a3(bin: string, platform: Platform, generated: boolean): ChipRow {
  const row = arch2201(
    {
      name: `Ascend910_${bin}`,
      aliases: [`910_${bin}`],
      year: 2024,
      per: "die",
      links: [
        { name: "UB", basis: "per direction and die", rate: [reported(196, "chinaresearchcollective-substack-cloudmatrix-384-analysis")] },
      ],
      ...(generated && { generator: `Ascend910_${bin}` }),
      note: "A die of an Ascend910C module, which has two and shows them as two devices.",
    },
    platform,
  );
  return withClaims(row, {
    dies: [reported(2, "register")],
    ...{ series: series("A3"), serverCards: [vendor(8, "mindie-models", "modules of an Atlas 800I A3")] },
  });
}

function arch2002(bin: string, platform: Platform, generated: boolean): ChipRow {
  const name = `Ascend310${bin}`;
  return {
    name,
    vendor: "Huawei",
    aliases: [`310${bin}`],
    year: 2021,
    status: "shipping",
    role: "inference",
    per: "die",
    arch: "dav-2002",
    ...(generated && { generator: name }),
    figures: {
      ...platformFigures(platform),
      memory: [
        reported(48 * GiB, "duo-teardown", "half of an Atlas 300I Duo"),
        vendor(24e9, platform.file, "default of the platform file"),
      ],
      memoryType: [reported("LPDDR4X", "duo-teardown")],
      bf16: [vendor("none", "vllm-ascend-310p")],
      series: series("310P"),
    },
    note: "An Atlas 300I Duo carries two, each a device of its own; other cards carry one. There is no bf16.",
  };
}

const duo: ChipRow["figures"] = {
  i8: [reported(140, "duo-teardown", "half of an Atlas 300I Duo")],
  bandwidth: [estimated(204, "duo-teardown", "half of an Atlas 300I Duo")],
  power: [estimated(75, "duo-teardown", "half of an Atlas 300I Duo")],
  dies: [reported(2, "duo-teardown", "Atlas 300I Duo")],
  serverCards: [vendor(4, "mindie-models", "the most on which a model is listed there")],
};

function arch3002(bin: string, platform: Platform, generated: boolean): ChipRow {
  const name = `Ascend310${bin}`;
  return {
    name,
    vendor: "Huawei",
    aliases: [`310${bin}`],
    year: 2022,
    status: "shipping",
    role: "edge inference",
    per: "card",
    ...(generated && { generator: name }),
    arch: "dav-3002",
    figures: platformFigures(platform),
  };
}

const of910b2: ChipRow["figures"] = {
  f32: [vendor(88, "driving-sdk", "matrix cores in full fp32")],
  bandwidth: [
    vendor(1600, ["driving-sdk", "mirror-cann-asc-devkit-l2"]),
    reported(1800, "mirror-cann-asc-devkit-performance", "an example; the chip is not named"),
    reported(1200, "awesomeagents-ai"),
  ],
  power: [reported(400, "arthur-chiao"), reported(350, "flagopen-flagperf-base-benchmarks-computation", "measured 364.5")],
};

/** What else is told of the 910B2's halves. */
const otherHalves: readonly Claim[] = [
  vendor(353, "ascend-950-white-paper"),
  vendor(376, "ascend-950-white-paper", "matrix and vector units together"),
  reported(320, "arthur-chiao"),
];

const platform910b = (file: SourceKey, matrixCores: 20 | 24, clock: number, memoryGiB?: number): Platform => {
  return { file, matrixCores, cores: 2 * matrixCores, clock, ...(memoryGiB !== undefined && { memoryGiB }) };
};

const b2 = a2("B2", platform910b("ini-ascend910b2", 24, 1800, 64));
const b2c = a2("B2C", platform910b("ini-ascend910b2c", 24, 1800));

export const ascend: readonly ChipRow[] = [
  a2("B1", platform910b("ini-ascend910b1", 24, 1850, 64)),
  withClaims({ ...b2, figures: { ...b2.figures, f16: [...(b2.figures.f16 ?? []), ...otherHalves] } }, of910b2),
  withClaims(b2c, { memory: [estimated(64 * GiB, "ini-ascend910b2c", "the file names none: the most that the family has")] }),
  a2("B3", platform910b("ini-ascend910b3", 20, 1800, 64)),
  a2("B4", platform910b("ini-ascend910b4", 20, 1500, 32)),
  a2("B4-1", platform910b("ini-ascend910b4-1", 20, 1500, 32), false),
  a3("9362", platform910b("ini-ascend910-9362", 20, 1500, 64), true),
  a3("9363", platform910b("ini-ascend910-9363", 20, 1500, 32), false),
  a3("9372", platform910b("ini-ascend910-9372", 20, 1800, 64), true),
  a3("9381", platform910b("ini-ascend910-9381", 24, 1800, 64), false),
  a3("9382", platform910b("ini-ascend910-9382", 24, 1800, 64), true),
  a3("9391", platform910b("ini-ascend910-9391", 24, 1850, 64), false),
  a3("9392", platform910b("ini-ascend910-9392", 24, 1850, 64), true),
  arch2002("P1", { file: "ini-ascend310p1", matrixCores: 10, cores: 10, clock: 1060 }, true),
  withClaims(arch2002("P3", { file: "ini-ascend310p3", matrixCores: 8, cores: 8, clock: 1060 }, true), duo),
  arch2002("P5", { file: "ini-ascend310p5", matrixCores: 8, cores: 8, clock: 800 }, false),
  arch2002("P7", { file: "ini-ascend310p7", matrixCores: 8, cores: 8, clock: 550 }, false),
  arch3002("B1", { file: "ini-ascend310b1", matrixCores: 1, cores: 1, clock: 1224, memoryGiB: 32 }, true),
  arch3002("B2", { file: "ini-ascend310b2", matrixCores: 1, cores: 1, clock: 1224 }, false),
  arch3002("B3", { file: "ini-ascend310b3", matrixCores: 1, cores: 1, clock: 1224 }, false),
  withClaims(arch3002("B4", { file: "ini-ascend310b4", matrixCores: 1, cores: 1, clock: 500 }, true), {
    bandwidth: [estimated(25.6, "dk-a2", "Atlas 200I DK A2")],
    power: [vendor(24, "dk-a2", "the whole board of an Atlas 200I DK A2")],
    memoryType: [vendor("LPDDR4X", "dk-a2")],
  }),
];
