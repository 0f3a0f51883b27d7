// Runs of the trainer, asked for again while somebody looks.
import { signal } from "@preact/signals";
import * as api from "../api/client";
import type { Training } from "../api/types";
import { wordsOf } from "../frame/session";
import { grown, unknown, type Followed } from "./followed";

export const trainings = signal<Training[] | undefined>(undefined);
export const followed = signal<Followed[]>([]);
export const trouble = signal("");

const kSoon = 3000; // while something learns
const kLater = 15_000;

async function readOn(one: Followed): Promise<Followed> {
  let now = one;
  for (;;) {
    const page = await api.training(now.run.name, now.next);
    const began = page.next < now.next;
    now = grown(now, page);
    if (!began && !page.more) return now;
  }
}

const isLearning = (one: Training) => one.state === "learning";

// Asks `look` now and again until the function that is returned is called.
function again(look: (isWanted: () => boolean) => Promise<boolean>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wanted = true;
  const turn = async () => {
    let soon = false;
    try {
      soon = document.hidden || (await look(() => wanted));
      trouble.value = "";
    } catch (error) {
      trouble.value = wordsOf(error);
    }
    if (wanted) timer = setTimeout(() => void turn(), soon ? kSoon : kLater);
  };
  void turn();
  return () => {
    wanted = false;
    clearTimeout(timer);
  };
}

export function watchAll(): () => void {
  return again(async (isWanted) => {
    const now = await api.trainings();
    if (isWanted()) trainings.value = now;
    return now.some(isLearning);
  });
}

export function watchRuns(names: string[]): () => void {
  followed.value = [];
  let known: Followed[] = names.map((name) => unknown({ name, state: "quiet", written_ms: 0 }));
  return again(async (isWanted) => {
    known = await Promise.all(known.map(readOn));
    if (isWanted()) followed.value = known;
    return known.some((one) => isLearning(one.run));
  });
}
