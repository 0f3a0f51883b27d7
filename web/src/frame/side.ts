// What stands beside the conversation: which tab, and which turn it looks into.
import { signal } from "@preact/signals";

export const sideTab = signal<string | undefined>(undefined);
export const lookedAt = signal<string | undefined>(undefined);

export function lookInside(turn: string): void {
  lookedAt.value = turn;
  sideTab.value = "inside";
}

export function toggleSide(tab: string): void {
  sideTab.value = sideTab.value === tab ? undefined : tab;
}
