// Lines of the last minutes, drawn by uPlot in the page's colours.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { moment, number, t } from "../text/messages";
import { theme } from "../frame/theme";

export interface ChartShown {
  title: string;
  unit: string;
  digits: number;
  seconds: number; // how far back it reaches
  times: number[];
  lines: { name: string; values: (number | null)[] }[];
}

const kHeight = 132;
const kLeast = 60; // seconds that a chart shows, be they empty
// Second lines are dashed as well: colour is not all that tells them apart.
const kStrokes = ["--accent", "--speaker-1"];
const kDashes = [[], [5, 4]];

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function timeOfDay(seconds: number): string {
  return moment(new Date(seconds * 1000), { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function options(width: number, chart: ChartShown): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour("--quiet"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui",
  };
  const line = (_: unknown, at: number): uPlot.Series => ({
    stroke: colour(kStrokes[at] ?? "--quiet"),
    dash: kDashes[at] ?? [],
    ...(at === 0 ? { fill: `${colour("--accent")}1f` } : {}),
    width: 2,
    spanGaps: true,
    points: { show: (_plot, _series, from, to) => to - from < 3, size: 6 },
  });
  return {
    width,
    height: kHeight,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { range: (_, first, last) => [Math.max(last - chart.seconds, Math.min(first, last - kLeast)), last] },
      y: { range: (_, __, top) => [0, Math.max((top ?? 0) * 1.2, 2)] },
    },
    axes: [
      { ...axis, size: 24, space: 72, incrs: [20, 60, 120], values: (_, ticks) => ticks.map(timeOfDay), grid: { show: false } },
      { ...axis, size: 42, space: 34, incrs: [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000], values: (_, ticks) => ticks.map((tick) => number(tick, 1)) },
    ],
    series: [{}, ...chart.lines.map(line)],
  };
}

export function Chart({ chart }: { chart: ChartShown }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const worn = theme.value;
  const data = [chart.times, ...chart.lines.map((one) => one.values)] as uPlot.AlignedData;
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const made = new uPlot(options(box.clientWidth, chart), data, box);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: kHeight }));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [worn]);
  useEffect(() => plot.current?.setData(data), [chart.times]);
  const lastOf = (values: (number | null)[]) => {
    const last = values.findLast((one) => one !== null);
    return last === undefined || last === null ? "–" : `${number(last, chart.digits)} ${chart.unit}`.trim();
  };
  const said = chart.lines.map((one) => (chart.lines.length > 1 ? `${one.name} ${lastOf(one.values)}` : lastOf(one.values)));
  const isEmpty = chart.lines.every((one) => one.values.every((value) => value === null));
  return (
    <figure class="chart">
      <figcaption>
        <span>{chart.title}</span>
        <span class="chart-now">
          {said.map((words, at) => (
            <strong key={at} class={chart.lines.length > 1 ? `line-${at}` : ""}>
              {words}
            </strong>
          ))}
        </span>
      </figcaption>
      <div class="chart-place">
        <div ref={place} role="img" aria-label={`${chart.title}: ${said.join(", ")}`} />
        {isEmpty && <p class="chart-empty quiet small">{t("chartNothing")}</p>}
      </div>
    </figure>
  );
}
