/** The form of a row, checked by the tests on all of them; nothing that runs loads this file, since it brings the validator along. */
import { z } from "zod";
import { fieldKeys } from "./fields.js";

const words = z.string().trim().min(1);
const date = z.string().regex(/^20\d\d(-\d\d(-\d\d)?)?$/);

const claim = z.strictObject({
  value: z.union([z.number().positive(), words]),
  confidence: z.enum(["vendor", "reported", "estimated"]),
  source: words.min(3),
  date,
  note: words.optional(),
  recalled: z.literal(true).optional(),
});

const claims = z.array(claim);

export const chipRowSchema = z.strictObject({
  name: words,
  vendor: words,
  aliases: z.array(words),
  year: z.number().int().min(2015).max(2030).optional(),
  status: z.enum(["shipping", "announced", "rumoured"]),
  role: words,
  per: z.enum(["card", "die"]),
  generator: words.optional(),
  arch: words.optional(),
  figures: z.partialRecord(z.enum(fieldKeys as [string, ...string[]]), claims.min(1)),
  links: z.array(z.strictObject({ name: words, basis: words, rate: claims })).optional(),
  note: words.optional(),
});
