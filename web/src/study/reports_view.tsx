// What interviews found: the scores of each character with their intervals, and every question.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "../api/client";
import type { Report, ReportRow, Score } from "../api/types";
import { Icon } from "../frame/icon";
import { place } from "../frame/place";
import { attempt, cast } from "../frame/session";
import { saveAs } from "../talk/thread";
import { clock, number, t, told } from "../text/messages";

const reports = signal<Report[]>([]);
const report = signal<Report | undefined>(undefined);
const openId = computed(() => (place.value[0] === "reports" ? place.value[1] : undefined));
const isListed = signal(false);

const kMetrics = ["memory", "values", "personality", "hallucination", "stability"];
const kMost = 7; // points, of the scale that judges use

const nameOf = (character: string) => cast.value.find((one) => one.character === character)?.name ?? character;

// A dot for the mean, a line for the interval; the numbers beside it say the same.
function Scale({ score }: { score: Score | undefined }) {
  if (!score) return <span class="quiet">–</span>;
  const at = (points: number) => `${Math.min(Math.max(((points - 1) / (kMost - 1)) * 100, 0), 100)}`;
  return (
    <span class="scale">
      <strong>{number(score.mean, 1)}</strong>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <line class="scale-all" x1="0" x2="100" y1="5" y2="5" />
        <line class="scale-range" x1={at(score.low)} x2={at(score.high)} y1="5" y2="5" />
        <line class="scale-mean" x1={at(score.mean)} x2={at(score.mean)} y1="1" y2="9" />
      </svg>
      <span class="quiet small">
        {number(score.low, 1)}–{number(score.high, 1)}
      </span>
    </span>
  );
}

function Scores({ now }: { now: Report }) {
  const metrics = kMetrics.filter((one) => now.all[one]);
  const rows: [string, Record<string, Score>][] = [[t("reportAll"), now.all], ...(now.characters ?? []).map((one): [string, Record<string, Score>] => [nameOf(one.character), one.scores])];
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label={t("reportScores")}>
      <table class="table scores">
        <thead>
          <tr>
            <td />
            {metrics.map((one) => (
              <th key={one} scope="col">
                {told("metric", one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, scores]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {metrics.map((one) => (
                <td key={one}>
                  <Scale score={scores[one]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: ReportRow }) {
  return (
    <details class="told">
      <summary>
        <span class="told-first">
          <strong>{nameOf(row.character)}</strong> {row.asked}
        </span>
        {row.findings.length > 0 && <span class="tag tag-bad">{row.findings.length}</span>}
      </summary>
      <div class="report-row">
        <p>{row.asked}</p>
        <p class="example-npc">{row.reply}</p>
        {row.findings.map((one, n) => (
          <p key={n} class="bad small">
            {one.sign}: {one.reason}
          </p>
        ))}
        <p class="quiet small">
          {Object.entries(row.points)
            .map(([metric, points]) => `${told("metric", metric)} ${number(points, 1)}`)
            .join(" · ")}
        </p>
      </div>
    </details>
  );
}

function ReportShown() {
  const now = report.value;
  if (!now) return <p class="gate quiet">{t("loading")}</p>;
  const keep = () => attempt(async () => saveAs(`${now.id}.html`, await api.reportPage(now.id)));
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{now.title}</h1>
        <p>{t("reportBy", { answered: now.answered_by, asked: now.asked_by, scored: now.scored_by })}</p>
        <p class="row report-tools">
          <a href="#/reports">{t("reports")}</a>
          <button class="labelled" onClick={() => void keep()}>
            <Icon name="export" /> {t("reportKeep")}
          </button>
        </p>
      </header>
      <div class="plates">
        <section class="plate wide">
          <h2>{t("reportScores")}</h2>
          <Scores now={now} />
        </section>
        <section class="plate wide">
          <h2>{t("reportQuestions")}</h2>
          <div>
            {(now.rows ?? []).map((row, n) => (
              <Row key={n} row={row} />
            ))}
          </div>
        </section>
      </div>
    </div>
  );
}

export function ReportsView() {
  const id = openId.value;
  useEffect(() => {
    report.value = undefined;
    void attempt(async () => {
      if (id) report.value = await api.report(id);
      else {
        reports.value = await api.reports();
        isListed.value = true;
      }
    });
  }, [id]);
  if (id) return <ReportShown />;
  return (
    <div class="scroll">
      <header class="hero">
        <h1>{t("reports")}</h1>
        <p>{t("reportsLead")}</p>
      </header>
      {isListed.value && reports.value.length === 0 && (
        <p class="quiet">
          {t("reportsEmpty")} <code>dramatis interview all</code>
        </p>
      )}
      <ul class="cards">
        {reports.value.map((one) => (
          <li key={one.id} class="card">
            <a class="report-card" href={`#/reports/${one.id}`}>
              <span class="card-name">{one.title}</span>
              <span class="quiet small">{clock(new Date(one.made_ms).toISOString())}</span>
              {kMetrics
                .filter((metric) => one.all[metric])
                .map((metric) => (
                  <span key={metric} class="report-line">
                    <span>{told("metric", metric)}</span>
                    <Scale score={one.all[metric]} />
                  </span>
                ))}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
