// The player's conversations, and how one is begun.
import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import type { Conversation, NpcSettings } from "../api/types";
import { sure } from "../frame/ask_first";
import { go, place } from "../frame/place";
import { attempt, loadCast, npcs, user, type Shown } from "../frame/session";
import { t } from "../text/messages";

// The form for somebody of one's own, over the cast.
export const blankOpen = signal(false);
export const conversations = signal<Conversation[]>([]);
// Whether the list has come: before that, an address may still turn out to be right.
export const listed = signal(false);
export const openId = computed(() => (place.value[0] === "talk" ? place.value[1] : undefined));
export const open = computed(() =>
  conversations.value.find((one) => one.conversation_id === openId.value),
);

export async function loadConversations(): Promise<void> {
  const id = user.value?.user_id;
  conversations.value = id ? await api.conversations(id) : [];
  listed.value = true;
}

export function replaceConversation(next: Conversation): void {
  conversations.value = conversations.value.map((one) =>
    one.conversation_id === next.conversation_id ? next : one,
  );
}

// With a character of the cast that nobody plays yet, an NPC is registered first.
export async function npcOf(shown: Shown): Promise<string> {
  if (shown.npc) return shown.npc;
  const made = await api.addNpc({ character: shown.character ?? "" });
  await loadCast();
  return made.npc_id;
}

export async function begin(npc: string): Promise<Conversation | undefined> {
  const id = user.value?.user_id;
  if (!id) return undefined;
  const made = await api.addConversation(npc, id);
  conversations.value = [made, ...conversations.value];
  go("talk", made.conversation_id);
  return made;
}

// The newest conversation with this character, or its first.
export function meet(shown: Shown, how: "newest" | "anew" = "newest"): Promise<void> {
  return attempt(async () => {
    const npc = await npcOf(shown);
    const last = conversations.value.find((one) => one.npc_id === npc);
    if (last && how === "newest") go("talk", last.conversation_id);
    else await begin(npc);
  });
}

export async function beginBlank(settings: NpcSettings): Promise<void> {
  const made = await api.addNpc(settings);
  npcs.value = [...npcs.value, made];
  await begin(made.npc_id);
}

export async function forget(id: string): Promise<void> {
  if (!(await sure(t("deleteAsk"), t("deleteConversation")))) return;
  return attempt(async () => {
    await api.removeConversation(id);
    conversations.value = conversations.value.filter((one) => one.conversation_id !== id);
    if (openId.value === id) go("talk");
  });
}

// Somebody of one's own, with all that was said to it.
export async function forgetNpc(shown: Shown): Promise<void> {
  const id = shown.npc;
  if (!id || !(await sure(t("removeNpcAsk", { name: shown.name }), t("remove")))) return;
  return attempt(async () => {
    await api.removeNpc(id);
    await loadCast();
    await loadConversations();
  });
}
