// Whether any model can answer; where none can, what to do about it.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "../api/client";
import type { Model } from "../api/types";
import { t } from "../text/messages";
import { state, writes } from "./session";

// What a service calls the place of a model that it has not got.
export const kNoModel = "no model";
const kLookAgain = 10_000;

const models = signal<Model[]>([]);
const silent = computed(() => models.value.length > 0 && models.value.every((one) => one.state === "down"));

// NPCs are listed beside the models, without a state.
export async function lookAtModels(): Promise<void> {
  if (state.value !== "ready" || document.hidden) return;
  models.value = (await api.models()).filter((one) => one.state !== undefined);
}

function Absent() {
  if (!writes.value) return <p>{t("noModelPlayer")}</p>;
  return (
    <>
      <p>{t("noModelLead")}</p>
      <ul class="mends">
        <li>
          {t("noModelFile")} <code>./run serve --model model.gguf</code>
        </li>
        <li>
          {t("noModelService")} <code>./run serve --model http://localhost:11434/v1 --model-name llama3.2</code>
        </li>
      </ul>
      <p class="quiet">{t("noModelMeanwhile")}</p>
    </>
  );
}

export function Silence() {
  useEffect(() => {
    const look = () => void lookAtModels().catch(() => undefined);
    look();
    const timer = setInterval(look, kLookAgain);
    return () => clearInterval(timer);
  }, [state.value]);
  if (!silent.value) return null;
  const isAbsent = models.value.every((one) => one.id === kNoModel);
  return (
    <section class="silence" role="status">
      <h2>{isAbsent ? t("noModel") : t("modelDown", { name: models.value.map((one) => one.id).join(", ") })}</h2>
      {isAbsent ? <Absent /> : <p>{t(writes.value ? "modelDownOwner" : "modelDownPlayer")}</p>}
    </section>
  );
}
