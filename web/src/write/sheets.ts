// The sheet on the desk: its words, what is said of them, and what was saved.
import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import type { Sheet, SheetInList, SheetValue, SheetVersion } from "../api/types";
import { go, place } from "../frame/place";
import { attempt, loadCast, tell, wordsOf } from "../frame/session";
import { t } from "../text/messages";
import { blankSheet, idOf } from "./sheet_form";
import { print } from "./yaml";

export const sheets = signal<SheetInList[]>([]);
export const openSheetId = computed(() => {
  const [view, world, name] = place.value;
  return view === "write" && world && name ? `${world}/${name}` : undefined;
});
export const sheet = signal<Sheet | undefined>(undefined);
export const yaml = signal("");
export const saved = signal(""); // as it is on disk; empty: it is not there yet
export const versions = signal<SheetVersion[]>([]);
export const judging = signal(false);
export const isChanged = computed(() => yaml.value !== saved.value);
export const errors = computed(() => sheet.value?.findings.filter((one) => one.severity === "error").length ?? 0);

const kPause = 400;
let waiting: ReturnType<typeof setTimeout> | undefined;

// Sheets begun here and not saved yet, by id.
const begun = new Map<string, string>();

export async function loadSheets(): Promise<void> {
  sheets.value = await api.sheets();
}

export function openSheet(id: string): Promise<void> {
  clearTimeout(waiting);
  sheet.value = undefined;
  versions.value = [];
  const fresh = begun.get(id);
  return attempt(async () => {
    const read = fresh === undefined ? await api.sheet(id) : await api.lintSheet(id, fresh);
    if (openSheetId.value !== id) return;
    sheet.value = read;
    yaml.value = read.yaml;
    const isThere = fresh === undefined || sheets.value.some((one) => one.id === id);
    saved.value = !isThere ? "" : fresh === undefined ? read.yaml : (await api.sheet(id)).yaml;
    if (isThere) versions.value = await api.sheetVersions(id);
  });
}

async function judge(): Promise<void> {
  const id = openSheetId.value;
  const words = yaml.value;
  if (!id) return;
  judging.value = true;
  try {
    const read = await api.lintSheet(id, words);
    if (openSheetId.value === id && yaml.value === words) sheet.value = read;
  } catch (error) {
    tell(wordsOf(error), "bad");
  }
  judging.value = false;
}

export function changeYaml(words: string): void {
  yaml.value = words;
  clearTimeout(waiting);
  waiting = setTimeout(() => void judge(), kPause);
}

// From the form: the server reads it back, so that both sides show the same sheet.
export function changeField(name: string, value: SheetValue): void {
  const fields = { ...sheet.value?.fields, [name]: value };
  if (sheet.value) sheet.value = { ...sheet.value, fields };
  changeYaml(print(fields));
}

export function save(): Promise<void> {
  return attempt(async () => {
    const id = openSheetId.value;
    if (!id) return;
    const read = await api.saveSheet(id, yaml.value);
    begun.delete(id);
    sheet.value = read;
    saved.value = read.yaml;
    versions.value = await api.sheetVersions(id);
    await Promise.all([loadSheets(), loadCast()]);
    tell(t("savedSheet"));
  });
}

export function takeVersion(version: string): Promise<void> {
  return attempt(async () => {
    const id = openSheetId.value;
    if (!id) return;
    const read = await api.sheetVersion(id, version);
    sheet.value = read;
    yaml.value = read.yaml;
  });
}

// A name is all that a new sheet needs.
export function beginSheet(kind: "world" | "character", world: string, name: string): void {
  const id = kind === "world" ? `${idOf(name)}/world` : `${world}/${idOf(name)}`;
  const [folder = "", file = ""] = id.split("/");
  if (folder === "" || file === "") return;
  if (!sheets.value.some((one) => one.id === id)) begun.set(id, print(blankSheet(folder, file, name)));
  go("write", folder, file);
}

export async function importSheet(file: File): Promise<void> {
  await attempt(async () => {
    const words = await file.text();
    if (openSheetId.value) changeYaml(words);
  });
}

// A sheet from elsewhere, under the names that it gives itself.
export function importNew(file: File): Promise<void> {
  return attempt(async () => {
    const words = await file.text();
    const { fields } = await api.lintSheet("imported/sheet", words);
    const named = (field: string) => (typeof fields?.[field] === "string" ? idOf(fields[field]) : "");
    const isCharacter = fields !== null && "world" in fields;
    const folder = isCharacter ? named("world") : named("id");
    const name = isCharacter ? named("id") : "world";
    if (folder === "" || name === "") return tell(t("importNameless"), "bad");
    // Where there is one of this name, what was brought waits to be looked at and saved over it.
    const id = `${folder}/${name}`;
    begun.set(id, words);
    if (openSheetId.value === id) await openSheet(id);
    else go("write", folder, name);
  });
}
