/** The figures that are kept of a chip, each with its unit; `src/words/fields.ts` has what they are called. */
export const MiB = 2 ** 20;
export const GiB = 2 ** 30;

interface Field {
  /** Absent of what is a word, and of what counts things. */
  readonly unit?: string;
}

/**
 * Peak rates are those of the matrix unit without sparsity. Memory is in bytes; makers who write GB mean 2^30 of them. Cores are those over which a
 * launch is spread: vector cores where matrix units have cores of their own. A peak of "none" is of a type that is not computed. The series is what
 * documents of engines call chips that they do not tell apart.
 */
export const fields = {
  f32: { unit: "TFLOPS" },
  tf32: { unit: "TFLOPS" },
  f16: { unit: "TFLOPS" },
  bf16: { unit: "TFLOPS" },
  f8: { unit: "TFLOPS" },
  f4: { unit: "TFLOPS" },
  i8: { unit: "TOPS" },
  i4: { unit: "TOPS" },
  memory: { unit: "bytes" },
  memoryType: {},
  bandwidth: { unit: "GB/s" },
  power: { unit: "W" },
  process: {},
  cores: {},
  matrixCores: {},
  clock: { unit: "MHz" },
  dies: {},
  serverCards: {},
  series: {},
  price: {},
} as const satisfies Readonly<Record<string, Field>>;

export type FieldKey = keyof typeof fields;
export const fieldKeys = Object.keys(fields) as readonly FieldKey[];
