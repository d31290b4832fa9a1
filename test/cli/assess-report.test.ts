/** `assess --report`: a page in the language that was asked for, whole or not at all. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operator } from "../assess/models.js";
import { fieldsOf } from "../serve/configs.js";
import { portolan } from "./portolan.js";

const folder = mkdtempSync(join(tmpdir(), "portolan-assess-report-"));
const model = join(folder, "sound.onnx");
beforeAll(() => {
  writeFileSync(model, operator("Relu"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("writes a page in both languages, the one asked for first, beside what the terminal says", async () => {
  const page = join(folder, "page.html");
  const ran = await portolan(["assess", model, "-t", "P800", "--lang", "zh", "--report", page]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toContain("结论");
  const text = readFileSync(page, "utf8");
  expect(text).toMatch(/^<!doctype html>\n<html lang="zh">/);
  expect(text.trimEnd()).toMatch(/<\/html>$/);
});

test("a page that cannot be written is no page", async () => {
  const before = readdirSync(folder).sort();
  const blocked = await portolan(["assess", model, "-t", "P800", "--report", join(model, "page.html")]);
  expect(blocked.code).toBe(2);
  expect(blocked.stderr).toContain("output-not-writable");
  expect(readdirSync(folder).sort()).toEqual(before);
});

test("of a checkpoint it is a page too, and none where the folder cannot be read", async () => {
  const [checkpoint, page] = [join(folder, "Qwen3-32B"), join(folder, "checkpoint.html")];
  mkdirSync(checkpoint);
  writeFileSync(join(checkpoint, "config.json"), "{}");
  const broken = await portolan(["assess", checkpoint, "--report", page]);
  expect([broken.code === 0, existsSync(page)]).toEqual([false, false]);
  writeFileSync(join(checkpoint, "config.json"), JSON.stringify(fieldsOf("Qwen3-32B")));
  const ran = await portolan(["assess", checkpoint, "-t", "P800", "--lang", "zh", "--report", page]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toContain("引擎");
  expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>\n<html lang="zh">[^]*<h1><bdi>Qwen3-32B<[^]*<\/html>\s*$/);
});

test("a report that is made again is no page", async () => {
  const ran = await portolan(["assess", model, "--replay", "old.json", "--report", join(folder, "again.html")]);
  expect(ran.code).toBe(2);
});

test("of many models it is one page, by paths, with those that cannot be read; so is the table for spreadsheets", async () => {
  const many = join(folder, "many");
  mkdirSync(join(many, "a"), { recursive: true });
  copyFileSync(model, join(many, "a", "same.onnx"));
  copyFileSync(model, join(many, "same.onnx"));
  writeFileSync(join(many, "broken.onnx"), "no model");
  const [page, csv] = [join(folder, "many.html"), join(folder, "many.csv")];
  await portolan(["assess", many, "-t", "P800,R200", "--jobs", "1", "--root", many, "--report", page, "--csv", csv, "--lang", "en"]);
  const text = readFileSync(page, "utf8");
  expect(text).toContain("2 models on 2 chips");
  for (const told of ["a/same.onnx", "same.onnx", "broken.onnx", "Could not be read: 1."]) expect(text).toContain(told);
  expect(readFileSync(csv, "utf8").trim().split("\r\n")).toHaveLength(5);
});
