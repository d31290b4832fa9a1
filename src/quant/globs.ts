/** Names by patterns in which * stands for any text. */

/** Whether a name matches one of the patterns, whole. */
export function globs(patterns: readonly string[]): (name: string) => boolean {
  const parts = patterns.map((p) => p.split("*"));
  return (name) => parts.some((p) => matches(name, p));
}

function matches(name: string, [first, ...rest]: readonly string[]): boolean {
  if (rest.length === 0) return name === first;
  const last = rest[rest.length - 1];
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    at = name.indexOf(part, at);
    if (at < 0) return false;
    at += part.length;
  }
  return at <= name.length - last.length;
}
