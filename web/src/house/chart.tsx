// A line of the last minutes, drawn by uPlot in the page's colours.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { language, number } from "../text/messages";
import { theme } from "../frame/theme";

export interface Line {
  title: string;
  unit: string;
  digits: number;
  times: number[];
  values: (number | null)[];
}

const kHeight = 150;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(language.value, { hour12: false });
}

function options(width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour("--quiet"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui",
  };
  return {
    width,
    height: kHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, top) => [0, Math.max(top * 1.15, 1)] } },
    axes: [
      { ...axis, space: 90, values: (_, ticks) => ticks.map(timeOfDay) },
      { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => number(tick, 2)) },
    ],
    series: [
      {},
      {
        stroke: colour("--accent"),
        fill: `${colour("--accent")}22`,
        width: 2,
        spanGaps: true,
        points: { show: false },
      },
    ],
  };
}

export function Chart({ line }: { line: Line }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const worn = theme.value;
  const data: uPlot.AlignedData = [line.times, line.values];
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const made = new uPlot(options(box.clientWidth), data, box);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: kHeight }));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [worn]);
  useEffect(() => plot.current?.setData(data), [line.times]);
  const last = line.values.findLast((one) => one !== null);
  const said = last === undefined || last === null ? "–" : `${number(last, line.digits)} ${line.unit}`;
  return (
    <figure class="chart">
      <figcaption>
        <span>{line.title}</span>
        <strong>{said}</strong>
      </figcaption>
      <div ref={place} role="img" aria-label={`${line.title}: ${said}`} />
    </figure>
  );
}
