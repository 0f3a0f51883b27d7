// Questions and answers that a model wrote, made better by whoever knows the character.
import { useEffect } from "preact/hooks";
import type { Reanswer } from "../api/types";
import { Icon } from "../frame/icon";
import { cast } from "../frame/session";
import { t } from "../text/messages";
import { added, again, busy, characters, choose, chosenCharacter, chosenSet, draft, load, next, now, pair, save, sets, shown } from "./curation";

const nameOf = (character: string) => cast.value.find((one) => one.character === character)?.name ?? character;

function Which() {
  return (
    <div class="form curate-which">
      <label>
        {t("curateSet")}
        <select value={chosenSet.value} disabled={busy.value !== ""} onChange={(event) => void choose(event.currentTarget.value)}>
          {(sets.value ?? []).map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("curateCharacter")}
        <select value={chosenCharacter.value} disabled={busy.value !== ""} onChange={(event) => void choose(chosenSet.value, event.currentTarget.value)}>
          {characters.value.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Now({ said }: { said: Reanswer }) {
  return (
    <div class="now">
      <p class="label">{t("curateNow")}</p>
      {said.answer !== null ? (
        <p class="words">{said.answer}</p>
      ) : (
        <>
          <p class="quiet small">{t("curateNothing")}</p>
          <ul>
            {said.refusals.map((one, n) => (
              <li key={n} class="small">
                <span class="tag tag-bad">{one.gate}</span> {one.answer}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Shown() {
  const of = pair.value;
  if (!of) return <p class="quiet">{t("loading")}</p>;
  const idle = busy.value === "";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void save(draft.value);
  };
  return (
    <article class="plate curate-pair" aria-busy={!idle}>
      <header>
        <p class="quiet small">{t("curateOf", { item: of.item, of: of.of })}</p>
        <p>
          <strong>{of.who}</strong>
          {of.role && `, ${of.role}`}
          {of.place && ` · ${of.place}`}
        </p>
        <p class="quiet small">{[of.emotion, of.reason, of.acquaintance].filter(Boolean).join(" · ")}</p>
      </header>
      <div>
        <p class="quiet small">{t("curateAsks", { who: of.who })}</p>
        <p class="words curate-question">{of.question}</p>
      </div>
      <div class="curate-answers">
        <div>
          <p class="label">{t("curateWrote")}</p>
          <p class="words">{of.answer}</p>
        </div>
        {now.value && <Now said={now.value} />}
        {busy.value === "writing" && <p class="quiet">{t("curateWriting")}</p>}
      </div>
      <form class="form" onSubmit={submit}>
        <label>
          {t("curateBetter")}
          <textarea rows={4} maxLength={4000} value={draft.value} onInput={(event) => (draft.value = event.currentTarget.value)} />
        </label>
        <div class="row">
          <button class="primary" disabled={!idle || draft.value.trim() === ""}>
            {draft.value.trim() === shown.value.trim() ? t("curateKeep") : t("curateSave")}
          </button>
          <button type="button" disabled={!idle} onClick={() => void next()}>
            {t("curateNext")}
          </button>
          <button type="button" class="labelled" disabled={!idle} onClick={() => void again()}>
            <Icon name="again" /> {t("curateAgain")}
          </button>
          {added.value > 0 && <span class="quiet small">{t("curateAdded", { count: added.value })}</span>}
        </div>
      </form>
    </article>
  );
}

export function CurateView() {
  useEffect(() => void load(), []);
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{t("curate")}</h1>
        <p>{t("curateLead")}</p>
      </header>
      {sets.value?.length === 0 && (
        <p class="quiet">
          {t("curateEmpty")} <code>dramatis dataset make recipe.yaml</code>
        </p>
      )}
      {sets.value && sets.value.length > 0 && (
        <>
          <Which />
          <Shown />
        </>
      )}
    </div>
  );
}
