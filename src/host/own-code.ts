/** What Portolan itself is, in one hash: answers of another build are not this one's. */
import { join } from "node:path";
import { packageRoot } from "./package.js";
import { exists, hashFiles, listFiles } from "./toolchain.js";

/** Modules as they run, and the C++ that bundles carry; a checkout that was never built has the latter alone. */
const parts = ["dist", "targets"];

let known: string | undefined;

export function ownCode(): string {
  return (known ??= hashFiles(
    packageRoot,
    parts
      .filter(there)
      .flatMap((part) => listFiles(packageRoot, part))
      .filter(decides),
    [],
  ));
}

const there = (part: string): boolean => exists(join(packageRoot, part));
const decides = (path: string): boolean => /\.(js|h|hpp|cpp|c|txt)$/.test(path);
