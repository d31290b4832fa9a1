/** The entry of a fleet's processes: one task after the other, until there is no more. */
import { serveTasks } from "../api/fleet.js";
import { setEngine } from "./engine.js";
import { kinds } from "./tasks.js";

setEngine();
serveTasks((task, start, signal) => kinds[task.kind].execute(task, start, signal));
