// One pair after the other: what was written, what somebody made of it, and what is written then.
import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import type { DataSet, Pair, Reanswer } from "../api/types";
import { attempt, tell } from "../frame/session";
import { t } from "../text/messages";

export const sets = signal<DataSet[] | undefined>(undefined);
export const chosenSet = signal("");
export const chosenCharacter = signal("");
export const pair = signal<Pair | undefined>(undefined);
export const now = signal<Reanswer | undefined>(undefined); // of this pair
export const draft = signal("");
export const busy = signal<"" | "drawing" | "writing" | "saving">("");
export const added = signal(0); // since the page was opened

export const characters = computed(() => sets.value?.find((one) => one.name === chosenSet.value)?.characters ?? []);
// What the model wrote last: an edit is preferred to that.
export const shown = computed(() => now.value?.answer ?? pair.value?.answer ?? "");

// Runs one thing at a time; what is asked for meanwhile is not begun.
async function alone(what: "drawing" | "writing" | "saving", work: () => Promise<void>): Promise<void> {
  if (busy.value) return;
  busy.value = what;
  await attempt(work);
  busy.value = "";
}

const answer = async (of: Pair) => {
  const said = await api.answerAgain(chosenSet.value, chosenCharacter.value, of.item);
  if (pair.value !== of) return;
  // A draft that somebody began stays.
  if (said.answer && draft.value === shown.value) draft.value = said.answer;
  now.value = said;
};

export const again = () => alone("writing", async () => pair.value && answer(pair.value));

// After an edit, each pair is answered anew at once: that is what the edit was for.
export async function next(): Promise<void> {
  await alone("drawing", async () => {
    const drawn = await api.drawPair(chosenSet.value, chosenCharacter.value);
    pair.value = drawn;
    now.value = undefined;
    draft.value = drawn.answer;
  });
  if (added.value > 0) await again();
}

export async function choose(set: string, character = ""): Promise<void> {
  chosenSet.value = set;
  chosenCharacter.value = character || (characters.value[0] ?? "");
  pair.value = undefined;
  if (chosenCharacter.value) await next();
}

export async function load(): Promise<void> {
  await attempt(async () => {
    sets.value = await api.dataSets();
  });
  const [first] = sets.value ?? [];
  if (first && !pair.value) await choose(first.name);
}

// `edited` as an example. The same pair is then answered anew, with it.
export async function save(edited: string): Promise<void> {
  let kept = false;
  await alone("saving", async () => {
    const of = pair.value;
    if (!of) return;
    await api.curate(chosenSet.value, chosenCharacter.value, of.item, shown.value, edited.trim());
    added.value += 1;
    kept = true;
    tell(t("curateSaved"));
  });
  if (kept) await next();
}
