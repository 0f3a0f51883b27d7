// A talk with the sheet as it was saved last, beside the sheet.
import { signal } from "@preact/signals";
import * as api from "../api/client";
import { attempt, cast, loadCast, user, wordsOf } from "../frame/session";
import { colourOf } from "../text/chance";
import { t } from "../text/messages";
import { Said } from "../text/said";
import { isChanged, openSheetId } from "./sheets";

interface Line {
  who: "player" | "npc";
  text: string;
}

const lines = signal<Line[]>([]);
const talk = signal<{ sheet: string; conversation: string } | undefined>(undefined);
const busy = signal(false);

// One try-out for each character is enough: the next begins it anew.
async function begin(npc: string, player: string): Promise<string> {
  const title = t("tryOut");
  const earlier = (await api.conversations(player)).find((one) => one.npc_id === npc && one.title === title);
  if (!earlier) return (await api.addConversation(npc, player, { title })).conversation_id;
  await api.reset(earlier.conversation_id);
  return earlier.conversation_id;
}

async function conversationOf(sheet: string): Promise<string> {
  if (talk.value?.sheet === sheet) return talk.value.conversation;
  const character = sheet.split("/")[1] ?? "";
  const known = cast.value.find((one) => one.character === character)?.npc_ids[0];
  const npc = known ?? (await api.addNpc({ character })).npc_id;
  if (!known) await loadCast();
  const conversation = await begin(npc, user.value?.user_id ?? "");
  talk.value = { sheet, conversation };
  lines.value = [];
  return conversation;
}

async function say(message: string): Promise<void> {
  const sheet = openSheetId.value;
  if (!sheet || busy.value) return;
  busy.value = true;
  await attempt(async () => {
    const conversation = await conversationOf(sheet);
    const before: Line[] = [...lines.value, { who: "player", text: message }];
    let words = "";
    lines.value = before;
    try {
      await api.say(conversation, message, { signal: new AbortController().signal }, {
        onEvent(type, data) {
          if (type !== "text") return;
          words += String(data["text"] ?? "");
          lines.value = [...before, { who: "npc", text: words }];
        },
      });
    } catch (error) {
      lines.value = [...before, { who: "npc", text: `(${wordsOf(error)})` }];
    }
  });
  busy.value = false;
}

export function TryOut({ name }: { name: string }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const message = String(new FormData(form).get("message") ?? "").trim();
    if (message === "" || busy.value) return;
    form.reset();
    void say(message);
  };
  const mine = talk.value?.sheet === openSheetId.value ? lines.value : [];
  return (
    <section class="try" aria-labelledby="try-title">
      <h2 id="try-title">{t("tryOut")}</h2>
      {isChanged.value && <p class="quiet small">{t("tryOutOld")}</p>}
      {mine.length === 0 && !busy.value && <p class="quiet small">{t("tryOutLead", { name })}</p>}
      <div class="try-lines" role="log" tabIndex={0} aria-label={t("threadOf", { name })}>
        {mine.map((line, n) => (
          <div key={n} class={line.who === "player" ? "said said-player" : `said speaker-${colourOf(name)}`}>
            <div class="words">
              <Said text={line.text} />
            </div>
          </div>
        ))}
        {busy.value && mine.at(-1)?.who === "player" && <p class="quiet">{t("thinking", { name })}</p>}
      </div>
      <form class="row try-say" onSubmit={submit}>
        <input name="message" aria-label={t("sayTo", { name })} placeholder={t("sayTo", { name })} autocomplete="off" maxLength={2000} />
        <button class="primary" disabled={busy.value}>
          {t("send")}
        </button>
      </form>
    </section>
  );
}
