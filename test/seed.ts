/** Property tests draw the same examples on every machine; PORTOLAN_SEED tries others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["PORTOLAN_SEED"] ?? 1375) });
