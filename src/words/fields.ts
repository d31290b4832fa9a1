/** How the figures that are kept of a chip are called (`src/chips/fields.ts` has their units). */
import type { Words } from "./words.js";

export const figures = {
  "field.f32": { en: "peak fp32", zh: "fp32 峰值" },
  "field.tf32": { en: "peak tf32", zh: "tf32 峰值" },
  "field.f16": { en: "peak fp16", zh: "fp16 峰值" },
  "field.bf16": { en: "peak bf16", zh: "bf16 峰值" },
  "field.f8": { en: "peak fp8", zh: "fp8 峰值" },
  "field.f4": { en: "peak fp4", zh: "fp4 峰值" },
  "field.i8": { en: "peak int8", zh: "int8 峰值" },
  "field.i4": { en: "peak int4", zh: "int4 峰值" },
  "field.memory": { en: "memory", zh: "内存容量" },
  "field.memoryType": { en: "memory type", zh: "内存类型" },
  "field.bandwidth": { en: "memory bandwidth", zh: "内存带宽" },
  "field.power": { en: "power", zh: "功耗" },
  "field.process": { en: "process", zh: "制程" },
  "field.cores": { en: "cores", zh: "核数" },
  "field.matrixCores": { en: "matrix cores", zh: "矩阵核数" },
  "field.clock": { en: "clock", zh: "主频" },
  "field.dies": { en: "dies of a card", zh: "每卡裸片数" },
  "field.serverCards": { en: "cards of a server", zh: "每台服务器卡数" },
  "field.series": { en: "series", zh: "系列" },
  "field.price": { en: "price", zh: "价格" },
} as const satisfies Readonly<Record<string, Words>>;
