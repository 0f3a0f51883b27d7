// Small drawings, all in one stroke; they say nothing that the words beside them do not.
const kPaths = {
  talk: "M4 5h16v11H9l-5 4z",
  write: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  masks: "M3 5c4 1.500 7 1.500 10 0v6c0 3-2 5-5 5s-5-2-5-5zM16 9c2 .6 3.500.6 5 0v6c0 3-2 5-5 5-1.500 0-3-.6-4-2M6 10h1M9.500 10h1M6.500 13c1 .8 2 .8 3 0",
  scales: "M12 4v16M7 20h10M5 7h14M5 7l-2.500 6h5zM19 7l-2.500 6h5z",
  curve: "M4 4v16h16M7 6c1 8 5 10 12 10",
  house: "M4 19V9l8-5 8 5v10zM9 19v-6h6v6",
  menu: "M4 7h16M4 12h16M4 17h16",
  send: "M4 12l16-7-6 15-3-6z",
  stop: "M7 7h10v10H7z",
  again: "M19 7v5h-5M18.500 12A7 7 0 1 0 17 16.500",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  branch: "M7 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 8v8M17 9c0 5-10 2-10 7",
  reset: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  export: "M12 4v11M8 11l4 4 4-4M5 19h14",
  import: "M12 15V4M8 8l4-4 4 4M5 19h14",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  left: "M14 6l-6 6 6 6",
  right: "M10 6l6 6-6 6",
  down: "M6 10l6 6 6-6",
  look: "M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  direct: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM16 16l4 4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
  key: "M8 11a4 4 0 1 0 4 4l8-8M17 7l2 2M14 10l2 2",
  person: "M12 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM5 20c1-4 4-5 7-5s6 1 7 5",
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={kPaths[name]} fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
