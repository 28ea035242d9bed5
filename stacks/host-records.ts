/** A host's report on the scripts that ran on it, and on changes of their results. */

export interface HostNote {
  /** The script's resource, such as `work1-mesh`. */
  resource: string;
  /** For people: `/etc/nftables.conf was changed`. */
  what: string;
}

export interface HostRecords {
  /** The number of each resource's last run. */
  runs: ReadonlyMap<string, number>;
  /** Differences from what the scripts made. */
  drifts: readonly HostNote[];
  /** Failed checks. */
  unknown: readonly HostNote[];
}

/** Parses the lines of `checkRecordsCommand`; ignores other lines. */
export function parseRecords(text: string): HostRecords {
  const lines = text.split("\n").map((line) => /^(made|drift|unknown) (\S+) (.+)$/.exec(line.trim()) ?? []);
  const notes = (kind: string) =>
    lines.flatMap(([, key, resource, what]) => (key === kind && resource && what ? [{ resource, what }] : [])).toSorted(byText);
  return {
    runs: new Map(notes("made").map(({ resource, what }) => [resource, Number(what)])),
    drifts: notes("drift"),
    unknown: notes("unknown"),
  };
}

const byText = (one: HostNote, other: HostNote) => `${one.resource} ${one.what}`.localeCompare(`${other.resource} ${other.what}`);

export const NO_RECORDS: HostRecords = { runs: new Map(), drifts: [], unknown: [] };

/** Whether the results of a resource's script were changed. */
export const hasDrifted = ({ drifts }: HostRecords, resource: string): boolean => drifts.some((drift) => drift.resource === resource);

/**
 * The run number that a resource's script is declared with. It is the recorded run, so that nothing changes, unless the host has drifted or has
 * lost its record: then the script runs again.
 *
 * @param now Unix time of this deployment, in seconds.
 */
export const runOf = (records: HostRecords, resource: string, now: number): number =>
  hasDrifted(records, resource) ? now : (records.runs.get(resource) ?? now);
