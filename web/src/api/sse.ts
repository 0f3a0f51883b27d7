// Pieces of a text/event-stream -> whole events, however the network cut them.

export interface ServerEvent {
  type: string;
  data: string;
}

// One stream's reader. A comment (a sign of life) is no event; a last event without its empty line
// never came whole, and is not told.
export class EventParser {
  #rest = "";
  #type = "";
  #data: string[] = [];

  push(piece: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.#rest += piece;
    for (;;) {
      const end = this.#lineEnd();
      if (!end) return events;
      const line = this.#rest.slice(0, end.at);
      this.#rest = this.#rest.slice(end.next);
      if (line === "") this.#finish(events);
      else this.#field(line);
    }
  }

  // A carriage return at the very end may be half of a line end: the next piece decides.
  #lineEnd(): { at: number; next: number } | undefined {
    const at = this.#rest.search(/[\r\n]/);
    if (at < 0) return undefined;
    if (this.#rest[at] === "\n") return { at, next: at + 1 };
    if (at + 1 === this.#rest.length) return undefined;
    return { at, next: this.#rest[at + 1] === "\n" ? at + 2 : at + 1 };
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#type = value;
    else if (name === "data") this.#data.push(value);
  }

  #finish(events: ServerEvent[]): void {
    if (this.#data.length > 0)
      events.push({ type: this.#type || "message", data: this.#data.join("\n") });
    this.#type = "";
    this.#data = [];
  }
}
