// The first thing seen: everybody who can be talked to, as cards; one click begins.
import { Silence } from "../frame/answering";
import { Icon } from "../frame/icon";
import { Dialog } from "../frame/dialog";
import { attempt, cast, everybody, writes, type Shown } from "../frame/session";
import { clock, t } from "../text/messages";
import { beginBlank, blankOpen, conversations, forgetNpc, meet } from "./conversations";
import { Face } from "./emblem";

function Card({ shown }: { shown: Shown }) {
  const isOwn = writes.value && shown.npc !== undefined && shown.character === undefined;
  const last = shown.npc && conversations.value.find((one) => one.npc_id === shown.npc);
  return (
    <li class="card">
      <button class="card-face" onClick={() => meet(shown)} aria-label={t("talkTo", { name: shown.name })}>
        <Face name={shown.name} portrait={shown.portrait} />
        <span class="card-words">
          <span class="card-name">{shown.name}</span>
          <span class="card-title">{shown.title}</span>
          {shown.world && <span class="card-world">{shown.world}</span>}
          {shown.summary && <span class="card-summary">{shown.summary}</span>}
        </span>
      </button>
      {(last || isOwn) && (
        <span class="card-foot">
          {last && (
            <>
              <span class="quiet">{t("lastMet", { when: clock(last.started) })}</span>
              <button class="link" onClick={() => meet(shown, "anew")}>
                {t("beginAnew")}
              </button>
            </>
          )}
          {isOwn && (
            <button class="link" onClick={() => forgetNpc(shown)} aria-label={t("removeNpc", { name: shown.name })}>
              {t("remove")}
            </button>
          )}
        </span>
      )}
    </li>
  );
}

function BlankDialog() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = (name: string) => String(form.get(name) ?? "").trim();
    void attempt(async () => {
      await beginBlank({ character_description: said("prompt"), world_description: said("world") });
      blankOpen.value = false;
    });
  };
  return (
    <Dialog title={t("blankTitle")} onClose={() => (blankOpen.value = false)}>
      <form class="form" onSubmit={submit}>
        <label>
          {t("blankPrompt")}
          <textarea name="prompt" rows={6} required maxLength={60_000} placeholder={t("blankExample")} />
        </label>
        <label>
          {t("blankWorld")}
          <textarea name="world" rows={3} maxLength={60_000} />
        </label>
        <div class="row end">
          <button type="button" onClick={() => (blankOpen.value = false)}>
            {t("cancel")}
          </button>
          <button class="primary">{t("begin")}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function CastView() {
  const worlds = new Set(cast.value.map((one) => one.world)).size;
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{t("castTitle")}</h1>
        <p>{t("castLead", { characters: everybody.value.length, worlds })}</p>
      </header>
      <Silence />
      {everybody.value.length === 0 && <p class="empty">{t("castEmpty")}</p>}
      <ul class="cards">
        {everybody.value.map((shown) => (
          <Card key={shown.npc ?? shown.character} shown={shown} />
        ))}
        {writes.value && (
          <li class="card card-blank">
            <button class="card-face" onClick={() => (blankOpen.value = true)}>
              <span class="face blank">
                <Icon name="plus" />
              </span>
              <span class="card-words">
                <span class="card-name">{t("blankTitle")}</span>
                <span class="card-summary">{t("blankLead")}</span>
              </span>
            </button>
          </li>
        )}
      </ul>
      {blankOpen.value && <BlankDialog />}
    </div>
  );
}
