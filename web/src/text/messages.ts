// A key -> the words in the reader's language. The files beside this one hold the words.
import { signal } from "@preact/signals";
import en from "./en.json";
import it from "./it.json";

export type MessageKey = keyof typeof en;
export type Language = "en" | "it";

const kFiles: Record<Language, Record<MessageKey, string>> = { en, it };
const kPlace = "dramatis.language";

function usual(): Language {
  const chosen = localStorage.getItem(kPlace) ?? navigator.language.slice(0, 2);
  return chosen === "it" ? "it" : "en";
}

export const language = signal<Language>(usual());
document.documentElement.lang = language.value;

export function setLanguage(next: Language): void {
  localStorage.setItem(kPlace, next);
  document.documentElement.lang = next;
  language.value = next;
}

// "{name}" in the words stands for the value of that name.
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return kFiles[language.value][key].replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}

// What the server calls by a fixed name ("end_of_turn", "examples"), in the reader's language; a
// name that is not known here stays as it is.
export function told(kind: string, name: string): string {
  const words: Record<string, string> = kFiles[language.value];
  return words[`${kind}.${name}`] ?? name;
}

// The reader's own way to write numbers and times, where the browser speaks the same language.
function locale(): string {
  return navigator.languages.find((one) => one.slice(0, 2) === language.value) ?? language.value;
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString(locale(), { maximumFractionDigits: digits });
}

export function moment(at: Date, style: Intl.DateTimeFormatOptions): string {
  return at.toLocaleString(locale(), style);
}

export function clock(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const today = new Date().toDateString() === at.toDateString();
  const style: Intl.DateTimeFormatOptions = today
    ? { hour: "2-digit", minute: "2-digit" }
    : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return moment(at, style);
}
