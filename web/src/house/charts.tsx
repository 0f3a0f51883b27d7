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
  if (first !== undefined) readings.chartFirstWord = first * 1000;
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

const kCharts: { key: MessageKey; unit: string; digits: number }[] = [
  { key: "chartFirstWord", unit: "ms", digits: 0 },
  { key: "chartTokens", unit: "/ s", digits: 1 },
  { key: "chartTurns", unit: "", digits: 0 },
  { key: "chartQueue", unit: "", digits: 0 },
  { key: "chartMemory", unit: "MiB", digits: 0 },
];

export function Charts() {
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), kEvery);
    return () => clearInterval(timer);
  }, []);
  const times = looks.value.map((one) => one.at);
  const measured = kCharts.filter(({ key }) => key !== "chartMemory" || looks.value.some((one) => (one.readings[key] ?? 0) > 0));
  return (
    <section class="plate wide" aria-labelledby="charts">
      <h2 id="charts">{t("charts")}</h2>
      {trouble.value && <p class="bad">{trouble.value}</p>}
      <div class="charts">
        {measured.map(({ key, unit, digits }) => (
          <Chart key={key} line={{ title: t(key), unit, digits, times, values: looks.value.map((one) => one.readings[key] ?? null) }} />
        ))}
      </div>
    </section>
  );
}
