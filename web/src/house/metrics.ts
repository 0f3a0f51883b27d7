// Prometheus text -> numbers, and what two looks at them say of the time between.

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const kLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const kLabel = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export function parse(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const found = kLine.exec(line);
    if (!found) continue;
    const labels: Record<string, string> = {};
    for (const [, name = "", value = ""] of (found[2] ?? "").matchAll(kLabel)) labels[name] = value.replace(/\\(.)/g, "$1");
    const value = found[3] === "+Inf" ? Infinity : Number(found[3]);
    samples.push({ name: found[1] ?? "", labels, value });
  }
  return samples;
}

export function sum(samples: Sample[], name: string, labels: Record<string, string> = {}): number {
  return samples
    .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((all, one) => all + one.value, 0);
}

// Counts up to each bound, over all labels.
function buckets(samples: Sample[], name: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const one of samples) {
    if (one.name !== `${name}_bucket`) continue;
    const bound = one.labels["le"] === "+Inf" ? Infinity : Number(one.labels["le"]);
    counts.set(bound, (counts.get(bound) ?? 0) + one.value);
  }
  return counts;
}

// The bound under which that share of what happened between two looks lies; nothing: nothing did.
export function quantile(before: Sample[], now: Sample[], name: string, share: number): number | undefined {
  const earlier = buckets(before, name);
  const grown = [...buckets(now, name)]
    .map(([bound, count]) => ({ bound, count: count - (earlier.get(bound) ?? 0) }))
    .sort((a, b) => a.bound - b.bound);
  const all = grown.at(-1)?.count ?? 0;
  if (all <= 0) return undefined;
  let below = 0;
  let from = 0;
  for (const { bound, count } of grown) {
    if (count >= share * all) {
      if (bound === Infinity) return from;
      const inside = count - below;
      return inside > 0 ? from + (bound - from) * ((share * all - below) / inside) : bound;
    }
    below = count;
    from = bound;
  }
  return from;
}
