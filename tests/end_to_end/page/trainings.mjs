// Made-up runs of the trainer, as it writes them.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const questions = ["What does bread cost?", "Who are you?", "Have you seen my brother?", "What do you make of the guild?", "When do you rest?"];
const line = (entry) => `${JSON.stringify(entry)}\n`;

export const evaluation = (update, loss, best, words) =>
  line({
    kind: "evaluation", update, epoch: 1, loss, best,
    samples: questions.map((question, n) => ({ question, reply: `${words} ${n}. <img src=x onerror=alert(1)>`, ended: n > 0 })),
  });

export const update = (n, loss, rate) => line({ kind: "update", update: n, epoch: 1, loss, rate, gradient: 1, tokens_per_second: 440 });

// `end`: its end line and its result, too.
export function writeRun(folder, name, { updates, done = updates, from = 3.4, to = 1.6, end = false }) {
  const place = join(folder, name);
  mkdirSync(join(place, "result"), { recursive: true });
  let log = line({ kind: "begin", update: 0, name, method: "lora", base: "models/SmolLM2-135M-Instruct", updates, epochs: 2, lessons: 800, held_out: 40, digest: "00" });
  log += evaluation(0, from, true, "Before, answer");
  for (let n = 1; n <= done; n++) {
    const way = n / updates;
    const loss = to + (from - to) * Math.exp(-3 * way) + 0.25 * Math.sin(n * 12.9898);
    log += update(n, loss, 1e-4 * Math.min(n / 20, 0.5 + 0.5 * Math.cos(Math.PI * way)));
    if (n % 40 === 0) log += evaluation(n, to + (from - to) * Math.exp(-2.6 * way), n < 0.8 * updates, `After ${n}, answer`);
  }
  if (end) log += line({ kind: "end", update: done });
  writeFileSync(join(place, "log.jsonl"), log);
  if (end) writeFileSync(join(place, "result/result.json"), line(resultOf(name, updates)));
}

export const addLines = (folder, name, lines) => appendFileSync(join(folder, name, "log.jsonl"), lines);

const resultOf = (name, updates) => ({
  name, method: "lora", base: "models/SmolLM2-135M-Instruct", base_checksum: "00", recipe: "00", lessons: name, files: [],
  sheet: true, form: "chatml", arithmetic: "bf16", rank: 16, alpha: 32, rslora: false, dropout: 0, targets: ["q", "v"],
  rate: 1e-4, learnt: 800, held_out: 40, too_long: 0, updates, parameters: 1000000, workers: 1, first_loss: 3.4, best_loss: 1.7,
  best_update: 200, tokens: 90000, seconds: 200, megabytes: 1700, answers: 5, ended: 4, seed: 1, evaluations: [], samples: [],
});
