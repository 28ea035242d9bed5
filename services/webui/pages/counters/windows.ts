/** The columns of a dashboard row and their long names. */
export const WINDOWS = [
  { key: "5m", title: "5 minutes" },
  { key: "1h", title: "1 hour" },
  { key: "1d", title: "1 day" },
  { key: "all", title: "all" },
] as const;
