import { sweepDead } from "../../src/ir/rewrite/sweep-dead.js";
import { definePass } from "../pass.js";

/**
 * A node or constant that no output needs  =>  nothing
 *
 * Skipped for inputs of the graph, read or not: they are its interface.
 */
export const dropDead = definePass("drop-dead", (graph) => graph.with(sweepDead(graph.graph)));
