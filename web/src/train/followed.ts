// What a page knows of one run, grown by what the server tells that is new.
import type { Training, TrainingEntry, TrainingPage, TrainingSample } from "../api/types";
import type { Point } from "./curves";

export interface Evaluated {
  update: number;
  loss: number;
  best: boolean;
  samples: TrainingSample[];
}

export interface Followed {
  run: Training;
  next: number; // lines of its log that are known
  losses: Point[]; // by update
  rates: Point[];
  evaluations: Evaluated[];
}

export const unknown = (run: Training): Followed => ({ run, next: 0, losses: [], rates: [], evaluations: [] });

// `page` was asked for with `before.next`. A run that began anew is known from its beginning: what
// comes back then has `next` 0.
export function grown(before: Followed, page: TrainingPage): Followed {
  const { entries, next, more: _more, ...run } = page;
  if (next < before.next) return unknown(run);
  const of = <K extends TrainingEntry["kind"]>(kind: K) =>
    entries.filter((one): one is Extract<TrainingEntry, { kind: K }> => one.kind === kind);
  const updates = of("update");
  return {
    run,
    next,
    losses: [...before.losses, ...updates.map((one) => ({ x: one.update, y: one.loss }))],
    rates: [...before.rates, ...updates.map((one) => ({ x: one.update, y: one.rate }))],
    evaluations: [...before.evaluations, ...of("evaluation").map(({ update, loss, best, samples }) => ({ update, loss, best, samples }))],
  };
}

// The evaluation whose weights are kept: of those that were the best so far, the last.
export function kept(evaluations: Evaluated[]): Evaluated | undefined {
  return evaluations.findLast((one) => one.best);
}

// Each question that was asked of any of the runs, once, in the order of the first that was asked it.
export function questionsOf(runs: Followed[]): string[] {
  return [...new Set(runs.flatMap((one) => one.evaluations.flatMap((at) => at.samples.map((sample) => sample.question))))];
}

export function answerTo(question: string, evaluation: Evaluated | undefined): TrainingSample | undefined {
  return evaluation?.samples.find((one) => one.question === question);
}
