/** A sentence that has not yet been said in a language: its key in the catalogue (`src/words`) and what stands in its gaps. Data, so that a report keeps it. */
export interface Said {
  readonly key: string;
  readonly with?: Readonly<Record<string, string | number | Said>>;
}

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];
