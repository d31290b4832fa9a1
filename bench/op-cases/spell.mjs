/** How own cases are written down: short calls that give the brief text form. */

/** Attribute values as the text form spells them; [f] is a float that is whole. */
export function attrText(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? "ints[]" : `[${value.map(attrText).join(", ")}]`;
  if (typeof value === "object") return value.text;
  return `${value}`;
}

/** A float attribute. */
export const fl = (x) => ({ text: Number.isInteger(x) ? `${x}.0` : `${x}` });

/** One operator: `operands` as the text form has them, joined by commas. */
export function one(op, name, operands, attrs = {}, more = {}) {
  const list = [operands, ...Object.entries(attrs).map(([k, v]) => `${k}=${attrText(v)}`)].filter((t) => t !== "");
  const { outs = "y", ...rest } = more;
  return { op, name: `${op.toLowerCase()}-${name}`, text: `${outs} = ${op}(${list.join(", ")})`, ...rest };
}

/** Every combination of the values of an object's lists. */
export function combos(lists) {
  return Object.entries(lists).reduce(
    (acc, [k, values]) => acc.flatMap((c) => values.map((v) => (v === undefined ? c : { ...c, [k]: v }))),
    [{}],
  );
}

/** A short name for attributes. */
export const named = (attrs) =>
  Object.entries(attrs)
    .map(([k, v]) => `${k.replace(/[aeiou_]/g, "").slice(0, 4)}${attrText(v).replace(/[^\w.-]/g, "")}`)
    .join("-") || "plain";

/** The same operator with every combination of attributes. */
export const each = (op, operands, lists, more = {}) => combos(lists).map((a) => one(op, named(a), operands, a, more));
