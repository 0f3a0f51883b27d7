import { describe, expect, test } from "vitest";
import { parse, quantile, sum } from "../src/house/metrics";
import en from "../src/text/en.json";
import it from "../src/text/it.json";
import { blankSheet, idOf, kCharacterFields } from "../src/write/sheet_form";
import { print } from "../src/write/yaml";

describe("yaml.print", () => {
  test("lays out lists and maps as sheets do", () => {
    expect(print({ id: "iva", speaks_first: false, sayings: ["Iron waits."], secrets: [], values: [{ name: "work", text: "I work: always." }] })).toBe(
      'id: iva\nspeaks_first: false\nsayings:\n  - Iron waits.\nsecrets: []\nvalues:\n  - name: work\n    text: "I work: always."\n',
    );
  });

  test("quotes whatever YAML would read as something else", () => {
    for (const text of ["", "true", "No", "12", "- a", "a: b", "a #b", "*a", "line\nline", " a", "a ", '"', "{a}", "\u0085"])
      expect(print({ x: text })).toMatch(/^x: "/);
    expect(JSON.parse(print({ x: 'a "b" \n c' }).slice(3))).toBe('a "b" \n c');
  });
});

test("a new sheet has every field, and a name makes a file's name", () => {
  const blank = blankSheet("luminaria", "iva", "Iva Mill");
  expect(Object.keys(blank).sort()).toEqual(["id", "world", ...kCharacterFields.map((field) => field.name)].sort());
  expect(blank["short_name"]).toBe("Iva");
  expect(idOf("Iva of the Mill")).toBe("iva-of-the-mill");
  expect(idOf("../../etc/passwd")).toBe("etc-passwd");
  expect(idOf("Zoë Čapek")).toBe("zoe-capek");
});

describe("metrics", () => {
  const text = (fast: number, slow: number) => `# HELP x
# TYPE first histogram
first_bucket{model="a \\"b\\"",le="0.1"} ${fast}
first_bucket{model="a \\"b\\"",le="1"} ${fast + slow}
first_bucket{model="a \\"b\\"",le="+Inf"} ${fast + slow}
tokens_total{kind="generated"} 40
tokens_total{kind="prompt"} 2
`;
  test("reads samples with their labels", () => {
    const samples = parse(text(1, 2));
    expect(samples[0]).toEqual({ name: "first_bucket", labels: { model: 'a "b"', le: "0.1" }, value: 1 });
    expect(sum(samples, "tokens_total")).toBe(42);
    expect(sum(samples, "tokens_total", { kind: "generated" })).toBe(40);
  });

  test("finds the median of what happened between two looks", () => {
    expect(quantile(parse(text(10, 0)), parse(text(10, 4)), "first", 0.5)).toBeCloseTo(0.55);
    expect(quantile(parse(text(1, 1)), parse(text(1, 1)), "first", 0.5)).toBeUndefined();
  });
});

test("both languages say the same things, with the same gaps", () => {
  expect(Object.keys(it).sort()).toEqual(Object.keys(en).sort());
  const gaps = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [key, words] of Object.entries(en)) expect(gaps(it[key as keyof typeof it]), key).toEqual(gaps(words));
});
