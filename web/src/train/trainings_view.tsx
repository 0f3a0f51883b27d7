// Runs of the trainer: the list, and one or more of them with their curves, figures and answers.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Training } from "../api/types";
import { Icon } from "../frame/icon";
import { go, place } from "../frame/place";
import { clock, number, t, told } from "../text/messages";
import { answerTo, kept, questionsOf, type Evaluated, type Followed } from "./followed";
import { Key, Lines, short } from "./lines";
import { followed, trainings, trouble, watchAll, watchRuns } from "./trainings";

const kDigits = 3;

const names = computed(() => (place.value[0] === "trainings" && place.value[1] ? place.value[1].split(",").filter(Boolean).slice(0, 8) : []));
const chosen = signal<string[]>([]);

const loss = (value: number | undefined) => (value === undefined ? "–" : short(value, kDigits));
const written = (run: Training) => clock(new Date(run.written_ms).toISOString());

function State({ run }: { run: Training }) {
  return (
    <span class={`state state-${run.state}`} title={t("trainingWritten", { when: written(run) })}>
      {told("training", run.state)}
    </span>
  );
}

function Progress({ run }: { run: Training }) {
  const done = run.update ?? 0;
  if (!run.updates) return <>{number(done)}</>;
  return (
    <span class="progress">
      <progress max={run.updates} value={Math.min(done, run.updates)} aria-label={t("trainingProgress")} />
      <span>{t("trainingOf", { done: number(done), all: number(run.updates) })}</span>
    </span>
  );
}

function choose(name: string, is: boolean): void {
  chosen.value = is ? [...chosen.value, name] : chosen.value.filter((one) => one !== name);
}

function Row({ run }: { run: Training }) {
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={t("trainingChoose", { name: run.name })} checked={chosen.value.includes(run.name)} onChange={(event) => choose(run.name, event.currentTarget.checked)} />
      </td>
      <th scope="row">
        <a href={`#/trainings/${encodeURIComponent(run.name)}`}>{run.name}</a>
      </th>
      <td>{run.method ?? "–"}</td>
      <td>
        <State run={run} />
      </td>
      <td>
        <Progress run={run} />
      </td>
      <td>{loss(run.loss)}</td>
      <td>{run.best_loss === undefined ? "–" : t("trainingBest", { loss: loss(run.best_loss), update: number(run.best_update ?? 0) })}</td>
    </tr>
  );
}

