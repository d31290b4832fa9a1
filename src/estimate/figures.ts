/** Figures of a chip as software sees it: of one device, of which a card may have several. */
import { chipRows } from "../chips/chips.js";
import type { FieldKey } from "../chips/fields.js";
import type { ChipRow, Claim, Link } from "../chips/row.js";
import type { Interval } from "./interval.js";
import { between, type Unknown } from "./spread.js";

export type Peak = "f16" | "i8" | "f8" | "f4";

export interface DeviceFigures {
  /** Operations a second. */
  readonly peaks: Readonly<Partial<Record<Peak, number>>>;
  /** Bytes a second; wide where no source tells it. */
  readonly bandwidth: Unknown;
  /** Whether a source tells the bandwidth of this chip. */
  readonly bandwidthKnown: boolean;
  /** Bytes; absent where no source tells it. */
  readonly memory?: number;
  /** Bytes a second from one device to the others, in one direction. */
  readonly link: Unknown;
  readonly devicesPerCard: number;
  /** Absent where no source tells it. */
  readonly serverCards?: number;
}

const numberOf = (claims: readonly Claim[] | undefined): number | undefined =>
  claims?.map((c) => c.value).find((v): v is number => typeof v === "number");

/** The claim that is taken. */
const taken = (row: ChipRow, key: FieldKey): number | undefined => numberOf(row.figures[key]);

/** Devices of a card as it is sold. */
export const devicesPerCard = (row: ChipRow): number => taken(row, "dies") ?? 1;

/** A figure of one device, where the row is of a card with several. */
function perDevice(row: ChipRow, key: FieldKey): number | undefined {
  const value = taken(row, key);
  return value === undefined ? undefined : value / (row.per === "card" ? devicesPerCard(row) : 1);
}

const archOf = ({ arch = "" }: ChipRow): string => arch;

/** The module that a die belongs to tells what its own row does not. */
export const moduleOf = (row: ChipRow): ChipRow | undefined =>
  row.per === "die"
    ? chipRows.find((r) => r.per === "card" && archOf(r) !== "" && archOf(r) === archOf(row) && devicesPerCard(r) > 1)
    : undefined;

function figureOf(row: ChipRow, key: FieldKey): number | undefined {
  const module = moduleOf(row);
  return perDevice(row, key) ?? (module && perDevice(module, key));
}

/** Figures of chips of the same architecture. */
function relatives(row: ChipRow, key: FieldKey): number[] {
  const known = chipRows.filter((r) => archOf(row) !== "" && archOf(r) === archOf(row)).map((r) => perDevice(r, key));
  return known.filter((b) => b !== undefined);
}

/** Figures of cards that are said to multiply halves about as fast, a factor of two aside. */
function peers(row: ChipRow, key: FieldKey): number[] {
  const own = perDevice(row, "f16");
  const alike = (r: ChipRow): boolean => {
    const f16 = perDevice(r, "f16");
    return own === undefined || (f16 !== undefined && f16 >= own / 2 && f16 <= own * 2);
  };
  const known = chipRows.filter((r) => r.status === "shipping" && r.role.includes("inference") && alike(r));
  return known.map((r) => perDevice(r, key)).filter((b) => b !== undefined);
}

const giga = 1e9;

function bandwidthOf(row: ChipRow): Pick<DeviceFigures, "bandwidth" | "bandwidthKnown"> {
  const own = figureOf(row, "bandwidth");
  if (own !== undefined) return { bandwidth: { lo: own * giga, at: own * giga, hi: own * giga }, bandwidthKnown: true };
  const kin = relatives(row, "bandwidth");
  if (kin.length > 0) return { bandwidth: between((Math.min(...kin) / 2) * giga, Math.max(...kin) * giga), bandwidthKnown: false };
  const others = peers(row, "bandwidth");
  return { bandwidth: between((Math.min(...others) / 2) * giga, Math.max(...others) * giga), bandwidthKnown: false };
}

interface Rate {
  readonly value: Interval;
  /** "relatives" have its architecture; "peers" multiply halves about as fast. */
  readonly from: "claims" | "relatives" | "peers";
}

/** Claims that speak of a figure: the user's newest alone where there is one, else all that is published, contradictions included. */
export function speaking(row: ChipRow, key: FieldKey): readonly Claim[] {
  const claims = row.figures[key] ?? [];
  const own = claims.find((c) => c.confidence === "yours");
  return own === undefined ? claims : [own];
}

/** A figure of one device in the field's unit, from the least to the greatest value claimed: who contradicts whom is not settled here. */
export function rateOf(row: ChipRow, key: FieldKey): Rate | undefined {
  const module = moduleOf(row);
  const claims = [row, ...(row.figures[key] === undefined && module ? [module] : [])].flatMap((r) => everyClaim(r, key));
  if (claims.length > 0) return { value: spanOf(claims), from: "claims" };
  const kin = relatives(row, key);
  if (kin.length > 0) return { value: spanOf(kin), from: "relatives" };
  const others = peers(row, key);
  return others.length > 0 ? { value: spanOf(others), from: "peers" } : undefined;
}

const everyClaim = (row: ChipRow, key: FieldKey): number[] =>
  speaking(row, key).flatMap(({ value }) => (typeof value === "number" ? [value / (row.per === "card" ? devicesPerCard(row) : 1)] : []));

const spanOf = (values: readonly number[]): Interval => ({ lo: Math.min(...values), hi: Math.max(...values) });

/** One direction of a link, as its basis counts. */
function direction({ basis, rate }: Link): number | undefined {
  const value = numberOf(rate);
  return value === undefined ? undefined : basis.startsWith("per direction") ? value : value / 2;
}

/** Where no link is told of, cards meet on a bus. */
const bus = between(8 * giga, 32 * giga);

function linkOf(row: ChipRow): Unknown {
  const rates = [...(row.links ?? []), ...(moduleOf(row)?.links ?? [])].map(direction).filter((r) => r !== undefined);
  if (rates.length === 0) return bus;
  const fastest = (Math.max(...rates) * giga) / (row.per === "card" ? devicesPerCard(row) : 1);
  return between(fastest / 4, fastest);
}

const peakKeys: readonly Peak[] = ["f16", "i8", "f8", "f4"];

/** Figures of one device of a chip, the claims that are taken. */
export function figuresOf(row: ChipRow): DeviceFigures {
  const peaks = peakKeys.flatMap((k): [Peak, number][] => {
    const value = figureOf(row, k);
    return value === undefined ? [] : [[k, value * 1e12]];
  });
  const [memory, cards] = [figureOf(row, "memory"), taken(row, "serverCards")];
  return {
    peaks: Object.fromEntries(peaks),
    ...bandwidthOf(row),
    ...(memory !== undefined && { memory }),
    link: linkOf(row),
    devicesPerCard: devicesPerCard(row),
    ...(cards !== undefined && { serverCards: cards }),
  };
}
