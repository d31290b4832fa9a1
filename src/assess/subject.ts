/** What is assessed: a model as all chips see it, and the chips. */
import type { ChipRow } from "../chips/row.js";
import type { CompileOptions } from "../driver/compile.js";
import type { LoadedModel } from "../driver/load.js";
import type { ChosenTarget } from "../driver/targets.js";
import type { Graph, Node } from "../ir/graph.js";
import type { Sizes } from "../program/cost.js";

/** A chip to assess; `chosen` is what compile takes for it, `documented` the chip whose documents alone are asked. */
export interface AssessedChip {
  readonly row: ChipRow;
  readonly chosen?: ChosenTarget;
  readonly documented?: ChosenTarget;
}

/** The model as all chips see it. */
export interface Subject {
  readonly loaded: LoadedModel;
  /** After the passes that need no target. */
  readonly graph: Graph;
  /** Nodes of the model as it was given, bodies included. */
  readonly nodes: readonly Node[];
  /** Values of open extents; undefined where none were found that the model allows. */
  readonly sizes: Sizes | undefined;
}

export type AssessOptions = Pick<CompileOptions, "precision" | "prefer" | "allowHf32" | "signal">;

/** As messages and steps call it. */
export const nameOf = (n: Node): string => n.origin[0] ?? n.outputs[0]?.name ?? n.op;
