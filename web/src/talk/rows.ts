// Which rows of a long list are near the eye: heights, guessed until they are measured, in a Fenwick
// tree, so that ten thousand messages cost as much as fourteen.

export class Rows {
  #heights: number[] = [];
  #sums: number[] = [0];

  constructor(readonly guess: number) {}

  get count(): number {
    return this.#heights.length;
  }

  // The heights of the first rows stay; a list that became another one begins anew with `resize(0)`.
  resize(count: number): void {
    while (this.#heights.length > count) this.#heights.pop();
    while (this.#heights.length < count) this.#heights.push(this.guess);
    this.#rebuild();
  }

  // Rows came before all others: what was measured moves along.
  prepend(count: number): void {
    this.#heights = [...new Array<number>(count).fill(this.guess), ...this.#heights];
    this.#rebuild();
  }

  // Whether that changed anything.
  measure(row: number, height: number): boolean {
    const was = this.#heights[row];
    if (was === undefined || Math.abs(was - height) < 0.5) return false;
    this.#heights[row] = height;
    for (let at = row + 1; at < this.#sums.length; at += at & -at)
      this.#sums[at] = (this.#sums[at] ?? 0) + height - was;
    return true;
  }

  height(row: number): number {
    return this.#heights[row] ?? 0;
  }

  // Where a row begins; of `count`: where the list ends.
  top(row: number): number {
    let sum = 0;
    for (let at = row; at > 0; at -= at & -at) sum += this.#sums[at] ?? 0;
    return sum;
  }

  // The row at this distance from the top; the first or last one beyond the ends.
  at(distance: number): number {
    let row = 0;
    let left = distance;
    let step = 1;
    while (step * 2 <= this.count) step *= 2;
    for (; step > 0; step >>= 1) {
      const next = row + step;
      const sum = this.#sums[next];
      if (next > this.count || sum === undefined || sum > left) continue;
      row = next;
      left -= sum;
    }
    return Math.max(0, Math.min(row, this.count - 1));
  }

  // The rows that a window shows, and `margin` pixels around it; `end` is behind the last.
  seen(from: number, height: number, margin: number): { first: number; end: number } {
    if (this.count === 0) return { first: 0, end: 0 };
    return { first: this.at(from - margin), end: this.at(from + height + margin) + 1 };
  }

  #rebuild(): void {
    this.#sums = [0, ...this.#heights];
    for (let at = 1; at < this.#sums.length; at++) {
      const above = at + (at & -at);
      if (above < this.#sums.length)
        this.#sums[above] = (this.#sums[above] ?? 0) + (this.#sums[at] ?? 0);
    }
  }
}
