// Which fields a sheet has, and how each is written.
import type { SheetValue } from "../api/types";
import type { MessageKey } from "../text/messages";

export type Shape = "line" | "text" | "truth" | "lines" | "notes" | "secrets" | "exchanges";

export interface FieldShape {
  name: string;
  label: MessageKey;
  shape: Shape;
  heading?: string; // of notes: what their heading is called in the sheet
}

export const kWorldFields: FieldShape[] = [
  { name: "name", label: "fName", shape: "line" },
  { name: "description", label: "fDescription", shape: "text" },
  { name: "political_organisation", label: "fPolitics", shape: "text" },
  { name: "powers", label: "fPowers", shape: "notes", heading: "name" },
  { name: "people", label: "fPeople", shape: "notes", heading: "name" },
  { name: "marginalised_groups", label: "fMarginalisedGroups", shape: "notes", heading: "name" },
  { name: "marginalised_people", label: "fMarginalisedPeople", shape: "notes", heading: "name" },
  { name: "locations", label: "fLocations", shape: "notes", heading: "name" },
  { name: "lore", label: "fLore", shape: "notes", heading: "title" },
];

export const kCharacterFields: FieldShape[] = [
  { name: "name", label: "fName", shape: "line" },
  { name: "short_name", label: "fShortName", shape: "line" },
  { name: "title", label: "fTitle", shape: "line" },
  { name: "alignment", label: "fAlignment", shape: "line" },
  { name: "summary", label: "fSummary", shape: "text" },
  { name: "look", label: "fLook", shape: "text" },
  { name: "speech", label: "fSpeech", shape: "text" },
  { name: "backstory", label: "fBackstory", shape: "notes", heading: "episode" },
  { name: "values", label: "fValues", shape: "notes", heading: "name" },
  { name: "objectives", label: "fObjectives", shape: "notes", heading: "name" },
  { name: "opinions", label: "fOpinions", shape: "notes", heading: "about" },
  { name: "knowledge", label: "fKnowledge", shape: "notes", heading: "about" },
  { name: "unknown", label: "fUnknown", shape: "lines" },
  { name: "sayings", label: "fSayings", shape: "lines" },
  { name: "secrets", label: "fSecrets", shape: "secrets" },
  { name: "greetings", label: "fGreetings", shape: "lines" },
  { name: "speaks_first", label: "fSpeaksFirst", shape: "truth" },
  { name: "farewells", label: "fFarewells", shape: "lines" },
  { name: "puzzled", label: "fPuzzled", shape: "lines" },
  { name: "does_not_know", label: "fDoesNotKnow", shape: "lines" },
  { name: "success", label: "fSuccess", shape: "text" },
  { name: "scratchpad", label: "fScratchpad", shape: "truth" },
  { name: "examples", label: "fExamples", shape: "exchanges" },
];

// A new sheet, with every field in its place and nothing in most.
export function blankSheet(world: string, name: string, shown: string): { [name: string]: SheetValue } {
  const isWorld = name === "world";
  const made: { [name: string]: SheetValue } = { id: isWorld ? world : name };
  for (const field of isWorld ? kWorldFields : kCharacterFields) {
    if (field.name === "summary") made["world"] = world;
    if (field.shape === "truth") made[field.name] = false;
    else made[field.name] = field.shape === "line" || field.shape === "text" ? "" : [];
  }
  made["name"] = shown;
  if (!isWorld) {
    made["short_name"] = shown.split(" ")[0] ?? shown;
    made["alignment"] = "true neutral";
  }
  return made;
}

// "Iva of the Mill" -> "iva-of-the-mill": what a sheet's file is called.
export function idOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);
}
