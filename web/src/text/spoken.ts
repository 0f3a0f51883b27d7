// Markdown-light: what somebody said -> paragraphs of spans. The result holds text and the names of
// four styles, never markup: whoever shows it makes text nodes, so nothing said can become a page.

export type Style = "plain" | "action" | "strong" | "quote";

export interface Span {
  style: Style;
  text: string;
}

export type Paragraph = Span[];

// More than this of one reply is shown as plain text: styles are a nicety, time is not.
const kMostStyled = 32_768;

// Bounded, so that a mark which never closes costs no second look at all that follows.
const kMarks =
  /\*\*([^*\n]{1,600})\*\*|\*([^*\n]{1,600})\*|(“[^”\n]{1,600}”|«[^»\n]{1,600}»|"[^"\n]{1,600}")/g;

export function read(said: string): Paragraph[] {
  const paragraphs = said.replace(/\r\n?/g, "\n").split(/\n{2,}/);
  return paragraphs
    .map((text) => text.replace(/^\n+|\n+$/g, ""))
    .filter((text) => text.trim() !== "")
    .map((text) => (said.length > kMostStyled ? [{ style: "plain", text }] : spans(text)));
}

function spans(text: string): Paragraph {
  const made: Paragraph = [];
  let end = 0;
  for (const found of text.matchAll(kMarks)) {
    if (found.index > end) made.push({ style: "plain", text: text.slice(end, found.index) });
    made.push(styled(found));
    end = found.index + found[0].length;
  }
  if (end < text.length) made.push({ style: "plain", text: text.slice(end) });
  return made;
}

function styled(found: RegExpMatchArray): Span {
  const [, strong, action, quote] = found;
  if (strong !== undefined) return { style: "strong", text: strong };
  if (action !== undefined) return { style: "action", text: action };
  return { style: "quote", text: quote ?? "" };
}
