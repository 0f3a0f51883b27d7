import { afterEach, describe, expect, test, vi } from "vitest";

const pairs = [1, 2, 3].map((item) => ({ item, of: 3, who: "Bo", role: "", place: "", emotion: "", reason: "", acquaintance: "", question: `Q${item}`, answer: `A${item}` }));
const asked: string[] = [];

vi.mock("../src/api/client", () => ({
  dataSets: async () => [{ name: "tarn", characters: ["ida", "tom"] }],
  drawPair: async (set: string, who: string) => {
    asked.push(`draw ${set} ${who}`);
    return pairs[asked.filter((one) => one.startsWith("draw")).length - 1];
  },
  answerAgain: async (_set: string, _who: string, item: number) => {
    asked.push(`again ${item}`);
    return { answer: `N${item}`, refusals: [] };
  },
  curate: async (_set: string, _who: string, item: number, shown: string, answer: string) => {
    asked.push(`keep ${item} ${shown} -> ${answer}`);
    return { conversations: 1, preference: true };
  },
}));
vi.mock("../src/frame/session", () => ({ attempt: async (work: () => Promise<void>) => work(), tell: () => undefined }));
vi.mock("../src/text/messages", () => ({ t: (key: string) => key }));

const { draft, load, next, now, pair, save, again } = await import("../src/curate/curation");

afterEach(() => void asked.splice(0));

describe("curating", () => {
  test("answers anew from the first edit on, and prefers to what was shown last", async () => {
    await load();
    expect(asked).toEqual(["draw tarn ida"]);
    expect(draft.value).toBe("A1");
    await again();
    expect(draft.value).toBe("N1"); // nobody had begun to write
    draft.value = "Better. ";
    await again();
    expect(draft.value).toBe("Better. ");
    await save(draft.value);
    expect(asked).toEqual(["draw tarn ida", "again 1", "again 1", "keep 1 N1 -> Better.", "draw tarn ida", "again 2"]);
    expect(pair.value?.item).toBe(2);
    expect(now.value?.answer).toBe("N2");
    await next();
    expect(asked.slice(-2)).toEqual(["draw tarn ida", "again 3"]);
  });
});
