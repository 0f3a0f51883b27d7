// An input whose words are its writer's until they are handed over: what arrives from the service
// meanwhile never takes a half-written line away.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Properties {
  value: string;
  lines?: number | undefined; // more than one line: so many are shown
  onWritten: (words: string) => void; // when the writer goes elsewhere
  label?: string | undefined; // where no <label> stands around it
  placeholder?: string | undefined;
  maxLength?: number | undefined;
  isBad?: boolean | undefined;
}

export function Written({ value, lines, onWritten, label, placeholder, maxLength, isBad }: Properties) {
  const [words, setWords] = useState(value);
  const writing = useRef(false);
  useEffect(() => {
    if (!writing.current) setWords(value);
  }, [value]);
  const shared = {
    value: words,
    "aria-label": label,
    "aria-invalid": isBad,
    placeholder,
    maxLength,
    onInput: (event: JSX.TargetedInputEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      writing.current = true;
      setWords(event.currentTarget.value);
    },
    onChange: (event: JSX.TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      writing.current = false;
      onWritten(event.currentTarget.value);
    },
  };
  return lines === undefined ? <input {...shared} /> : <textarea rows={lines} {...shared} />;
}
