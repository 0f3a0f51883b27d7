// Spans -> text nodes in elements that we chose: the only way in which anything said reaches the
// page.
import { useMemo } from "preact/hooks";
import { read, type Span } from "./spoken";

function Styled({ span }: { span: Span }) {
  switch (span.style) {
    case "action":
      return <em class="action">{span.text}</em>;
    case "strong":
      return <strong>{span.text}</strong>;
    case "quote":
      return <q class="quote">{span.text}</q>;
    case "plain":
      return <>{span.text}</>;
  }
}

export function Said({ text }: { text: string }) {
  const paragraphs = useMemo(() => read(text), [text]);
  return (
    <>
      {paragraphs.map((spans, n) => (
        <p key={n}>
          {spans.map((span, m) => (
            <Styled key={m} span={span} />
          ))}
        </p>
      ))}
    </>
  );
}
