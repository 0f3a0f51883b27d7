import { describe, expect, test } from "vitest";
import { EventParser } from "../src/api/sse";
import { read } from "../src/text/spoken";
import { Rows } from "../src/talk/rows";
import { draws, hash } from "../src/text/chance";

describe("EventParser", () => {
  const stream = 'event: text\ndata: {"text":"Good day"}\n\n: ping\n\nevent: done\r\ndata: a\r\ndata: b\r\n\r\ndata:x\n\n';
  const whole = [
    { type: "text", data: '{"text":"Good day"}' },
    { type: "done", data: "a\nb" },
    { type: "message", data: "x" },
  ];

  test("reads the same events however the stream is cut", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const parser = new EventParser();
      expect([...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))]).toEqual(whole);
    }
    const parser = new EventParser();
    expect([...stream].flatMap((letter) => parser.push(letter))).toEqual(whole);
  });

  test("tells no event that did not come whole", () => {
    expect(new EventParser().push("event: done\ndata: {}\n")).toEqual([]);
  });
});

describe("spoken.read", () => {
  test("finds actions, strong words and quotes", () => {
    expect(read('*bows* He said "stay" and **stayed**.')).toEqual([
      [
        { style: "action", text: "bows" },
        { style: "plain", text: " He said " },
        { style: "quote", text: '"stay"' },
        { style: "plain", text: " and " },
        { style: "strong", text: "stayed" },
        { style: "plain", text: "." },
      ],
    ]);
  });

  test("keeps every letter of hostile words as text", () => {
    for (const said of ["<script>alert(1)</script>", "**<img src=x onerror=alert(1)>**", "[a](javascript:b)", "*", "***", '"', "a * b * c"]) {
      const letters = read(said).flat().map((span) => span.text).join("");
      expect(letters.replaceAll("*", "")).toBe(said.replaceAll("*", ""));
    }
  });

  test("parts paragraphs at empty lines and says nothing of nothing", () => {
    expect(read("a\n\nb\nc").map((p) => p.map((s) => s.text).join(""))).toEqual(["a", "b\nc"]);
    expect(read(" \n\n ")).toEqual([]);
  });

  test("leaves what is too long for a style plain", () => {
    const long = "*" + "a".repeat(700) + "*";
    expect(read(long)).toEqual([[{ style: "plain", text: long }]]);
    expect(read("*a* ".repeat(9000))[0]?.length).toBe(1);
  });
});

describe("Rows", () => {
  test("agrees with plain sums", () => {
    const rows = new Rows(40);
    rows.resize(1000);
    const draw = draws("rows");
    const heights = new Array<number>(1000).fill(40);
    for (let i = 0; i < 3000; i++) {
      const row = draw(1000);
      heights[row] = 20 + draw(300);
      rows.measure(row, heights[row] ?? 0);
    }
    let top = 0;
    for (let row = 0; row < 1000; row++) {
      expect(rows.top(row)).toBe(top);
      expect(rows.at(top)).toBe(row);
      expect(rows.at(top + (heights[row] ?? 0) - 1)).toBe(row);
      top += heights[row] ?? 0;
    }
    expect(rows.top(1000)).toBe(top);
  });

  test("shows a window of ten thousand rows, and stays inside at the ends", () => {
    const rows = new Rows(50);
    rows.resize(10_000);
    expect(rows.seen(100_000, 600, 0)).toEqual({ first: 2000, end: 2013 });
    expect(rows.seen(-500, 100, 0)).toEqual({ first: 0, end: 1 });
    expect(rows.seen(9e9, 100, 0)).toEqual({ first: 9999, end: 10_000 });
    expect(new Rows(50).seen(0, 100, 50)).toEqual({ first: 0, end: 0 });
  });

  test("keeps what was measured when rows come before", () => {
    const rows = new Rows(10);
    rows.resize(3);
    rows.measure(0, 99);
    rows.prepend(2);
    expect([0, 1, 2, 3, 4].map((row) => rows.height(row))).toEqual([10, 10, 99, 10, 10]);
    expect(rows.top(3)).toBe(119);
  });
});

test("a name's chance is always the same", () => {
  expect(hash("Orlando Marlo")).toBe(hash("Orlando Marlo"));
  expect(draws("a")(1000)).not.toBe(draws("b")(1000));
});
