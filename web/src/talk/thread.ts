// One conversation as it is shown: its turns, and the turn that is being taken.
import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import { Problem, type Listener } from "../api/http";
import type { Turn } from "../api/types";
import { sure } from "../frame/ask_first";
import { go } from "../frame/place";
import { attempt, shownOf, tell, wordsOf } from "../frame/session";
import { t } from "../text/messages";
import { conversations, loadConversations, open, openId } from "./conversations";
import { dropSent, findSent, keepDraft, keepSent, newKey, pauseAfter, type Sent } from "./sending";

export interface Underway {
  conversation: string;
  kind: "say" | "greet" | "regenerate";
  message: string | null;
  words: string;
  state: "waiting" | "thinking" | "speaking" | "again";
  since: number; // when it was sent, in milliseconds
  stop: AbortController;
}

export const kPage = 100;
export const turns = signal<Turn[]>([]);
export const loading = signal(false);
export const hasOlder = signal(false);
export const underway = signal<Underway | undefined>(undefined);
export const draftText = signal("");
// Which words are being changed, by turn and speaker.
export const editing = signal<{ turn: string; who: "message" | "reply" } | undefined>(undefined);
// Why the last message got no reply, with a line in the NPC's voice where there is one. While the
// service is away, nobody knows whether it has stored the message.
export const trouble = signal<{ text: string; line: string; isKnown: boolean } | undefined>(undefined);
// Whether the service answered when it was asked last.
export const away = signal(false);
// For screen readers: what was said aloud last.
export const spokenLast = signal("");
// Grows when the reader should be taken to the end.
export const toEnd = signal(0);

let shown: string | undefined;
let opening = false;
export const busy = computed(() => underway.value !== undefined);

export async function openThread(id: string): Promise<void> {
  if (shown === id) return;
  leaveThread();
  shown = id;
  opening = true;
  loading.value = true;
  await attempt(async () => {
    await refresh(id);
    toEnd.value++;
  });
  loading.value = false;
  if (shown !== id) return;
  opening = false;
  await goOn(id);
}

export function leaveThread(): void {
  // The turn goes on where it was sent with a key: coming back asks for it again.
  underway.value?.stop.abort("left");
  underway.value = undefined;
  shown = undefined;
  turns.value = [];
  trouble.value = undefined;
  hasOlder.value = false;
}

// Takes up what was sent before a reload, or lets the NPC speak first.
async function goOn(id: string): Promise<void> {
  if (busy.value) return;
  const sent = findSent(id);
  if (sent) return take(id, sent);
  const conversation = conversations.value.find((one) => one.conversation_id === id);
  if (turns.value.length === 0 && conversation && shownOf(conversation.npc_id).speaksFirst)
    await letGreet(id);
}

// The newest page as the server has it; older ones stay while they still join it.
async function refresh(id: string): Promise<void> {
  const newest = await api.turns(id, kPage);
  if (shown !== id) return;
  const first = newest[0];
  const joint = first ? turns.value.findIndex((one) => one.turn_id === first.turn_id) : -1;
  const older = joint > 0 ? turns.value.slice(0, joint) : [];
  const next = [...older, ...newest];
  if (JSON.stringify(next) !== JSON.stringify(turns.value)) turns.value = next;
  if (joint < 0) hasOlder.value = newest.length === kPage;
}

export async function loadOlder(): Promise<void> {
  const id = shown;
  const first = turns.value[0];
  if (!id || !first || !hasOlder.value || loading.value) return;
  loading.value = true;
  await attempt(async () => {
    const older = await api.turns(id, kPage, first.turn_id);
    if (shown !== id || turns.value[0]?.turn_id !== first.turn_id) return;
    turns.value = [...older, ...turns.value];
    hasOlder.value = older.length === kPage;
  });
  loading.value = false;
}

// Another window may have gone on with this conversation.
export async function lookAgain(): Promise<void> {
  if (!shown || busy.value || loading.value || document.hidden) return;
  const id = shown;
  try {
    await refresh(id);
    away.value = false;
    if (trouble.value && !trouble.value.isKnown) trouble.value = undefined;
  } catch (error) {
    away.value = error instanceof Problem && error.status === 0;
    if (error instanceof Problem && error.status === 404) {
      await loadConversations();
      go("talk");
    }
  }
}

export async function say(message: string): Promise<void> {
  const id = openId.value;
  if (!id || busy.value || message.trim() === "") return;
  const sent = { message, key: newKey(), at: Date.now() };
  // Of a conversation that is still being opened: goOn() takes it up.
  if (shown !== id || opening) return keepSent(id, sent);
  await take(id, sent);
}

async function take(id: string, sent: Sent): Promise<void> {
  keepSent(id, sent);
  const ended = await run(id, "say", sent.message, (options, listener) =>
    api.say(id, sent.message, { ...options, idempotencyKey: sent.key }, listener),
  );
  if (ended === "left") return;
  dropSent(id);
  if (ended === "done") return;
  keepDraft(id, sent.message);
  if (shown === id) draftText.value = sent.message;
}

export async function letGreet(id = shown): Promise<void> {
  if (id) await run(id, "greet", null, (options, listener) => api.greet(id, options, listener));
}

