// What a director changes: the scene, a note, how the NPC speaks; and what the model will be told.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as api from "../api/client";
import { kNoModel } from "../frame/answering";
import type { Model, NpcSettings, Preview, Scene } from "../api/types";
import { Icon } from "../frame/icon";
import { go } from "../frame/place";
import { Written } from "../frame/written";
import { attempt, cast, shownOf, tell, wordsOf } from "../frame/session";
import { number, t, told, type MessageKey } from "../text/messages";
import { open, openId, replaceConversation } from "../talk/conversations";
import { busy, draftText, letGreet, startOver, turns } from "../talk/thread";
import { Sections } from "./sections";

const preview = signal<Preview | undefined>(undefined);
const previewTrouble = signal("");
const settings = signal<NpcSettings | undefined>(undefined);
const models = signal<Model[]>([]);

const kPause = 350; // between the last key and the next look

function usePreview(): void {
  const id = openId.value;
  const told = JSON.stringify([open.value?.scene, open.value?.note, settings.value, turns.value.length, turns.value.at(-1)?.reply]);
  useEffect(() => {
    const timer = setTimeout(async () => {
      if (!id) return;
      try {
        preview.value = await api.preview(id, draftText.value.trim());
        previewTrouble.value = "";
      } catch (error) {
        previewTrouble.value = wordsOf(error);
      }
    }, kPause);
    return () => clearTimeout(timer);
  }, [id, told, draftText.value]);
}

function Prompt() {
  usePreview();
  const now = preview.value;
  if (previewTrouble.value) return <p class="bad">{previewTrouble.value}</p>;
  if (!now) return <p class="quiet">{t("loading")}</p>;
  return (
    <>
      <Sections sections={now.sections} />
      {now.messages.map((message, n) => (
        <details key={n} class="told" open={n === 0}>
          <summary>
            <span class={`tag tag-${message.role}`}>{told("told", message.role)}</span>
            <span class="told-first">{message.content.slice(0, 60)}</span>
          </summary>
          <pre tabIndex={0}>{message.content}</pre>
        </details>
      ))}
    </>
  );
}

// Short ones stand side by side.
const kSceneFields: [keyof Scene, MessageKey, "wide" | "half"][] = [
  ["place", "scenePlace", "wide"],
  ["status", "sceneStatus", "wide"],
  ["time", "sceneTime", "half"],
  ["player", "scenePlayer", "half"],
  ["player_is", "scenePlayerIs", "wide"],
  ["acquaintance", "sceneAcquaintance", "wide"],
];

// One after the other: each change is of what the one before it left.
let changing = Promise.resolve();
function inTurn(work: () => Promise<void>): Promise<void> {
  changing = changing.then(() => attempt(work));
  return changing;
}

function changeScene(field: keyof Scene, value: string): Promise<void> {
  return inTurn(async () => {
    const id = openId.value;
    if (!id || (open.value?.scene[field] ?? "") === value) return;
    const scene = { ...open.value?.scene, [field]: value };
    replaceConversation(await api.changeConversation(id, { scene }));
  });
}

function change(field: "title" | "note", value: string): Promise<void> {
  return inTurn(async () => {
    const id = openId.value;
    if (!id || (open.value?.[field] ?? "") === value) return;
    replaceConversation(await api.changeConversation(id, { [field]: value }));
  });
}

function SceneForm() {
  const scene = open.value?.scene ?? {};
  return (
    <div class="form" key={openId.value}>
      <label>
        {t("note")}
        <Written lines={3} value={open.value?.note ?? ""} maxLength={2000} placeholder={t("noteExample")} onWritten={(words) => void change("note", words)} />
      </label>
      <div class="pairs">
        {kSceneFields.map(([field, label, room]) => (
          <label key={field} class={room}>
            {t(label)}
            <Written value={scene[field] ?? ""} maxLength={400} onWritten={(words) => void changeScene(field, words)} />
          </label>
        ))}
      </div>
      <label>
        {t("conversationTitle")}
        <Written value={open.value?.title ?? ""} maxLength={200} onWritten={(words) => void change("title", words)} />
      </label>
    </div>
  );
}

interface Dial {
  field: keyof NpcSettings & ("temperature" | "max_tokens" | "top_k" | "top_p" | "min_p" | "repetition_penalty" | "history_size" | "presence_penalty" | "frequency_penalty");
  label: MessageKey;
  from: number;
  to: number;
  step: number;
  usual: number;
}

