// Curves over each other, as drawing that prints: each has its colour, its dash and its mark, and the
// numbers stand beside them.
import { useEffect, useRef, useState } from "preact/hooks";
import { number, t } from "../text/messages";
import { dashOf, frameOf, markOf, pathOf, placeOf, thinned, ticks, type Point } from "./curves";

export interface Line {
  name: string;
  which: number; // its colour, dash and mark
  points: Point[];
}

export interface LinesShown {
  title: string;
  digits: number;
  lines: Line[];
  marked: boolean; // each point is a mark of its own
}

const kHeight = 200;
const kLeft = 52;
const kRight = 14;
const kTop = 10;
const kFoot = 22;
const kMost = 400; // points of one line

// Small numbers as people write them: "5e-5".
export function short(value: number, digits: number): string {
  if (value !== 0 && Math.abs(value) < 10 ** -digits) return value.toExponential(1).replace(".0e", "e");
  return number(value, digits);
}

export function Key({ which }: { which: number }) {
  return (
    <svg class={`lines-key curve-${which % 8}`} viewBox="0 0 36 12" aria-hidden="true">
      <path class="curve" d="M1 6h34" stroke-dasharray={dashOf(which)} />
      <path class="curve-mark" d={markOf(which, { x: 18, y: 6 })} />
    </svg>
  );
}

function Drawing({ shown, width }: { shown: LinesShown; width: number }) {
  const frame = frameOf(shown.lines.map((one) => one.points));
  if (!frame) return null;
  const [wide, high] = [Math.max(width - kLeft - kRight, 40), kHeight - kTop - kFoot];
  const at = (point: Point) => {
    const inside = placeOf(point, frame, wide, high);
    return { x: inside.x + kLeft, y: inside.y + kTop };
  };
  return (
    <svg width={width} height={kHeight} viewBox={`0 0 ${width} ${kHeight}`} aria-hidden="true">
      {ticks(frame.low, frame.high, 4).map((tick) => {
        const { y } = at({ x: frame.left, y: tick });
        return (
          <g key={tick}>
            <line class="grid" x1={kLeft} x2={width - kRight} y1={y} y2={y} />
            <text x={kLeft - 6} y={y + 4} text-anchor="end">
              {short(tick, shown.digits)}
            </text>
          </g>
        );
      })}
      {ticks(frame.left, frame.right, Math.max(Math.floor(wide / 90), 2)).filter(Number.isInteger).map((tick) => (
        <text key={tick} x={at({ x: tick, y: frame.low }).x} y={kHeight - 6} text-anchor="middle">
          {number(tick)}
        </text>
      ))}
      {shown.lines.map((line) => {
        const points = thinned(line.points, kMost).map(at);
        const marks = shown.marked ? points : points.slice(-1);
        return (
          <g key={line.name} class={`curve-${line.which % 8}`}>
            <path class="curve" d={pathOf(points)} stroke-dasharray={dashOf(line.which)} />
            {marks.map((point, n) => (
              <path key={n} class="curve-mark" d={markOf(line.which, point)} />
            ))}
          </g>
        );
      })}
    </svg>
  );
}

export function Lines({ shown }: { shown: LinesShown }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!box.current) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const lastOf = (line: Line) => {
    const last = line.points.at(-1);
    return last ? short(last.y, shown.digits) : "–";
  };
  const said = shown.lines.map((line) => `${line.name} ${lastOf(line)}`).join(", ");
  return (
    <figure class="lines">
      <figcaption>
        <span>{shown.title}</span>
        {shown.lines.map((line) => (
          <strong key={line.name}>
            {shown.lines.length > 1 && <Key which={line.which} />}
            {lastOf(line)}
          </strong>
        ))}
      </figcaption>
      <div ref={box} class="lines-place" role="img" aria-label={`${shown.title}: ${said}`}>
        {shown.lines.every((line) => line.points.length === 0) ? <p class="quiet small">{t("trainingNothing")}</p> : width > 0 && <Drawing shown={shown} width={width} />}
      </div>
    </figure>
  );
}
