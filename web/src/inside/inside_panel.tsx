// How one reply came about: thoughts, what was shown and cut, what was computed, and when.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "../api/client";
import type { Account, Replay } from "../api/types";
import { attempt, wordsOf } from "../frame/session";
import { lookedAt } from "../frame/side";
import { Sections } from "../direct/sections";
import { turns } from "../talk/thread";
import { number, t, told } from "../text/messages";

const account = signal<Account | undefined>(undefined);
const missing = signal("");
const replayed = signal<Replay | "underway" | undefined>(undefined);

async function load(id: string): Promise<void> {
  account.value = undefined;
  replayed.value = undefined;
  missing.value = "";
  try {
    account.value = (await api.explain(id)).account ?? undefined;
    if (!account.value) missing.value = t("noAccount");
  } catch (error) {
    missing.value = wordsOf(error);
  }
}

// Words that came all at once, as authored ones do, have no pace.
const kAtOnce = 5; // milliseconds

function Timing({ now }: { now: Account }) {
  const total = (now.total_ns ?? 0) / 1e6;
  const first = Math.min((now.first_word_ns ?? 0) / 1e6, total);
  const words = total - first;
  const share = total > 0 ? (first / total) * 100 : 100;
  const pace = words > kAtOnce ? t("tokensPerSecond", { rate: number(((now.generated_tokens ?? 0) / words) * 1000, 1) }) : t("atOnce");
  return (
    <figure class="timing">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={t("timingSaid", { first: number(first), total: number(total) })}>
        <rect class="timing-first" x="0" y="0" width={share} height="8" />
        <rect class="timing-words" x={share} y="0" width={100 - share} height="8" />
      </svg>
      <figcaption>
        <span>
          <i class="dot timing-first" aria-hidden="true" />
          {t("firstWord")} {number(first)} ms
        </span>
        <span>
          <i class="dot timing-words" aria-hidden="true" />
          {t("speaking")} {number(words)} ms
        </span>
        <span class="quiet">{pace}</span>
      </figcaption>
    </figure>
  );
}

function Facts({ now }: { now: Account }) {
  const how = now.sampling ?? {};
  const facts: [string, string][] = [
    [t("model"), now.model ?? ""],
    [t("origin"), told("origin", now.origin ?? "own")],
    [t("endedBy"), told("ended", now.why ?? "end_of_turn")],
    [t("promptTokens"), number(now.prompt_tokens ?? 0)],
    [t("cachedTokens"), number(now.cached_tokens ?? 0)],
    [t("computedTokens"), number(now.computed_tokens ?? 0)],
    [t("generatedTokens"), number(now.generated_tokens ?? 0)],
    [t("seed"), String(how["seed"] ?? "")],
    [t("digest"), (now.prompt_sha256 ?? "").slice(0, 16)],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Examples({ now }: { now: Account }) {
  const used = now.examples ?? [];
  if (used.length === 0) return <p class="quiet">{t("noExamples")}</p>;
  return (
    <ol class="examples">
      {used.map((one, n) => (
        <li key={n}>
          <p class="quiet">
            {one.topic} · {number((one.relevance ?? 0) * 100)} %
          </p>
          <p>{one.player}</p>
          <p class="example-npc">{one.npc}</p>
        </li>
      ))}
    </ol>
  );
}

function ReplayPart({ turn }: { turn: string }) {
  const now = replayed.value;
  const run = () =>
    attempt(async () => {
      replayed.value = "underway";
      try {
        replayed.value = await api.replay(turn);
      } catch (error) {
        replayed.value = undefined;
        throw error;
      }
    });
  return (
    <div>
      <button onClick={run} disabled={now === "underway"}>
        {now === "underway" ? t("replaying") : t("replay")}
      </button>
      {now && now !== "underway" && (
        <div class="replayed">
          <p class={now.same_reply ? "good" : "bad"}>
            {t(now.same_reply ? "sameReply" : now.same_prompt ? "otherReply" : "otherPrompt")}
          </p>
          {!now.same_reply && <p>{now.reply}</p>}
        </div>
      )}
    </div>
  );
}

export function InsidePanel() {
  const turn = turns.value.find((one) => one.turn_id === lookedAt.value) ?? turns.value.at(-1);
  const version = turn ? `${turn.turn_id} ${turn.chosen} ${turn.at}` : "";
  useEffect(() => {
    if (turn) void load(turn.turn_id);
  }, [version]);
  if (!turn) return <p class="side-body quiet">{t("insideEmpty")}</p>;
  const now = account.value;
  return (
    <div class="side-body">
      <blockquote class="looked">{turn.reply}</blockquote>
      <h3>{t("thoughts")}</h3>
      {turn.thoughts ? <p class="thoughts">{turn.thoughts}</p> : <p class="quiet">{t("noThoughts")}</p>}
      {missing.value && <p class="quiet">{missing.value}</p>}
      {now && (
        <>
          <h3>{t("timing")}</h3>
          <Timing now={now} />
          <Facts now={now} />
          <h3>{t("whatWasTold")}</h3>
          <Sections sections={now.sections ?? []} />
          <h3>{t("examplesUsed")}</h3>
          <Examples now={now} />
          <ReplayPart turn={turn.turn_id} />
        </>
      )}
    </div>
  );
}
