/** A step of model.cpp that calls a library, while it is written: its lines, and every vendor symbol they use. */
import { invariant } from "../../src/base/diagnostic.js";
import type { Dim } from "../../src/base/dim.js";
import type { CallSite, Operand } from "../../src/claim/target.js";

export function inputOf({ inputs, node }: CallSite, i: number): Operand {
  const operand = inputs[i];
  invariant(operand, `operand ${i} of ${node.op} is absent`);
  return operand;
}

export function outputOf({ outputs, node }: CallSite): Operand {
  const operand = outputs[0];
  invariant(operand, `${node.op} has no output`);
  return operand;
}

/** Numbers, or extents of a shape, as a braced list. */
export function braced(values: readonly (number | string)[]): string {
  return `{${values.join(", ")}}`;
}

export class CallStep {
  readonly site: CallSite;
  readonly lines: string[] = [];
  readonly symbols = new Set<string>();

  constructor(site: CallSite) {
    this.site = site;
  }

  /** Notes symbols that what is called here uses itself. */
  use(...symbols: readonly string[]): this {
    symbols.forEach((name) => this.symbols.add(name));
    return this;
  }

  get uses(): readonly string[] {
    return [...this.symbols].sort();
  }

  input(i: number): Operand {
    return inputOf(this.site, i);
  }

  get output(): Operand {
    return outputOf(this.site);
  }

  line(...lines: readonly string[]): this {
    this.lines.push(...lines);
    return this;
  }

  list(dims: readonly Dim[]): string {
    return braced(dims.map((d) => this.site.dim(d)));
  }
}
