// Numbers -> lines of a chart, without a browser.

export interface Point {
  x: number;
  y: number;
}

export interface Frame {
  left: number;
  right: number;
  low: number;
  high: number;
}

// At most `most` points: means of neighbours, the first and the last kept as they are.
export function thinned(points: Point[], most: number): Point[] {
  if (points.length <= most || most < 3) return points;
  const inner = points.slice(1, -1);
  const groups = most - 2;
  const means: Point[] = [];
  for (let n = 0; n < groups; n++) {
    const group = inner.slice(Math.floor((n * inner.length) / groups), Math.floor(((n + 1) * inner.length) / groups));
    const sum = group.reduce((all, one) => ({ x: all.x + one.x, y: all.y + one.y }), { x: 0, y: 0 });
    if (group.length > 0) means.push({ x: sum.x / group.length, y: sum.y / group.length });
  }
  return [...points.slice(0, 1), ...means, ...points.slice(-1)];
}

// Round numbers from `low` to `high`, about `count` of them.
export function ticks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span) || count < 1) return [low];
  const rough = span / count;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((one) => one * ten >= rough * (1 - 1e-9)) ?? 10) * ten;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, n) => (first + n) * step);
}

// What holds all points, with a little air above and below; nothing where there are none.
export function frameOf(curves: Point[][]): Frame | undefined {
  const frame = { left: Infinity, right: -Infinity, low: Infinity, high: -Infinity };
  for (const { x, y } of curves.flat()) {
    frame.left = Math.min(frame.left, x);
    frame.right = Math.max(frame.right, x);
    frame.low = Math.min(frame.low, y);
    frame.high = Math.max(frame.high, y);
  }
  if (!Number.isFinite(frame.left) || !Number.isFinite(frame.low)) return undefined;
  const air = frame.high > frame.low ? (frame.high - frame.low) * 0.06 : Math.abs(frame.high) * 0.1 || 1;
  // What is never below 0 is not shown there.
  const low = frame.low >= 0 ? Math.max(frame.low - air, 0) : frame.low - air;
  return { left: frame.left, right: Math.max(frame.right, frame.left + 1), low, high: frame.high + air };
}

// Where a point is, in a box of that size whose y grows downwards.
export function placeOf(point: Point, frame: Frame, width: number, height: number): Point {
  return {
    x: ((point.x - frame.left) / (frame.right - frame.left)) * width,
    y: height - ((point.y - frame.low) / (frame.high - frame.low)) * height,
  };
}

const rounded = (value: number) => Math.round(value * 10) / 10;

export function pathOf(points: Point[]): string {
  return points.map(({ x, y }, n) => `${n === 0 ? "M" : "L"}${rounded(x)} ${rounded(y)}`).join("");
}

// Marks that differ in shape, so that neither print nor the colours of the eye make them alike.
export function markOf(which: number, { x, y }: Point, r = 4): string {
  const at = (dx: number, dy: number) => `${rounded(x + dx)} ${rounded(y + dy)}`;
  switch (which % 4) {
    case 0:
      return `M${at(-r, 0)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    case 1:
      return `M${at(-r, -r)}h${2 * r}v${2 * r}h${-2 * r}z`;
    case 2:
      return `M${at(0, -r - 1)}L${at(r + 1, r)}L${at(-r - 1, r)}z`;
    default:
      return `M${at(0, -r - 1)}L${at(r + 1, 0)}L${at(0, r + 1)}L${at(-r - 1, 0)}z`;
  }
}

export const dashOf = (which: number): string => ["", "7 4", "2 3", "9 3 2 3"][which % 4] ?? "";