const kDials: Dial[] = [
  { field: "temperature", label: "temperature", from: 0, to: 2, step: 0.05, usual: 0.6 },
  { field: "max_tokens", label: "maxTokens", from: 20, to: 800, step: 10, usual: 200 },
  { field: "history_size", label: "historySize", from: 0, to: 60, step: 1, usual: 10 },
  { field: "top_p", label: "topP", from: 0.05, to: 1, step: 0.05, usual: 1 },
  { field: "top_k", label: "topK", from: 0, to: 200, step: 1, usual: 0 },
  { field: "min_p", label: "minP", from: 0, to: 0.5, step: 0.01, usual: 0 },
  { field: "repetition_penalty", label: "repetitionPenalty", from: 1, to: 2, step: 0.05, usual: 1 },
];

function changeSettings(next: NpcSettings): Promise<void> {
  return attempt(async () => {
    const npc = open.value?.npc_id;
    if (!npc) return;
    settings.value = (await api.changeNpc(npc, next)).settings;
    tell(t("saved"));
  });
}

function DialRow({ dial, value }: { dial: Dial; value: number }) {
  const shown = useRef<HTMLOutputElement>(null);
  const digits = dial.step < 1 ? 2 : 0;
  return (
    <label class="dial">
      <span>{t(dial.label)}</span>
      <output ref={shown}>{number(value, digits)}</output>
      <input
        type="range"
        min={dial.from}
        max={Math.max(dial.to, value)}
        step={dial.step}
        value={value}
        onInput={(event) => {
          if (shown.current) shown.current.textContent = number(event.currentTarget.valueAsNumber, digits);
        }}
        onChange={(event) => void changeSettings({ [dial.field]: event.currentTarget.valueAsNumber })}
      />
    </label>
  );
}

function SettingsForm() {
  const npc = open.value?.npc_id;
  useEffect(() => {
    settings.value = undefined;
    if (!npc) return;
    void attempt(async () => {
      const [one, all] = await Promise.all([api.npc(npc), api.models()]);
      settings.value = one.settings ?? {};
      models.value = all.filter((model) => !model.id.startsWith("npc/") && model.id !== kNoModel);
    });
  }, [npc]);
  const now = settings.value;
  if (!now) return <p class="quiet">{t("loading")}</p>;
  const blank = !now.character;
  return (
    <div class="form">
      {blank && (
        <label>
          {t("blankPrompt")}
          <Written lines={6} value={now.character_description ?? ""} onWritten={(words) => void changeSettings({ character_description: words })} />
        </label>
      )}
      <label>
        {t("model")}
        <select value={now.model ?? ""} onChange={(event) => void changeSettings({ model: event.currentTarget.value })}>
          <option value="">{t("modelFirst")}</option>
          {models.value.map((model) => (
            <option key={model.id} value={model.id}>
              {model.id}
            </option>
          ))}
        </select>
      </label>
      <label class="switch">
        <input type="checkbox" role="switch" checked={now.has_scratchpad ?? false} onChange={(event) => void changeSettings({ has_scratchpad: event.currentTarget.checked })} />
        {t("scratchpad")}
      </label>
      {kDials.map((dial) => (
        <DialRow key={dial.field} dial={dial} value={now[dial.field] ?? dial.usual} />
      ))}
    </div>
  );
}

// Where a scene begins: with a greeting, or anew.
function Beginnings() {
  const shown = shownOf(open.value?.npc_id ?? "");
  return (
    <div class="row beginnings">
      {turns.value.length === 0 && (
        <button class="labelled" onClick={() => void letGreet()} disabled={busy.value}>
          <Icon name="talk" /> {t("letGreet", { name: shown.name })}
        </button>
      )}
      {turns.value.length > 0 && (
        <button class="labelled" onClick={() => void startOver()} disabled={busy.value}>
          <Icon name="reset" /> {t("startOver")}
        </button>
      )}
      {shown.character && (
        <button class="labelled" onClick={() => go("write", ...sheetOf(shown.character ?? ""))}>
          <Icon name="write" /> {t("openSheet")}
        </button>
      )}
    </div>
  );
}

// "luminaria", "orlando-marlo"
function sheetOf(character: string): string[] {
  const member = cast.value.find((one) => one.character === character);
  return member ? [member.world, character] : [];
}

export function DirectPanel() {
  return (
    <div class="side-body">
      <Beginnings />
      <details class="fold" open>
        <summary>{t("sceneAndNote")}</summary>
        <SceneForm />
      </details>
      <details class="fold" open>
        <summary>{t("whatIsTold")}</summary>
        <Prompt />
      </details>
      <details class="fold">
        <summary>{t("howItSpeaks")}</summary>
        <SettingsForm />
      </details>
    </div>
  );
}
