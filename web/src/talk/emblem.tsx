// A name -> a drawn emblem, always the same for the same name: a coat of arms for who has no
// portrait.
import { draws } from "../text/chance";

// Field, charge and edge; each pair is far enough apart to be told in grey.
const kTinctures = [
  ["#7a1f3d", "#f0c987", "#d9a441"],
  ["#1f4e5f", "#e8d8b0", "#8fc1b5"],
  ["#3b3561", "#e6c3d6", "#b08bc9"],
  ["#2f5233", "#e9dfae", "#b9c77a"],
  ["#6b3a1c", "#f2dcb8", "#e09f4e"],
  ["#22395b", "#f1d9a7", "#7fa6d6"],
  ["#5a2a52", "#f3d7c4", "#d58ba4"],
  ["#40464f", "#f0e6d2", "#c8a25c"],
] as const;

const kFields = [
  "M0 0h50v100H0z",
  "M0 0h100v50H0z",
  "M0 0L100 100H0z",
  "M0 0h100L50 55z",
  "M0 66h100v34H0z",
  "M33 0h34v100H33z",
] as const;

const kCharges = [
  "M50 22l8 18 20 2-15 13 5 20-18-11-18 11 5-20-15-13 20-2z",
  "M50 24a26 26 0 1 0 0 52 26 26 0 0 0 0-52zm0 13a13 13 0 1 1 0 26 13 13 0 0 1 0-26z",
  "M44 20h12v20h20v12H56v28H44V52H24V40h20z",
  "M50 18c16 14 22 26 22 36a22 22 0 0 1-44 0c0-10 6-22 22-36z",
  "M26 66l-4-34 16 14 12-22 12 22 16-14-4 34z",
  "M30 28h40v24c0 16-12 24-20 28-8-4-20-12-20-28z",
  "M50 20l24 30-24 30-24-30z",
  "M62 22a30 30 0 1 0 14 44 24 24 0 0 1-14-44z",
] as const;

export function Emblem({ name }: { name: string }) {
  const draw = draws(name);
  const [field, charge, edge] = kTinctures[draw(kTinctures.length)] ?? kTinctures[0];
  const division = kFields[draw(kFields.length)];
  const device = kCharges[draw(kCharges.length)];
  return (
    <svg class="emblem" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
      <rect width="100" height="100" fill={field} />
      <path d={division} fill={edge} opacity="0.28" />
      <path d={device} fill={charge} />
    </svg>
  );
}

// The portrait where there is one.
export function Face({ name, portrait }: { name: string; portrait?: string | undefined }) {
  return (
    <span class="face">
      {portrait ? <img src={portrait} alt="" loading="lazy" decoding="async" /> : <Emblem name={name} />}
    </span>
  );
}
