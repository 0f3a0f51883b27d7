// NPCs that talk to each other: a list of their talks, one of them live, and its figures.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ArenaFigures } from "../api/types";
import { Dialog } from "../frame/dialog";
import { Icon } from "../frame/icon";
import { attempt, everybody, shownOf } from "../frame/session";
import { Face } from "../talk/emblem";
import { colourOf } from "../text/chance";
import { clock, number, t, told } from "../text/messages";
import { Said } from "../text/said";
import { arena, arenas, begin, figures, keepTranscript, leaveArena, lines, loadArenas, openArena, openArenaId, remove, run, running, speaking, stop } from "./arenas";

const newOpen = signal(false);
const kMore = 10; // lines of one run

function ArenaList() {
  return (
    <aside class="list" aria-label={t("arenaTalks")}>
      <div class="list-head">
        <h2>{t("arenaTalks")}</h2>
        <button class="round" onClick={() => (newOpen.value = true)} aria-label={t("arenaNew")} title={t("arenaNew")}>
          <Icon name="plus" />
        </button>
      </div>
      <ul>
        {arenas.value.map((one) => (
          <li key={one.id}>
            <a class="list-row" href={`#/arena/${one.id}`} aria-current={one.id === openArenaId.value ? "page" : undefined}>
              <Face name={one.participants[0]?.name ?? ""} portrait={shownOf(one.participants[0]?.npc ?? "").portrait} />
              <span class="list-words">
                <span class="list-name">{one.participants.map((who) => who.short_name || who.name).join(", ")}</span>
                <span class="quiet">{one.running ? t("arenaRunning") : clock(new Date(one.started_ms).toISOString())}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </aside>
  );
}

function NewDialog() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const chosen = new Set(form.getAll("who").map(String));
    const who = everybody.value.filter((_, n) => chosen.has(String(n)));
    if (who.length < 2) return;
    newOpen.value = false;
    void begin({ who, opening: String(form.get("opening") ?? ""), order: String(form.get("order") ?? "natural"), lines: Number(form.get("lines")) || kMore });
  };
  return (
    <Dialog title={t("arenaNew")} onClose={() => (newOpen.value = false)}>
      <form class="form" onSubmit={submit}>
        <fieldset class="choices">
          <legend>{t("arenaWho")}</legend>
          {everybody.value.map((one, n) => (
            <label class="choice" key={one.npc ?? one.character}>
              <input type="checkbox" name="who" value={n} defaultChecked={n < 2} />
              <Face name={one.name} portrait={one.portrait} />
              <span>{one.name}</span>
            </label>
          ))}
        </fieldset>
        <label>
          {t("arenaOpening")}
          <textarea name="opening" rows={2} maxLength={2000} defaultValue={t("arenaOpeningUsual")} />
        </label>
        <div class="pairs">
          <label>
            {t("arenaOrder")}
            <select name="order">
              {(["round-robin", "natural"] as const).map((one) => (
                <option key={one} value={one}>
                  {told("order", one)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("arenaLines")}
            <input name="lines" type="number" min={1} max={1000} defaultValue={String(kMore)} />
          </label>
        </div>
        <div class="row end">
          <button class="primary">{t("begin")}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Line({ name, npc, text, at, live = false }: { name: string; npc: string; text: string; at?: number; live?: boolean }) {
  return (
    <div class={`turn said said-npc is-last speaker-${colourOf(name)}`} aria-busy={live}>
      <Face name={name} portrait={shownOf(npc).portrait} />
      <div class="said-body">
        <span class="speaker">
          {name} {at !== undefined && <time>{clock(new Date(at).toISOString())}</time>}
        </span>
        {text ? (
          <div class={`words ${live ? "streaming" : ""}`}>
            <Said text={text} />
          </div>
        ) : (
          <p class="thinking">{t("thinking", { name })}</p>
        )}
      </div>
    </div>
  );
}

function Transcript() {
  const box = useRef<HTMLDivElement>(null);
  const now = arena.value;
  const live = speaking.value;
  const npcOf = (place: number) => now?.participants[place]?.npc ?? "";
  // Follows what is said, unless somebody reads further up.
  useLayoutEffect(() => {
    const thread = box.current;
    if (thread && thread.scrollHeight - thread.scrollTop - thread.clientHeight < 400) thread.scrollTop = thread.scrollHeight;
  }, [lines.value.length, live?.words]);
  return (
    <div class="thread" ref={box} tabIndex={0} role="log" aria-live={running.value ? "off" : "polite"} aria-label={t("arenaTranscript")}>
      {now?.opening && <p class="quiet centre opening">{t("arenaOpened", { words: now.opening })}</p>}
      {lines.value.map((one, n) => (
        <Line key={n} name={one.name} npc={npcOf(one.speaker)} text={one.text} at={one.at_ms} />
      ))}
      {live && <Line name={live.name} npc={npcOf(live.speaker)} text={live.words} live />}
      {!running.value && now?.failure && (
        <p class="turn trouble" role="alert">
          {now.failure.detail ?? told("problem", now.failure.code ?? "unavailable")}
        </p>
      )}
    </div>
  );
}

const share = (value: number) => `${number(value * 100)} %`;

function Figures({ now }: { now: ArenaFigures }) {
  return (
    <aside class="side" aria-label={t("figures")}>
      <header class="side-head">
        <h2>{t("figures")}</h2>
      </header>
      <div class="side-body">
        {now.speakers.map((one) => (
          <section key={one.name} class={`speaker-${colourOf(one.name)}`}>
            <h3 class="figures-name">{one.name}</h3>
            <dl class="facts">
              {(
                [
                  [t("figureTurns"), number(one.turns)],
                  [t("figureWords"), number(one.mean_words, 1)],
                  [t("figureSeconds"), `${number(one.mean_reply_seconds, 1)} s`],
                  [t("figureClean"), share(one.clean)],
                  [t("figureRepeats"), share(one.self_repetition)],
                  [t("figureDrift"), share(one.topic_drift)],
                ] as const
              ).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            {Object.keys(one.signs).length > 0 && (
              <p class="quiet small">
                {Object.entries(one.signs)
                  .map(([sign, count]) => `${sign} ${count}`)
                  .join(" · ")}
              </p>
            )}
          </section>
        ))}
        {now.moves.length > 0 && (
          <section>
            <h3>{t("moves")}</h3>
            <ul class="moves">
              {now.moves.map((one, n) => (
                <li key={n}>
                  <strong>{told("moved", one.moved)}</strong> {t("moveSaid", { line: one.line + 1, mover: one.mover, owner: one.owner, objective: one.objective })}
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </aside>
  );
}

function Stage() {
  const now = arena.value;
  if (!now) return <p class="gate quiet">{t("loading")}</p>;
  return (
    <section class="stage arena-stage">
      <header class="talk-head">
        <a class="round only-narrow" href="#/arena" aria-label={t("arenaTalks")}>
          <Icon name="left" />
        </a>
        <div class="talk-who">
          <h1>{now.participants.map((one) => one.short_name || one.name).join(" · ")}</h1>
          <p class="quiet">{running.value ? t("arenaRunning") : t("arenaCount", { count: lines.value.length })}</p>
        </div>
        <div class="talk-tools">
          <button class="round" onClick={keepTranscript} aria-label={t("export")} title={t("export")}>
            <Icon name="export" />
          </button>
          <button class="round" onClick={() => void remove()} aria-label={t("arenaRemove")} title={t("arenaRemove")}>
            <Icon name="reset" />
          </button>
        </div>
      </header>
      <Transcript />
      <footer class="arena-foot row">
        {running.value ? (
          <button class="labelled primary" onClick={() => void stop()}>
            <Icon name="stop" /> {t("stop")}
          </button>
        ) : (
          <>
            <button class="primary" onClick={() => void run(kMore)}>
              {t("arenaGoOn", { count: kMore })}
            </button>
            <button onClick={() => void run(1)}>{t("arenaOneMore")}</button>
          </>
        )}
      </footer>
    </section>
  );
}

export function ArenaView() {
  const id = openArenaId.value;
  useEffect(() => {
    void attempt(loadArenas);
    return leaveArena;
  }, []);
  useEffect(() => {
    if (id) void openArena(id);
    else leaveArena();
  }, [id]);
  const shown = id ? figures.value : undefined;
  return (
    <div class={`talk arena ${shown ? "has-side" : ""} ${id ? "has-open" : ""}`}>
      <ArenaList />
      {id ? (
        <Stage />
      ) : (
        <div class="meeting">
          <h2>{t("arena")}</h2>
          <p class="quiet">{t("arenaLead")}</p>
          <button class="primary" onClick={() => (newOpen.value = true)}>
            {t("arenaNew")}
          </button>
        </div>
      )}
      {shown && <Figures now={shown} />}
      {newOpen.value && <NewDialog />}
    </div>
  );
}
