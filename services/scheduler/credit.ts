/** Credit limits the tasks in flight: the scheduler never blocks on a queue, and no worker waits for room in one. */

export interface Demand {
  project: string;
  /** Tasks that its token bucket allows now. */
  tokens: number;
  /** Its tasks in flight. */
  inFlight: number;
  /** The limit of its tasks in flight, from its pace. */
  window: number;
  /** Expected size of one of its pages. */
  pageBytes: number;
}

export interface CreditLimits {
  /** Maximum tasks in flight, over all projects. */
  tasks: number;
  /** Maximum tasks of one project in flight: below `tasks`, so that one project with slow pages never uses all of it. */
  tasksPerProject: number;
  /** Maximum estimated bytes in flight, over all projects. */
  bytes: number;
}

/**
 * How many tasks of each project to dispatch now: equal shares of the free credit, limited by tokens, pace and each project's own limit.
 * Credit that one project does not use goes to the others.
 */
export function shareCredit(demands: Demand[], inFlight: { tasks: number; bytes: number }, limits: CreditLimits): Map<string, number> {
  const shares = new Map<string, number>();
  let tasks = limits.tasks - inFlight.tasks;
  let bytes = limits.bytes - inFlight.bytes;
  const smallestFirst = demands
    .map((demand) => ({ ...demand, wanted: Math.min(demand.tokens, Math.min(demand.window, limits.tasksPerProject) - demand.inFlight) }))
    .filter(({ wanted }) => wanted > 0)
    .sort((a, b) => a.wanted - b.wanted);
  for (const [position, { project, wanted, pageBytes }] of smallestFirst.entries()) {
    const left = smallestFirst.length - position;
    const share = Math.min(wanted, Math.ceil(tasks / left), Math.ceil(bytes / left / pageBytes));
    if (share <= 0) continue;
    shares.set(project, share);
    tasks -= share;
    bytes -= share * pageBytes;
  }
  return shares;
}