function List() {
  useEffect(watchAll, []);
  const all = trainings.value;
  const there = chosen.value.filter((name) => all?.some((one) => one.name === name));
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{t("trainings")}</h1>
        <p>{t("trainingsLead")}</p>
      </header>
      {trouble.value && <p class="bad">{trouble.value}</p>}
      {all?.length === 0 && (
        <p class="quiet">
          {t("trainingsEmpty")} <code>dramatis train recipes/smollm2-135m-lora.yaml</code>
        </p>
      )}
      {all && all.length > 0 && (
        <div class="plates">
          <section class="plate wide">
            <div class="scrolls runs" tabIndex={0} role="region" aria-label={t("trainings")}>
              <table class="table numbers">
                <thead>
                  <tr>
                    <td />
                    {([["trainingRun"], ["trainingMethod"], ["trainingState"], ["trainingProgress"], ["trainingLoss"], ["trainingKept"]] as const).map(([key]) => (
                      <th key={key} scope="col">
                        {t(key)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {all.map((run) => (
                    <Row key={run.name} run={run} />
                  ))}
                </tbody>
              </table>
            </div>
            <p class="row">
              <button class="labelled" disabled={there.length < 2} onClick={() => go("trainings", there.join(","))}>
                <Icon name="curve" /> {t("trainingsChosen", { count: there.length })}
              </button>
            </p>
          </section>
        </div>
      )}
    </div>
  );
}

function Curves({ runs }: { runs: Followed[] }) {
  const lines = (pointsOf: (one: Followed) => { x: number; y: number }[]) =>
    runs.map((one, which) => ({ name: one.run.name, which, points: pointsOf(one) }));
  return (
    <section class="plate wide" aria-labelledby="curves">
      <header class="plate-head">
        <h2 id="curves">{t("trainingCurves")}</h2>
        <p class="quiet small">{t("trainingCurvesLead")}</p>
      </header>
      <div class="all-lines">
        <Lines shown={{ title: t("trainingHeldOut"), digits: kDigits, marked: true, lines: lines((one) => one.evaluations.map((at) => ({ x: at.update, y: at.loss }))) }} />
        <Lines shown={{ title: t("trainingLoss"), digits: kDigits, marked: false, lines: lines((one) => one.losses) }} />
        <Lines shown={{ title: t("trainingRate"), digits: 5, marked: false, lines: lines((one) => one.rates) }} />
      </div>
    </section>
  );
}

function Figures({ runs }: { runs: Followed[] }) {
  const results = runs.flatMap((one) => one.run.result ?? []);
  const differs = new Set(results.map((one) => one.lessons)).size > 1;
  const cells = ({ run }: Followed) => {
    const { result } = run;
    const pace = result && result.seconds > 0 ? result.tokens / result.seconds : run.tokens_per_second;
    return [
      run.method ?? "–",
      run.base ?? "–",
      result ? told("sheet", result.sheet ? "in" : "out") : "–",
      result && result.rank > 0 ? number(result.rank) : "–",
      result ? short(result.rate, 5) : "–",
      number(run.lessons ?? 0),
      number(run.held_out ?? 0),
      t("trainingOf", { done: number(run.update ?? 0), all: number(run.updates ?? 0) }),
      loss(run.first_loss),
      loss(run.best_loss),
      run.best_update === undefined ? "–" : number(run.best_update),
      result ? t("trainingOf", { done: result.ended, all: result.answers }) : "–",
      pace === undefined ? "–" : number(pace),
      result ? number(result.megabytes) : "–",
    ];
  };
  return (
    <section class="plate wide" aria-labelledby="figures">
      <h2 id="figures">{t("trainingFigures")}</h2>
      <div class="scrolls" tabIndex={0} role="region" aria-labelledby="figures">
        <table class="table numbers">
          <thead>
            <tr>
              {(["trainingRun", "trainingState", "trainingMethod", "trainingBase", "trainingSheet", "trainingRank", "trainingRate", "trainingLessons", "trainingHeld", "trainingProgress", "trainingBefore", "trainingKept", "trainingKeptAt", "trainingEnded", "trainingPace", "trainingMemory"] as const).map((key) => (
                <th key={key} scope="col">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((one, which) => (
              <tr key={one.run.name}>
                <th scope="row">
                  {runs.length > 1 && <Key which={which} />} {one.run.name}
                </th>
                <td>
                  <State run={one.run} />
                </td>
                {cells(one).map((words, n) => (
                  <td key={n}>{words}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {differs && <p class="quiet small">{t("trainingOtherLessons")}</p>}
    </section>
  );
}

const when = (one: Evaluated) => (one.update === 0 ? t("trainingUntrained") : t("trainingAfter", { update: number(one.update) }));

function Said({ question, at }: { question: string; at: Evaluated | undefined }) {
  const sample = answerTo(question, at);
  if (!at || !sample) return <p class="quiet">–</p>;
  return (
    <div class="sampled">
      <p class="quiet small">
        {when(at)} {at.best && <span class="tag">{t("trainingBestMark")}</span>}
        {!sample.ended && <span> · {t("trainingCutOff")}</span>}
      </p>
      <p class="words">{sample.reply || "–"}</p>
    </div>
  );
}

// Of one run every evaluation, newest first; of several what each says with the weights it keeps.
function Answers({ runs }: { runs: Followed[] }) {
  const questions = questionsOf(runs);
  const [only] = runs;
  const evaluations = runs.length === 1 && only ? only.evaluations.toReversed() : [];
  return (
    <section class="plate wide" aria-labelledby="answers">
      <h2 id="answers">{t("trainingAnswers")}</h2>
      {questions.length === 0 && <p class="quiet">{t("trainingNoAnswers")}</p>}
      {questions.map((question) => (
        <article key={question} class="asked">
          <h3 class="words">{question}</h3>
          {runs.length > 1 &&
            runs.map((one, which) => (
              <div key={one.run.name} class="asked-of">
                <strong class="small">
                  <Key which={which} /> {one.run.name}
                </strong>
                <Said question={question} at={kept(one.evaluations)} />
              </div>
            ))}
          {evaluations.slice(0, 1).map((at) => (
            <Said key={at.update} question={question} at={at} />
          ))}
          {evaluations.length > 1 && (
            <details class="told">
              <summary>{t("trainingBeforeThat", { count: evaluations.length - 1 })}</summary>
              <div class="report-row">
                {evaluations.slice(1).map((at) => (
                  <Said key={at.update} question={question} at={at} />
                ))}
              </div>
            </details>
          )}
        </article>
      ))}
    </section>
  );
}

function Shown({ wanted }: { wanted: string[] }) {
  useEffect(() => watchRuns(wanted), [wanted.join(",")]);
  const runs = followed.value;
  const damaged = runs.reduce((all, one) => all + (one.run.unread ?? 0), 0);
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{wanted.join(", ")}</h1>
        <p class="row">
          {runs.map(({ run }) => (
            <State key={run.name} run={run} />
          ))}
          <a href="#/trainings">{t("trainings")}</a>
        </p>
      </header>
      {trouble.value && <p class="bad">{trouble.value}</p>}
      {damaged > 0 && <p class="bad small">{t("trainingUnread", { count: damaged })}</p>}
      {runs.length === 0 && !trouble.value && <p class="quiet">{t("loading")}</p>}
      {runs.length > 0 && (
        <div class="plates">
          <Curves runs={runs} />
          <Figures runs={runs} />
          <Answers runs={runs} />
        </div>
      )}
    </div>
  );
}

export function TrainingsView() {
  return names.value.length > 0 ? <Shown key={names.value.join(",")} wanted={names.value} /> : <List />;
}
