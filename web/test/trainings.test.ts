import { describe, expect, test } from "vitest";
import type { TrainingEntry, TrainingPage } from "../src/api/types";
import { dashOf, frameOf, markOf, pathOf, placeOf, thinned, ticks } from "../src/train/curves";
import { answerTo, grown, kept, questionsOf, unknown } from "../src/train/followed";

const run = { name: "ida", state: "learning", written_ms: 0 } as const;
const page = (entries: TrainingEntry[], next: number): TrainingPage => ({ ...run, entries, next, more: false });
const update = (n: number, loss: number): TrainingEntry => ({ kind: "update", update: n, epoch: 1, loss, rate: 0.1, tokens_per_second: 1 });
const evaluation = (n: number, loss: number, best: boolean, reply: string): TrainingEntry => ({
  kind: "evaluation", update: n, epoch: 1, loss, best, samples: [{ question: "Bread?", reply, ended: true }],
});

describe("a run that is followed", () => {
  const first = grown(unknown(run), page([{ kind: "begin", update: 0 }, evaluation(0, 3, true, "?"), update(1, 2.5)], 3));

  test("grows by what is new alone", () => {
    const then = grown(first, page([update(2, 2), evaluation(2, 1.5, true, "A penny."), update(3, 1.9), evaluation(3, 1.6, false, "Two.")], 7));
    expect(then.next).toBe(7);
    expect(then.losses).toEqual([{ x: 1, y: 2.5 }, { x: 2, y: 2 }, { x: 3, y: 1.9 }]);
    expect(then.rates.map((one) => one.y)).toEqual([0.1, 0.1, 0.1]);
    expect(kept(then.evaluations)?.update).toBe(2);
    expect(questionsOf([first, then])).toEqual(["Bread?"]);
    expect(answerTo("Bread?", kept(then.evaluations))?.reply).toBe("A penny.");
    expect(answerTo("Cake?", kept(then.evaluations))).toBeUndefined();
    expect(first.losses.length).toBe(1);
  });

  test("is known from its beginning once it began anew", () => {
    expect(grown(first, page([], 1))).toEqual({ ...unknown(run) });
    expect(grown(first, page([], 3)).losses).toEqual(first.losses);
  });
});

describe("curves", () => {
  test("are thinned to means that keep both ends and the mean of the rest", () => {
    const long = Array.from({ length: 1002 }, (_, x) => ({ x, y: x % 2 }));
    const thin = thinned(long, 102);
    expect(thin.length).toBe(102);
    expect(thin[0]).toEqual(long[0]);
    expect(thin.at(-1)).toEqual(long.at(-1));
    for (const { y } of thin.slice(1, -1)) expect(y).toBeCloseTo(0.5);
    expect(thinned(long, 2000)).toBe(long);
    expect(thinned([], 10)).toEqual([]);
  });

  test("have round ticks inside of their frame", () => {
    expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks(1.23, 1.27, 4).map((one) => Number(one.toFixed(6)))).toEqual([1.23, 1.24, 1.25, 1.26, 1.27]);
    expect(ticks(3, 3, 4)).toEqual([3]);
    expect(ticks(0, Infinity, 4)).toEqual([0]);
  });

  test("fit a frame, be they flat, one point, or none", () => {
    expect(frameOf([[], []])).toBeUndefined();
    for (const points of [[{ x: 0, y: 2 }], [{ x: 0, y: 0 }, { x: 4, y: 0 }], [{ x: 1, y: 1 }, { x: 9, y: 3 }]]) {
      const frame = frameOf([points]);
      if (!frame) throw new Error("no frame");
      expect(frame.high).toBeGreaterThan(frame.low);
      for (const point of points) {
        const { x, y } = placeOf(point, frame, 100, 50);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(100);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(50);
      }
    }
  });

  test("differ in dash and mark, not in colour alone", () => {
    const at = { x: 10, y: 10 };
    expect(new Set([0, 1, 2, 3].map(dashOf)).size).toBe(4);
    expect(new Set([0, 1, 2, 3].map((n) => markOf(n, at))).size).toBe(4);
    expect(pathOf([at, { x: 20.04, y: 5 }])).toBe("M10 10L20 5");
  });
});
