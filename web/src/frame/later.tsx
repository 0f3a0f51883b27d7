// A view that is fetched when it is first opened.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../text/messages";

export function later(fetchView: () => Promise<ComponentType>): ComponentType {
  let fetched: ComponentType | undefined;
  return function Later() {
    const [View, setView] = useState<ComponentType | undefined>(() => fetched);
    useEffect(() => {
      if (!View)
        void fetchView().then((view) => {
          fetched = view;
          setView(() => view);
        });
    }, []);
    return View ? <View /> : <p class="gate quiet">{t("loading")}</p>;
  };
}
