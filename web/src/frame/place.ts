// Where in the page somebody is: the part of the address behind '#'.
import { computed, signal } from "@preact/signals";

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// "#/talk/cnv_1" is ["talk", "cnv_1"].
export const place = computed(() => hash.value.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded));

export function go(...parts: string[]): void {
  location.hash = `#/${parts.map(encodeURIComponent).join("/")}`;
  hash.value = location.hash;
}
