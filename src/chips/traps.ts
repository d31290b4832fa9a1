/** Names that do not say which chip is meant, or mean another than they seem to: what is taken for them, and what is said. */

interface Trap {
  readonly given: readonly string[];
  /** The row that is taken. */
  readonly means: string;
  readonly says: string;
  /** Bins of one chip that it may be, where figures of one stand for all. */
  readonly among?: readonly string[];
}

const bins910b =
  "the chips sold as 910B are Ascend910B1 (24 matrix cores, 1.85 GHz, 64 GB), B2 (24, 1.8 GHz, 64 GB), B3 (20, 64 GB) and B4 (20, 1.5 GHz, 32 GB)";

const architecture = (name: string, means: string): Trap => {
  return { given: [name], means, says: "it is an architecture that several chips or cards may have" };
};

export const traps: readonly Trap[] = [
  {
    given: ["910B"],
    means: "Ascend910B2",
    says: bins910b,
    among: ["Ascend910B1", "Ascend910B2", "Ascend910B3", "Ascend910B4"],
  },
  {
    given: ["Ascend910B"],
    means: "Ascend910B2",
    says: `CANN calls a first-generation part of 30 cores Ascend910B; ${bins910b}`,
  },
  { given: ["A2", "Atlas A2", "Atlas 800T A2", "Atlas 900 A2 PoD", "Atlas 200T A2 Box16"], means: "Ascend910B2", says: bins910b },
  { given: ["Atlas 800I A2"], means: "Ascend910B3", says: "it comes with Ascend910B3 of 64 GB, and with Ascend910B4 of 32 GB" },
  { given: ["Atlas 300I A2"], means: "Ascend910B4", says: "it is a card, of one Ascend910B4" },
  {
    given: ["910C"],
    means: "Ascend910C",
    says: "a 910C is a module of two dies, which software sees as two devices, Ascend910_9362 to Ascend910_9392 (910_93xx); figures of the 910C are the module's",
  },
  {
    given: ["Ascend910_93", "910_93", "910_93xx", "A3", "Atlas A3", "Atlas 800T A3", "Atlas 800I A3"],
    means: "Ascend910C",
    says: "910_93xx names the dies of the 910C, of which a module has two; figures of the 910C are the module's, those of Ascend910_9392 one die's",
  },
  {
    given: ["Ascend910_95", "910_95", "A5", "Ascend950PR_9599"],
    means: "Ascend950PR",
    says: "it is a name of the series, whose bins differ",
  },
  {
    given: ["Atlas 300I Duo", "300I Duo", "Duo"],
    means: "Ascend310P3",
    says: "the card carries two Ascend310P3, each a device of its own, and figures are those of one",
  },
  { given: ["Atlas 300I Pro", "Atlas 300V Pro", "Atlas 200I Pro"], means: "Ascend310P3", says: "it is a card, of one Ascend310P3" },
  { given: ["310P", "Ascend310P"], means: "Ascend310P3", says: "its bins P1, P3, P5 and P7 differ in cores and clock" },
  { given: ["310B", "Ascend310B"], means: "Ascend310B1", says: "its bins B1 to B4 differ in clock and memory" },
  { given: ["Atlas 200I DK A2", "Atlas 200I A2"], means: "Ascend310B4", says: "it is a board, with an Ascend310B4 or another bin of it" },
  {
    given: ["MLU370"],
    means: "MLU370-X8",
    says: "cards with the MLU370 are S4 and X4 of 24 GB, S8 and X8 of 48 GB; an X8 carries two chips",
  },
  {
    given: ["MLU370-S8"],
    means: "MLU370-S4",
    says: "the S8 is an S4 with 48 GB",
  },
  { given: ["Kunlun 2", "kXPU2", "KL2"], means: "R200", says: "the chip is sold as the R200 card and the R300 module" },
  { given: ["H20-3e"], means: "NVIDIA H20 96GB", says: "the H20-3e is an H20 with 141 GB" },
  architecture("dav-2201", "Ascend910B2"),
  architecture("dav-2002", "Ascend310P3"),
  architecture("dav-3002", "Ascend310B1"),
  architecture("mtp_592", "MLU590"),
  architecture("mtp_372", "MLU370-X8"),
  architecture("mtp_290", "MLU290"),
  architecture("xpu2", "R200"),
  architecture("xpu3", "P800"),
];
