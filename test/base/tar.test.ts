/** The archive reader against archives made by hand, since the conformance packs may be absent. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { readTar, readTarGz } from "../../src/base/tar.js";

function entry(path: string, body: string, type = "0", prefix = ""): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(body.length.toString(8).padStart(11, "0"), 124);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\0" + "00", 257);
  header.write(prefix, 345);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512);
  padded.write(body);
  return Buffer.concat([header, padded]);
}

const end = Buffer.alloc(1024);
const list = (archive: Uint8Array) => [...readTar(archive, "a.tar")].map((e) => [e.path, Buffer.from(e.bytes).toString()]);

describe("tar", () => {
  test("files in order, folders left out, long paths joined", () => {
    const archive = Buffer.concat([
      entry("dir/", "", "5"),
      entry("dir/a.txt", "alpha"),
      entry("b", "", "0", "long/prefix"),
      entry("c", "x".repeat(600)),
      end,
    ]);
    expect(list(archive)).toEqual([
      ["dir/a.txt", "alpha"],
      ["long/prefix/b", ""],
      ["c", "x".repeat(600)],
    ]);
    expect([...readTarGz(gzipSync(archive), "a.tgz")].map((e) => e.path)).toEqual(["dir/a.txt", "long/prefix/b", "c"]);
  });

  test("GNU and pax long names", () => {
    const long = "d/".repeat(80) + "f";
    const record = ` path=${long}\n`;
    const pax = `${record.length + 3}${record}`;
    expect(
      list(Buffer.concat([entry("././@LongLink", `${long}\0`, "L"), entry("short", "1"), entry("p", pax, "x"), entry("short", "2"), end])),
    ).toEqual([
      [long, "1"],
      [long, "2"],
    ]);
  });

  test("damage is a diagnostic", () => {
    const archive = Buffer.concat([entry("a", "alpha"), end]);
    archive[3] ^= 1;
    expect(() => list(archive)).toThrow(DiagnosticError);
    expect(() => list(entry("a", "alpha").subarray(0, 514))).toThrow("archive-damaged");
    expect(() => [...readTarGz(Buffer.from("no gzip"), "b.tgz")]).toThrow("archive-damaged");
  });
});
