// The cast's sheets: a list, the sheet as a form and as YAML with its faults, and a try-out.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Finding } from "../api/types";
import { Dialog } from "../frame/dialog";
import { Icon } from "../frame/icon";
import { attempt } from "../frame/session";
import { saveAs } from "../talk/thread";
import { Face } from "../talk/emblem";
import { moment, t } from "../text/messages";
import { Field } from "./fields";
import { kCharacterFields, kWorldFields } from "./sheet_form";
import { beginSheet, changeField, changeYaml, errors, importNew, importSheet, isChanged, judging, loadSheets, openSheet, openSheetId, save, saved, sheet, sheets, takeVersion, versions, yaml } from "./sheets";
import { TryOut } from "./try_out";

const newOpen = signal(false);
const pane = signal<"form" | "yaml" | "try">("form"); // on narrow screens

function SheetList() {
  const worlds = sheets.value.filter((one) => one.kind === "world");
  return (
    <aside class="list sheet-list" aria-label={t("sheets")}>
      <div class="list-head">
        <h2>{t("sheets")}</h2>
        <button class="round" onClick={() => (newOpen.value = true)} aria-label={t("newSheet")} title={t("newSheet")}>
          <Icon name="plus" />
        </button>
      </div>
      <ul>
        {worlds.map((world) => (
          <li key={world.id}>
            <a class="sheet-world" href={`#/write/${world.id}`} aria-current={openSheetId.value === world.id ? "page" : undefined}>
              {world.name}
            </a>
            <ul>
              {sheets.value
                .filter((one) => one.kind === "character" && one.world === world.world)
                .map((one) => (
                  <li key={one.id}>
                    <a class="list-row" href={`#/write/${one.id}`} aria-current={openSheetId.value === one.id ? "page" : undefined}>
                      <Face name={one.name} />
                      <span class="list-name">{one.name}</span>
                    </a>
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ul>
    </aside>
  );
}

function NewDialog() {
  const file = useRef<HTMLInputElement>(null);
  const bring = (event: Event) => {
    const brought = (event.currentTarget as HTMLInputElement).files?.[0];
    newOpen.value = false;
    if (brought) void importNew(brought);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const world = String(form.get("world") ?? "");
    const name = String(form.get("name") ?? "").trim();
    newOpen.value = false;
    beginSheet(world === "" ? "world" : "character", world, name);
  };
  return (
    <Dialog title={t("newSheet")} onClose={() => (newOpen.value = false)}>
      <form class="form" onSubmit={submit}>
        <label>
          {t("fName")}
          <input name="name" required maxLength={64} pattern=".*[A-Za-z0-9].*" />
        </label>
        <label>
          {t("inWorld")}
          <select name="world">
            {sheets.value
              .filter((one) => one.kind === "world")
              .map((one) => (
                <option key={one.id} value={one.world}>
                  {one.name}
                </option>
              ))}
            <option value="">{t("newWorld")}</option>
          </select>
        </label>
        <div class="row between">
          <button type="button" class="labelled" onClick={() => file.current?.click()}>
            <Icon name="import" /> {t("import")}
          </button>
          <button class="primary">{t("begin")}</button>
        </div>
      </form>
      <input ref={file} type="file" hidden aria-label={t("import")} accept=".yaml,.yml,text/*" onChange={bring} />
    </Dialog>
  );
}

function Findings({ findings, onLine }: { findings: Finding[]; onLine: (line: number) => void }) {
  if (findings.length === 0) return <p class="good small">{t("noFaults")}</p>;
  return (
    <ul class="findings">
      {findings.map((one, n) => (
        <li key={n}>
          <button class={`finding ${one.severity}`} onClick={() => onLine(one.line)}>
            <strong>{one.line > 0 ? t("line", { line: one.line }) : t("wholeSheet")}</strong> {one.field && <code>{one.field}</code>} {one.what} {one.suggestion && <span class="quiet">({one.suggestion})</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function YamlPane() {
  const area = useRef<HTMLTextAreaElement>(null);
  const toLine = (line: number) => {
    const box = area.current;
    if (!box || line < 1) return;
    const all = yaml.value.split("\n");
    const from = all.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    box.focus();
    box.setSelectionRange(from, from + (all[line - 1]?.length ?? 0));
    box.scrollTop = (box.scrollHeight / Math.max(all.length, 1)) * Math.max(line - 4, 0);
  };
  return (
    <section class="pane pane-yaml" aria-label="YAML">
      <textarea ref={area} class="yaml" spellcheck={false} aria-label="YAML" value={yaml.value} onInput={(event) => changeYaml(event.currentTarget.value)} />
      <div class="judgement" aria-live="polite" aria-busy={judging.value}>
        <h2>{t("judgement", { errors: errors.value })}</h2>
        <Findings findings={sheet.value?.findings ?? []} onLine={toLine} />
      </div>
    </section>
  );
}

// What lint says first of a field, or of anything in it.
function faultOf(name: string): string {
  const of = (one: Finding) => one.field === name || one.field.startsWith(`${name}[`) || one.field.startsWith(`${name}.`);
  const found = sheet.value?.findings.find((one) => one.severity === "error" && of(one));
  return found ? [found.what, found.suggestion && `(${found.suggestion})`].filter(Boolean).join(" ") : "";
}

function FormPane() {
  const now = sheet.value;
  if (!now) return null;
  const shapes = now.kind === "world" ? kWorldFields : kCharacterFields;
  return (
    <section class="pane pane-form form" aria-label={t("form")}>
      {now.fields === null ? (
        <p class="bad">{t("noMap")}</p>
      ) : (
        shapes.map((field) => <Field key={`${now.id} ${field.name}`} field={field} value={now.fields?.[field.name]} bad={faultOf(field.name)} onChange={(value) => changeField(field.name, value)} />)
      )}
    </section>
  );
}

function versionSaid(version: string): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(version) ?? [];
  return moment(new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`), { dateStyle: "medium", timeStyle: "medium" });
}

function Tools() {
  const file = useRef<HTMLInputElement>(null);
  return (
    <div class="write-tools row">
      {versions.value.length > 0 && (
        <select class="versions" aria-label={t("versions")} value="" onChange={(event) => event.currentTarget.value && takeVersion(event.currentTarget.value)}>
          <option value="">{t("versions")}</option>
          {versions.value.map((one) => (
            <option key={one.version} value={one.version}>
              {versionSaid(one.version)}
            </option>
          ))}
        </select>
      )}
      <input ref={file} type="file" hidden accept=".yaml,.yml,text/*" onChange={(event) => event.currentTarget.files?.[0] && importSheet(event.currentTarget.files[0])} />
      <button class="round" onClick={() => file.current?.click()} aria-label={t("import")} title={t("import")}>
        <Icon name="import" />
      </button>
      <button class="round" onClick={() => saveAs(`${openSheetId.value?.split("/").at(-1) ?? "sheet"}.yaml`, new Blob([yaml.value]))} aria-label={t("export")} title={t("export")}>
        <Icon name="export" />
      </button>
      <button class="primary" disabled={errors.value > 0 || !isChanged.value || judging.value} onClick={() => void save()}>
        {t("saveSheet")}
      </button>
    </div>
  );
}

function Desk() {
  const now = sheet.value;
  const name = typeof now?.fields?.["name"] === "string" ? now.fields["name"] : "";
  if (!now) return <p class="gate quiet">{t("loading")}</p>;
  const isCharacter = now.kind === "character";
  return (
    <section class="desk">
      <header class="talk-head">
        <div class="talk-who">
          <h1>{name || now.id}</h1>
          <p class="quiet">{saved.value === "" ? t("notSaved") : isChanged.value ? t("changed") : now.id}</p>
        </div>
        <Tools />
      </header>
      <div class="panes-choice" role="group" aria-label={t("views")}>
        {(["form", "yaml", "try"] as const).map((one) => (
          <button key={one} aria-pressed={pane.value === one} onClick={() => (pane.value = one)}>
            {one === "form" ? t("form") : one === "yaml" ? "YAML" : t("tryOut")}
          </button>
        ))}
      </div>
      <div class={`panes shows-${pane.value}`}>
        <FormPane />
        <YamlPane />
        {isCharacter && saved.value !== "" ? (
          <TryOut name={name} />
        ) : (
          <section class="try">
            <p class="quiet">{isCharacter ? t("tryOutLater") : t("tryOutWorld")}</p>
          </section>
        )}
      </div>
    </section>
  );
}

export function WriteView() {
  const id = openSheetId.value;
  useEffect(() => void attempt(loadSheets), []);
  useEffect(() => {
    if (id) void openSheet(id);
  }, [id]);
  return (
    <div class={`write ${id ? "has-sheet" : ""}`}>
      <SheetList />
      {id ? (
        <Desk />
      ) : (
        <div class="meeting">
          <h2>{t("write")}</h2>
          <p class="quiet">{t("writeLead")}</p>
          <button class="primary" onClick={() => (newOpen.value = true)}>
            {t("newSheet")}
          </button>
        </div>
      )}
      {newOpen.value && <NewDialog />}
    </div>
  );
}
