// The fields of a sheet -> its YAML. Reading YAML is the server's work, so that the form and
// `dramatis lint` can never see two different sheets.
import type { SheetValue } from "../api/types";

// Words that YAML would read as something else, or that hold its marks, stand in quotes.
const kPlain = /^[A-Za-z(][^\n]*$/;
const kMarks = /: |:$| #|["\\]|^[-?!&*%@`|>[\]{},]|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;
const kTaken = /^(true|false|null|yes|no|on|off|y|n|~)$/i;

function scalar(text: string): string {
  const plain = kPlain.test(text) && !kMarks.test(text) && !kTaken.test(text) && text === text.trim();
  return plain ? text : JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped);
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function lines(value: SheetValue, indent: string): string {
  if (typeof value === "boolean") return ` ${String(value)}\n`;
  if (typeof value === "string") return ` ${scalar(value)}\n`;
  if (Array.isArray(value)) return value.length === 0 ? " []\n" : `\n${items(value, indent)}`;
  return Object.keys(value).length === 0 ? " {}\n" : `\n${members(value, `${indent}  `)}`;
}

function items(list: SheetValue[], indent: string): string {
  return list
    .map((item) => {
      const isMap = typeof item === "object" && !Array.isArray(item) && Object.keys(item).length > 0;
      if (!isMap) return `${indent}  -${lines(item, `${indent}  `)}`;
      // The first member stands on the dash's line.
      return `${indent}  - ${members(item, `${indent}    `).slice(indent.length + 4)}`;
    })
    .join("");
}

function members(map: { [name: string]: SheetValue }, indent: string): string {
  return Object.entries(map)
    .map(([name, value]) => `${indent}${name}:${lines(value, indent)}`)
    .join("");
}

export function print(fields: { [name: string]: SheetValue }): string {
  return members(fields, "");
}
