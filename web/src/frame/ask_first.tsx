// A question before what cannot be taken back.
import { signal } from "@preact/signals";
import { t } from "../text/messages";
import { Dialog } from "./dialog";

const asked = signal<{ question: string; yes: string; answer: (is: boolean) => void } | undefined>(undefined);

// Whether whoever is here means it; `yes`: what it is called.
export function sure(question: string, yes: string): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((answer) => (asked.value = { question, yes, answer }));
}

export function AskFirst() {
  const now = asked.value;
  if (!now) return null;
  const close = (is: boolean) => {
    asked.value = undefined;
    now.answer(is);
  };
  return (
    <Dialog title={now.yes} onClose={() => close(false)} kind="asking">
      <p>{now.question}</p>
      <div class="row end">
        <button onClick={() => close(false)}>{t("cancel")}</button>
        <button class="danger" onClick={() => close(true)}>
          {now.yes}
        </button>
      </div>
    </Dialog>
  );
}
