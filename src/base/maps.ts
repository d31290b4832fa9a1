/** The list under a key of a map of lists, made where there was none. */
export function listIn<K, V>(map: Map<K, V[]>, key: K): V[] {
  const had = map.get(key);
  if (had) return had;
  const made: V[] = [];
  map.set(key, made);
  return made;
}
