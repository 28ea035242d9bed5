/** How far back events are counted, with long names. */
export const EVENT_WINDOWS = [
  { key: "5m", title: "5 minutes" },
  { key: "1h", title: "1 hour" },
  { key: "1d", title: "1 day" },
] as const;
export type EventWindow = (typeof EVENT_WINDOWS)[number]["key"];

/** The columns of a dashboard row. */
export const WINDOWS = [...EVENT_WINDOWS, { key: "all", title: "all" }] as const;