export async function regenerate(): Promise<void> {
  const last = turns.value.at(-1);
  if (!last || !shown || busy.value) return;
  await run(shown, "regenerate", last.message, (options, listener) =>
    api.regenerate(last.turn_id, options, listener),
  );
}

export function stop(): void {
  underway.value?.stop.abort("stopped");
}

type Ask = (options: { signal: AbortSignal }, listener: Listener) => Promise<Record<string, unknown>>;

async function run(
  id: string,
  kind: Underway["kind"],
  message: string | null,
  ask: Ask,
): Promise<"done" | "stopped" | "failed" | "left"> {
  const stopper = new AbortController();
  const update = (change: Partial<Underway>) => {
    const now = underway.value;
    if (now?.stop === stopper) underway.value = { ...now, ...change };
  };
  trouble.value = undefined;
  const since = Date.now();
  underway.value = { conversation: id, kind, message, words: "", state: "waiting", since, stop: stopper };
  toEnd.value++;
  for (let tries = 0; ; tries++) {
    try {
      update({ words: "", state: tries === 0 ? "waiting" : "again" });
      await ask({ signal: stopper.signal }, listenerOf(update, () => underway.value?.words ?? ""));
      away.value = false;
      await settle(id, stopper);
      return "done";
    } catch (error) {
      if (stopper.signal.aborted) return await aborted(id, stopper);
      const pause = kind === "say" ? pauseAfter(error, tries, since) : undefined;
      if (pause === undefined) return failed(id, stopper, error);
      update({ words: "", state: "again" });
      await sleep(pause, stopper.signal);
      if (stopper.signal.aborted) return await aborted(id, stopper);
    }
  }
}

function listenerOf(update: (change: Partial<Underway>) => void, words: () => string): Listener {
  return {
    onEvent(type, data) {
      if (type === "thinking") update({ state: "thinking" });
      if (type === "text" && typeof data["text"] === "string")
        update({ words: words() + data["text"], state: "speaking" });
    },
  };
}

// The truth is what was stored.
async function settle(id: string, stopper: AbortController): Promise<void> {
  try {
    await refresh(id);
  } finally {
    if (underway.value?.stop === stopper) underway.value = undefined;
  }
  const last = turns.value.at(-1);
  if (shown === id && last) {
    spokenLast.value = last.reply;
    toEnd.value++;
  }
}

async function aborted(id: string, stopper: AbortController): Promise<"stopped" | "left"> {
  if (stopper.signal.reason === "left") return "left";
  if (underway.value?.stop === stopper) underway.value = undefined;
  await refresh(id).catch(() => undefined);
  return "stopped";
}

function failed(id: string, stopper: AbortController, error: unknown): "failed" {
  if (underway.value?.stop === stopper) underway.value = undefined;
  if (shown === id)
    trouble.value = {
      text: wordsOf(error),
      line: error instanceof Problem ? error.line : "",
      isKnown: !(error instanceof Problem && error.status === 0),
    };
  void refresh(id).catch(() => undefined);
  return "failed";
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), wake()), { once: true });
  });
}

function replaceTurn(next: Turn): void {
  turns.value = turns.value.map((one) => (one.turn_id === next.turn_id ? next : one));
}

export function choose(turn: Turn, place: number): Promise<void> {
  if (place < 0 || place >= turn.alternatives || busy.value) return Promise.resolve();
  return attempt(async () => replaceTurn(await api.changeTurn(turn.turn_id, { chosen: place })));
}

export function edit(turn: Turn, change: { message?: string; reply?: string }): Promise<void> {
  return attempt(async () => replaceTurn(await api.changeTurn(turn.turn_id, change)));
}

// The last message in other words, and another reply to them.
export async function askAnew(turn: Turn, message: string): Promise<void> {
  if (message !== turn.message) await edit(turn, { message });
  await regenerate();
}

export function branchAt(turn: Turn): Promise<void> {
  return attempt(async () => {
    const made = await api.branch(turn.conversation_id, turn.turn_id);
    await loadConversations();
    go("talk", made.conversation_id);
    tell(t("branched"));
  });
}

export async function startOver(): Promise<void> {
  const count = turns.value.length;
  if (count > 0 && !(await sure(t("startOverAsk", { count }), t("startOver")))) return;
  return attempt(async () => {
    if (!shown) return;
    const id = shown;
    await api.reset(id);
    turns.value = [];
    hasOlder.value = false;
    trouble.value = undefined;
    await goOn(id);
  });
}

export function takeBack(): Promise<void> {
  return attempt(async () => {
    const last = turns.value.at(-1);
    if (!shown || !last || busy.value) return;
    await api.undo(shown);
    turns.value = turns.value.slice(0, -1);
    if (last.message !== null && draftText.value === "") draftText.value = last.message;
  });
}

// A file for the reader, named after who speaks in it.
export function save(): Promise<void> {
  return attempt(async () => {
    const conversation = open.value;
    if (!conversation || !openId.value) return;
    const name = shownOf(conversation.npc_id).name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    saveAs(`${name || "conversation"}.jsonl`, await api.exported(openId.value));
  });
}

export function saveAs(name: string, bytes: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
