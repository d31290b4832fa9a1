/** The figures that are kept of a chip: how each is called, and its unit. */
export const MiB = 2 ** 20;
export const GiB = 2 ** 30;

interface Field {
  readonly title: string;
  /** Absent of what is a word, and of what counts things. */
  readonly unit?: string;
}

/**
 * Peak rates are those of the matrix unit without sparsity. Memory is in bytes; makers who write GB mean 2^30 of them. Cores are those over which a
 * launch is spread: vector cores where matrix units have cores of their own.
 */
export const fields = {
  f32: { title: "peak fp32", unit: "TFLOPS" },
  tf32: { title: "peak tf32", unit: "TFLOPS" },
  f16: { title: "peak fp16", unit: "TFLOPS" },
  bf16: { title: "peak bf16", unit: "TFLOPS" },
  f8: { title: "peak fp8", unit: "TFLOPS" },
  f4: { title: "peak fp4", unit: "TFLOPS" },
  i8: { title: "peak int8", unit: "TOPS" },
  i4: { title: "peak int4", unit: "TOPS" },
  memory: { title: "memory", unit: "bytes" },
  memoryType: { title: "memory type" },
  bandwidth: { title: "memory bandwidth", unit: "GB/s" },
  power: { title: "power", unit: "W" },
  process: { title: "process" },
  cores: { title: "cores" },
  matrixCores: { title: "matrix cores" },
  clock: { title: "clock", unit: "MHz" },
  dies: { title: "dies of a card" },
  price: { title: "price" },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldKey = keyof typeof fields;
export const fieldKeys = Object.keys(fields) as readonly FieldKey[];
