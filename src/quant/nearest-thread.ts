/** One thread that packs weights: a band at a time, into memory that it shares with the one who asks. */
import { serveAsThread } from "../host/threads.js";
import { packBand, type Band, type Packing } from "./formats/nearest.js";

export interface UnpackedBand {
  readonly kind: "band";
  readonly band: Band;
  readonly into: Packing;
}

export interface PackedBand {
  readonly kind: "outcome";
  /** As `packBand` says. */
  readonly isFinite: boolean;
}

serveAsThread<UnpackedBand, PackedBand>(({ band, into }, tell) => tell({ kind: "outcome", isFinite: packBand(band, into) }));
