/**
 * Parameters of a C or C++ function, written as its header has them: "const float* x, int64_t axis = -1". A comma without a
 * space behind it is a template argument's.
 */

/** Name, type, and the default where the declaration gives one. */
export type Param = readonly [name: string, type: string, fallback?: string];

type LastWord<S extends string> = S extends `${string} ${infer Rest}` ? LastWord<Rest> : S;
type Bare<S extends string> = S extends `${infer Name}[]` ? Name : S;
type ParamOf<S extends string> = S extends `${infer Declared} = ${infer Fallback}`
  ? readonly [Bare<LastWord<Declared>>, string, Fallback]
  : readonly [Bare<LastWord<S>>, string];

/** The parameters of a list that the compiler can read: their names, and which have a default. */
export type ParamsOf<S extends string> = S extends ""
  ? readonly []
  : S extends `${infer First}, ${infer Rest}`
    ? readonly [ParamOf<First>, ...ParamsOf<Rest>]
    : readonly [ParamOf<S>];

function paramOf(text: string): Param {
  const [declared, fallback] = text.split(" = ");
  const at = declared.lastIndexOf(" ");
  const [type, name] = [declared.slice(0, at).replaceAll(",", ", "), declared.slice(at + 1)];
  const array = name.endsWith("[]");
  const own = [array ? name.slice(0, -2) : name, array ? `${type}[]` : type] as const;
  return fallback === undefined ? own : [...own, fallback];
}

export function paramsOf<const S extends string>(list: S): ParamsOf<S> {
  return (list === "" ? [] : list.split(", ").map(paramOf)) as unknown as ParamsOf<S>;
}

/** Records that are told the name they stand under. */
export function named<R extends Readonly<Record<string, (name: string) => unknown>>>(
  rows: R,
): { readonly [K in keyof R]: ReturnType<R[K]> } {
  return Object.fromEntries(Object.entries(rows).map(([name, make]) => [name, make(name)])) as { [K in keyof R]: ReturnType<R[K]> };
}
