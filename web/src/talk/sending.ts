// What was sent and has no answer yet, kept across reloads: the key makes asking again harmless.
import { Problem } from "../api/http";

export interface Sent {
  message: string;
  key: string;
  at: number;
}

const sentPlace = (conversation: string) => `dramatis.sent.${conversation}`;
const draftPlace = (conversation: string) => `dramatis.draft.${conversation}`;
// Who comes back later than this wants to read it again first.
const kStillMeant = 10 * 60_000;

export function keepSent(conversation: string, sent: Sent): void {
  localStorage.setItem(sentPlace(conversation), JSON.stringify(sent));
}

export function dropSent(conversation: string): void {
  localStorage.removeItem(sentPlace(conversation));
}

export function findSent(conversation: string): Sent | undefined {
  const kept = localStorage.getItem(sentPlace(conversation));
  if (!kept) return undefined;
  const sent = JSON.parse(kept) as Sent;
  if (Date.now() - sent.at < kStillMeant) return sent;
  dropSent(conversation);
  if (!draft(conversation)) keepDraft(conversation, sent.message);
  return undefined;
}

export function draft(conversation: string): string {
  return localStorage.getItem(draftPlace(conversation)) ?? "";
}

export function keepDraft(conversation: string, text: string): void {
  if (text) localStorage.setItem(draftPlace(conversation), text);
  else localStorage.removeItem(draftPlace(conversation));
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const kTries = 7;

// How long to wait before the next try, in milliseconds; nothing: it is no use. A service that is
// away is asked for as long as its player may still mean what was said: the key keeps that from
// being answered twice.
export function pauseAfter(error: unknown, tries: number, since: number): number | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (error.status === 0)
    return Date.now() - since < kStillMeant ? Math.min(500 * 2 ** tries, 4000) : undefined;
  if (tries >= kTries) return undefined;
  // With a line in the NPC's voice: no model can answer, and the player is told so at once.
  const busy = error.status === 429 || (error.status === 503 && error.line === "");
  if (busy && error.waitSeconds > 0 && error.waitSeconds <= 30) return error.waitSeconds * 1000;
  return undefined;
}
