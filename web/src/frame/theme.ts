// Light, dark, or as the system has it.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const kPlace = "dramatis.theme";
const kept = localStorage.getItem(kPlace);
export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "system");

function wear(next: Theme): void {
  theme.value = next;
  if (next === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", next);
  localStorage.setItem(kPlace, next);
}
wear(theme.value);

const kNext: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

export function cycleTheme(): void {
  wear(kNext[theme.value]);
}
