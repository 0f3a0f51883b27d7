// What the service did in the last minutes, asked for every two seconds while somebody looks.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "../api/client";
import { wordsOf } from "../frame/session";
import { t, type MessageKey } from "../text/messages";
import { Chart } from "./chart";
import { parse, quantile, sum, type Sample } from "./metrics";

const kEvery = 2000;
const kKept = 150;

type Reading = Partial<Record<MessageKey, number>>;
interface Look {
  at: number; // seconds
  readings: Reading;
}

const looks = signal<Look[]>([]);
const trouble = signal("");
let before: { at: number; samples: Sample[] } | undefined;

function readingsOf(samples: Sample[], at: number): Reading {
  const was = before;
  const readings: Reading = {
    chartTurns: sum(samples, "dramatis_turns_underway"),
    chartQueue: sum(samples, "dramatis_queue_waiting"),
    chartMemory: sum(samples, "process_resident_memory_bytes") / 2 ** 20,
  };
  if (!was) return readings;
  const first = quantile(was.samples, samples, "dramatis_first_word_seconds", 0.5);
  if (first !== undefined) readings.chartFirstWord = first;
  const tokens = (from: Sample[]) => sum(from, "dramatis_tokens_total", { kind: "generated" });
  readings.chartTokens = Math.max(tokens(samples) - tokens(was.samples), 0) / Math.max(at - was.at, 0.001);
  return readings;
}

async function look(): Promise<void> {
  if (document.hidden) return;
  try {
    const samples = parse(await api.metrics());
    const at = Date.now() / 1000;
    looks.value = [...looks.value, { at, readings: readingsOf(samples, at) }].slice(-kKept);
    before = { at, samples };
    trouble.value = "";
  } catch (error) {
    trouble.value = wordsOf(error);
  }
}

interface Shape {
  title: MessageKey;
  unit: string;
  digits: number;
  lines: (keyof Reading)[];
}

const kCharts: Shape[] = [
  { title: "chartFirstWord", unit: "s", digits: 2, lines: ["chartFirstWord"] },
  { title: "chartTokens", unit: "tok/s", digits: 1, lines: ["chartTokens"] },
  { title: "chartWork", unit: "", digits: 0, lines: ["chartTurns", "chartQueue"] },
  { title: "chartMemory", unit: "MiB", digits: 0, lines: ["chartMemory"] },
];

export function Charts() {
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), kEvery);
    return () => clearInterval(timer);
  }, []);
  const times = looks.value.map((one) => one.at);
  const valuesOf = (key: keyof Reading) => looks.value.map((one) => one.readings[key] ?? null);
  return (
    <section class="plate wide" aria-labelledby="charts">
      <header class="plate-head">
        <h2 id="charts">{t("charts")}</h2>
        <p class="quiet small">{t("chartsLead")}</p>
      </header>
      {trouble.value && <p class="bad">{trouble.value}</p>}
      <div class="charts">
        {kCharts.map(({ title, unit, digits, lines }) => (
          <Chart
            key={title}
            chart={{ title: t(title), unit, digits, seconds: (kKept * kEvery) / 1000, times, lines: lines.map((key) => ({ name: t(key), values: valuesOf(key) })) }}
          />
        ))}
      </div>
    </section>
  );
}
