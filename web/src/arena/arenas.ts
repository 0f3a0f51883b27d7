// One arena as it is watched: its lines, and the line that somebody is speaking.
import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import type { Arena, ArenaFigures, ArenaLine } from "../api/types";
import { sure } from "../frame/ask_first";
import { go, place } from "../frame/place";
import { attempt, type Shown } from "../frame/session";
import { npcOf } from "../talk/conversations";
import { saveAs } from "../talk/thread";
import { t } from "../text/messages";

export const arenas = signal<Arena[]>([]);
export const openArenaId = computed(() => (place.value[0] === "arena" ? place.value[1] : undefined));
export const arena = signal<Arena | undefined>(undefined);
export const lines = signal<ArenaLine[]>([]);
export const speaking = signal<{ name: string; speaker: number; words: string } | undefined>(undefined);
export const figures = signal<ArenaFigures | undefined>(undefined);
export const running = computed(() => arena.value?.running === true);

const kPause = 1000; // before a broken line is taken up again
let watching: AbortController | undefined;

export async function loadArenas(): Promise<void> {
  arenas.value = await api.arenas();
}

export function leaveArena(): void {
  watching?.abort();
  watching = undefined;
  arena.value = undefined;
  lines.value = [];
  speaking.value = undefined;
  figures.value = undefined;
}

export function openArena(id: string): Promise<void> {
  leaveArena();
  return attempt(async () => {
    await show(id);
    if (running.value) void watch(id);
  });
}

async function show(id: string): Promise<void> {
  const read = await api.arena(id);
  if (openArenaId.value !== id) return;
  arena.value = read;
  lines.value = read.lines ?? [];
  figures.value = lines.value.length > 0 ? await api.arenaFigures(id) : undefined;
}

function hear(type: string, data: Record<string, unknown>): void {
  if (type === "begins")
    speaking.value = { name: String(data["name"] ?? ""), speaker: Number(data["speaker"] ?? 0), words: "" };
  if (type === "text" && speaking.value)
    speaking.value = { ...speaking.value, words: speaking.value.words + String(data["text"] ?? "") };
  if (type === "line") {
    speaking.value = undefined;
    const at = Number(data["place"] ?? lines.value.length);
    lines.value = [...lines.value.slice(0, at), data as unknown as ArenaLine];
  }
}

// Until the run is over; a line that breaks is taken up behind the lines that came.
async function watch(id: string): Promise<void> {
  watching?.abort();
  const stopper = new AbortController();
  watching = stopper;
  let over = false;
  while (!over && !stopper.signal.aborted) {
    try {
      await api.watchArena(id, lines.value.length, stopper.signal, {
        onEvent(type, data) {
          if (stopper.signal.aborted) return;
          hear(type, data);
          if (type === "end") over = true;
        },
      });
    } catch {
      if (stopper.signal.aborted) return;
    }
    if (!over) await new Promise((wake) => setTimeout(wake, kPause));
  }
  if (stopper.signal.aborted) return;
  speaking.value = undefined;
  await attempt(async () => {
    await show(id);
    await loadArenas();
  });
}

export function run(count: number): Promise<void> {
  return attempt(async () => {
    const id = openArenaId.value;
    if (!id || running.value) return;
    const begun = await api.runArena(id, count);
    if (arena.value) arena.value = { ...arena.value, ...begun, running: true };
    void watch(id);
  });
}

export function stop(): Promise<void> {
  return attempt(async () => {
    if (openArenaId.value) await api.stopArena(openArenaId.value);
  });
}

export interface Wanted {
  who: Shown[];
  opening: string;
  order: string;
  lines: number;
}

export function begin({ who, opening, order, lines: count }: Wanted): Promise<void> {
  return attempt(async () => {
    const npcs: { npc_id: string }[] = [];
    for (const one of who) npcs.push({ npc_id: await npcOf(one) });
    const made = await api.addArena({ npcs, opening, order, lines: count });
    await loadArenas();
    go("arena", made.id);
  });
}

export function remove(): Promise<void> {
  return attempt(async () => {
    const id = openArenaId.value;
    if (!id || !(await sure(t("arenaRemoveAsk"), t("arenaRemove")))) return;
    await api.removeArena(id);
    go("arena");
    await loadArenas();
  });
}

export function keepTranscript(): void {
  const now = arena.value;
  if (!now) return;
  const told = lines.value.map((one) => JSON.stringify({ name: one.name, text: one.text, at_ms: one.at_ms }));
  saveAs(`${now.participants.map((one) => one.short_name).join("-").toLowerCase()}.jsonl`, new Blob([`${told.join("\n")}\n`]));
}
