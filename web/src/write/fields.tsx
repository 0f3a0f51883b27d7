// The fields of a sheet's form. Each shows one value and hands back the changed one.
import type { SheetValue } from "../api/types";
import { Icon } from "../frame/icon";
import { Written } from "../frame/written";
import { t, told } from "../text/messages";
import type { FieldShape } from "./sheet_form";

type Row = { [name: string]: SheetValue };

interface FieldProperties {
  field: FieldShape;
  value: SheetValue | undefined;
  bad: string; // what lint says of it; may be empty
  onChange: (value: SheetValue) => void;
}

const textOf = (value: SheetValue | undefined): string => (typeof value === "string" ? value : "");
const listOf = (value: SheetValue | undefined): SheetValue[] => (Array.isArray(value) ? value : []);
const rowOf = (value: SheetValue | undefined): Row =>
  typeof value === "object" && !Array.isArray(value) ? value : {};

// How many lines a text wants in the form.
const rowsFor = (text: string) => Math.min(Math.max(Math.ceil(text.length / 60), 2), 12);

function Lines({ field, value, onChange }: FieldProperties) {
  const list = listOf(value).map(textOf);
  return (
    <ListOf list={list} blank="" label={t(field.label)} onChange={onChange}>
      {(one, change, name) => <Written label={name} lines={rowsFor(textOf(one))} value={textOf(one)} onWritten={change} />}
    </ListOf>
  );
}

interface ListProperties {
  list: SheetValue[];
  blank: SheetValue;
  label: string;
  onChange: (list: SheetValue[]) => void;
  children: (one: SheetValue, change: (next: SheetValue) => void, name: string) => preact.JSX.Element;
}

function ListOf({ list, blank, label, onChange, children }: ListProperties) {
  const changed = (at: number, next: SheetValue) => onChange(list.map((one, n) => (n === at ? next : one)));
  return (
    <div class="entries">
      {list.map((one, n) => (
        <div class="entry" key={n}>
          {children(one, (next) => changed(n, next), `${label} ${n + 1}`)}
          <button type="button" class="tool" onClick={() => onChange(list.filter((_, m) => m !== n))} aria-label={`${t("remove")}: ${label} ${n + 1}`}>
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="link" onClick={() => onChange([...list, blank])} aria-label={`${t("add")}: ${label}`}>
        + {t("add")}
      </button>
    </div>
  );
}

// Rows of named texts: notes, secrets, exchanges.
function RowsOf({ field, value, onChange, parts }: FieldProperties & { parts: [string, "line" | "text" | "words"][] }) {
  const blank = Object.fromEntries(parts.map(([name, kind]): [string, SheetValue] => [name, kind === "words" ? [] : ""]));
  return (
    <ListOf list={listOf(value)} blank={blank} label={t(field.label)} onChange={onChange}>
      {(one, change, name) => {
        const row = rowOf(one);
        return (
          <div class="entry-parts">
            {parts.map(([part, kind]) => {
              const put = (next: SheetValue) => change({ ...row, [part]: next });
              const shownPart = told("part", part);
              const label = `${name}: ${shownPart}`;
              if (kind === "text")
                return <Written key={part} label={label} placeholder={shownPart} lines={rowsFor(textOf(row[part]))} value={textOf(row[part])} onWritten={put} />;
              const shown = kind === "words" ? listOf(row[part]).map(textOf).join(", ") : textOf(row[part]);
              const read = (words: string): SheetValue => (kind === "words" ? words.split(",").map((word) => word.trim()).filter(Boolean) : words);
              return <Written key={part} label={label} placeholder={shownPart} value={shown} onWritten={(words) => put(read(words))} />;
            })}
          </div>
        );
      }}
    </ListOf>
  );
}

export function Field(properties: FieldProperties) {
  const { field, value, bad, onChange } = properties;
  const complaint = bad && <p class="bad small">{bad}</p>;
  if (field.shape === "truth")
    return (
      <label class="switch">
        <input type="checkbox" role="switch" checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
        {t(field.label)}
      </label>
    );
  if (field.shape === "line" || field.shape === "text")
    return (
      <label>
        {t(field.label)}
        {field.shape === "line" ? (
          <Written value={textOf(value)} isBad={bad !== ""} onWritten={onChange} />
        ) : (
          <Written lines={rowsFor(textOf(value))} value={textOf(value)} isBad={bad !== ""} onWritten={onChange} />
        )}
        {complaint}
      </label>
    );
  return (
    <details class="fold" open={bad !== ""}>
      <summary>
        {t(field.label)} <span class="quiet">{listOf(value).length}</span>
      </summary>
      {complaint}
      {field.shape === "lines" && <Lines {...properties} />}
      {field.shape === "notes" && <RowsOf {...properties} parts={[[field.heading ?? "name", "line"], ["text", "text"]]} />}
      {field.shape === "secrets" && <RowsOf {...properties} parts={[["id", "line"], ["text", "text"], ["words", "words"]]} />}
      {field.shape === "exchanges" && <RowsOf {...properties} parts={[["player", "text"], ["npc", "text"]]} />}
    </details>
  );
}
