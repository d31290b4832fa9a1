/**
 * Schedules name the extents of a tile in every phase that may need them; a phase that turns out not to would leave an
 * unused variable. This drops `const int name = ...;` lines whose name nothing below them in their block reads.
 */

const definition = /^( *)const int (\w+) = .*;$/;

export function withoutUnusedNames(text: string): string {
  const lines = text.split("\n");
  for (let i = lines.length - 1; i >= 0; i--) {
    const found = definition.exec(lines[i]);
    if (found && !isRead(lines, i + 1, found[1].length, found[2])) lines.splice(i, 1);
  }
  return lines.join("\n");
}

/** Whether a line of the block that starts here, indented by at least `depth`, mentions the name. */
function isRead(lines: readonly string[], from: number, depth: number, name: string): boolean {
  const word = new RegExp(`\\b${name}\\b`);
  for (let i = from; i < lines.length; i++) {
    const line = lines[i];
    if (line !== "" && line.search(/\S/) < depth) return false;
    if (word.test(line)) return true;
  }
  return false;
}
