/** What a host says of the scripts that ran on it, and what became of what they made. */

export interface HostNote {
  /** The script's resource, such as `work1-mesh`. */
  resource: string;
  /** For people: `/etc/nftables.conf was changed`. */
  what: string;
}

export interface HostRecords {
  /** The number of each resource's last run. */
  runs: ReadonlyMap<string, number>;
  /** What differs from what its script made. */
  drifts: readonly HostNote[];
  /** What could not be checked. */
  unknown: readonly HostNote[];
}

/** Reads the lines of `checkRecordsCommand`; other lines are left out. */
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

/** Whether what a resource's script made differs from what it made. */
export const hasDrifted = ({ drifts }: HostRecords, resource: string): boolean => drifts.some((drift) => drift.resource === resource);

/**
 * The run that a resource's script is declared with. It is the recorded run, so that nothing changes, unless the host has drifted or has lost
 * its record: then the script runs again.
 *
 * @param now Unix time of this deployment, in seconds.
 */
export const runOf = (records: HostRecords, resource: string, now: number): number =>
  hasDrifted(records, resource) ? now : (records.runs.get(resource) ?? now);
