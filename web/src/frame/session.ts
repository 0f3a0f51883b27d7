// Who is here, who can be talked to, and what went wrong last.
import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import { key, Problem } from "../api/http";
import type { CastMember, Me, Npc, User } from "../api/types";
import { language, t, told } from "../text/messages";

export const me = signal<Me | undefined>(undefined);
export const user = signal<User | undefined>(undefined);
export const cast = signal<CastMember[]>([]);
export const npcs = signal<Npc[]>([]);
export const state = signal<"loading" | "ready" | "locked" | "unreachable">("loading");
export const role = computed(() => me.value?.role ?? "player");
export const writes = computed(() => role.value !== "player");

// A line that passes; what matters stays where it happened.
export const notice = signal<{ text: string; kind: "good" | "bad" } | undefined>(undefined);
let fading: ReturnType<typeof setTimeout> | undefined;

export function tell(text: string, kind: "good" | "bad" = "good"): void {
  clearTimeout(fading);
  notice.value = { text, kind };
  fading = setTimeout(() => (notice.value = undefined), kind === "good" ? 4000 : 9000);
}

export function wordsOf(error: unknown): string {
  if (!(error instanceof Problem)) return String(error);
  if (error.status === 0) return t("unreachable");
  // The server speaks English; in another language our own words for its code say less, and are
  // understood.
  const ours = told("problem", error.code);
  const isOurs = ours !== error.code;
  if (isOurs && (language.value !== "en" || error.detail === "")) return ours;
  return error.detail || t("failed", { code: error.code });
}

// Runs what a click asked for; a failure is told, never thrown at nobody.
export async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(wordsOf(error), "bad");
  }
}

const kUserPlace = "dramatis.user";

async function findUser(): Promise<User> {
  const mine = me.value?.user_id;
  if (mine) return { user_id: mine, username: me.value?.username ?? "" };
  const kept = localStorage.getItem(kUserPlace);
  const known = await api.users();
  const found = known.find((one) => one.user_id === kept);
  return found ?? becomeNew(t("newcomer"));
}

async function becomeNew(name: string): Promise<User> {
  const made = await api.addUser(name);
  localStorage.setItem(kUserPlace, made.user_id);
  return made;
}

export async function playAs(next: User): Promise<void> {
  localStorage.setItem(kUserPlace, next.user_id);
  user.value = next;
}

export async function playAsNew(name: string): Promise<void> {
  user.value = await becomeNew(name);
}

export async function loadCast(): Promise<void> {
  [cast.value, npcs.value] = await Promise.all([api.cast(), api.npcs()]);
}

// What this service can do beyond talking; asked for once, and for writers alone.
export const abilities = signal({ arenas: false, reports: false, trainings: false, dataSets: false });

async function findAbilities(): Promise<void> {
  if (!writes.value) return;
  const can = (asked: Promise<unknown>) => asked.then(() => true, () => false);
  // What nobody has begun with is in nobody's way.
  const has = (asked: Promise<unknown[]>) => asked.then((all) => all.length > 0, () => false);
  const [arenas, reports, trainings, dataSets] = await Promise.all([can(api.arenas()), can(api.reports()), has(api.trainings()), has(api.dataSets())]);
  abilities.value = { arenas, reports, trainings, dataSets };
}

export async function enter(): Promise<void> {
  state.value = "loading";
  try {
    me.value = await api.me();
    await loadCast();
    user.value = await findUser();
    await findAbilities();
    state.value = "ready";
  } catch (error) {
    const shut = error instanceof Problem && (error.status === 401 || error.status === 403);
    state.value = shut ? "locked" : "unreachable";
    if (shut && key()) tell(t("wrongKey"), "bad");
  }
}

// How an NPC is shown: its character's card where it plays one.
export interface Shown {
  name: string;
  title: string;
  world: string;
  summary: string;
  portrait?: string | undefined;
  npc?: string | undefined; // none plays it yet
  character?: string | undefined;
  speaksFirst: boolean;
}

export function shownOf(npcId: string): Shown {
  const member = cast.value.find((one) => one.npc_ids.includes(npcId));
  if (member) return { ...shownMember(member), npc: npcId };
  const name = npcs.value.find((one) => one.npc_id === npcId)?.name ?? npcId;
  return { name, title: t("ownWords"), world: "", summary: "", npc: npcId, speaksFirst: false };
}

export function shownMember(member: CastMember): Shown {
  return {
    name: member.name,
    title: member.title,
    world: member.world_name,
    summary: member.summary,
    portrait: member.portrait,
    npc: member.npc_ids[0],
    character: member.character,
    speaksFirst: member.speaks_first,
  };
}

// Everybody on the cards: the cast, then the NPCs that were described in plain words.
export const everybody = computed<Shown[]>(() => {
  const playing = new Set(cast.value.flatMap((one) => one.npc_ids));
  const others = npcs.value.filter((one) => !playing.has(one.npc_id)).map((one) => shownOf(one.npc_id));
  const ofCast = cast.value.map(shownMember).filter((one) => one.npc !== undefined || writes.value);
  return [...ofCast, ...others];
});
