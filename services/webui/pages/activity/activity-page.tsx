import { getActivity } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { Activity } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { EVENT_WINDOWS, type EventWindow } from "../counters/windows.ts";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Filter } from "../shell/filter.tsx";
import { Chart } from "./chart.tsx";
import { lastOf, perMinute, timesOf } from "./series.ts";
import { useScheme } from "./use-scheme.ts";

const ENDS = [
  { label: "success", colour: "--success" },
  { label: "retry", colour: "--retry" },
  { label: "failed", colour: "--failed" },
];
const TIMES = [
  { label: "fetch", colour: "--accent" },
  { label: "script", colour: "--retry" },
];

/** What a project did lately: pages a minute by how they ended, and how long they took. */
export function ActivityPage({ name, window }: { name: string; window: EventWindow }) {
  const { data, failure } = useRemote(getActivity(name, window), POLL_MS);
  const scheme = useScheme();
  return (
    <section aria-label="Activity">
      <title>{`Activity of ${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      <Filter
        label="How far back"
        choices={EVENT_WINDOWS.map(({ key, title }) => ({ title, href: addresses.activity(name, key), isChosen: key === window }))}
      />
      {/* A chart takes its colours when it is drawn. */}
      {data && <Charts key={scheme} activity={data} />}
    </section>
  );
}

function Charts({ activity }: { activity: Activity }) {
  const times = timesOf(activity);
  const ends = [activity.success, activity.retry, activity.failed].map((counts) => perMinute(counts, activity.seconds));
  const [success, retry, failed] = ends.map(lastOf);
  const [fetch, script] = [activity.fetchMs, activity.processMs].map(lastOf);
  return (
    <>
      <Chart
        title="Pages a minute"
        times={times}
        lines={ENDS}
        values={ends}
        summary={`in the last step ${success} succeeded, ${retry} were retried, ${failed} failed`}
      />
      <Chart
        title="Milliseconds a page"
        times={times}
        lines={TIMES}
        values={[activity.fetchMs, activity.processMs]}
        summary={`in the last step a fetch took ${fetch}, the script ${script}`}
      />
    </>
  );
}
