/** A node's attributes as its record declares them: typed, checked, defaults filled in. */
import { exactNumber, extentOf } from "../base/element.js";
import { fail } from "../base/diagnostic.js";
import { dtypeFromOnnx } from "../base/dtype.js";
import type { AttrSpec, AttrValue, OpRecord } from "../ops/op.js";
import type { Attr, Node } from "./graph.js";

/** Fails with `invalid-attribute` when one is missing, of another kind, or not among the spellings allowed. */
export function recordAttrs(record: OpRecord, node: Node): Record<string, AttrValue | undefined> {
  const out: Record<string, AttrValue | undefined> = {};
  for (const [name, spec] of Object.entries(record.attrs)) {
    const given = node.attrs[name];
    if (given) out[name] = checked(node, name, spec, given);
    else if (spec.presence === "required") wrong(node, `attribute "${name}" is missing`);
    else out[name] = spec.default;
  }
  return out;
}

function checked(node: Node, name: string, spec: AttrSpec, given: Attr): AttrValue {
  const v = valueOf(name, spec, given);
  if (v === undefined) return wrong(node, `attribute "${name}" must be ${article(spec.kind)}, is ${given.kind}`);
  if (spec.oneOf && !spec.oneOf.includes(v as string))
    return wrong(node, `attribute "${name}" is "${v as string}"`, `It can be ${spec.oneOf.join(", ")}.`);
  return v;
}

function valueOf(name: string, spec: AttrSpec, given: Attr): AttrValue | undefined {
  switch (spec.kind) {
    case "int":
      return given.kind === "int" ? exactNumber(given.value, `attribute "${name}"`) : undefined;
    case "bool":
      return given.kind === "int" ? given.value !== 0n : undefined;
    case "dtype":
      return given.kind === "text" ? given.value : given.kind === "int" ? dtypeFromOnnx(extentOf(given.value) ?? -1) : undefined;
    case "ints":
      return given.kind === "ints" ? given.value.map((x) => exactNumber(x, `attribute "${name}"`)) : undefined;
    case "tensor":
      return given.kind === "tensor" ? given.value.load() : undefined;
    case "float":
    case "text":
    case "floats":
    case "texts":
      return given.kind === spec.kind ? given.value : undefined;
    default:
      throw spec.kind satisfies never;
  }
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function wrong(node: Node, what: string, fix?: string): never {
  return fail("invalid-attribute", `${node.op} "${nodeLabel(node)}": ${what}`, {
    location: { node: nodeLabel(node) },
    ...(fix && { fix }),
  });
}

/** How messages call a node: the ONNX name it came from. */
export function nodeLabel(node: Node): string {
  return node.origin[0] ?? node.outputs.find((v) => v)?.name ?? node.op;
}
