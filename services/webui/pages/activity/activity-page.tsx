import { getActivity } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import type { Activity } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { WINDOWS as COUNTER_WINDOWS } from "../counters/windows.ts";
import { type ActivityWindow, addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { Filter } from "../shell/filter.tsx";
import { Chart } from "./chart.tsx";
import { lastOf, perMinute, timesOf } from "./series.ts";

const WINDOWS = COUNTER_WINDOWS.flatMap((window) => (window.key === "all" ? [] : [window]));

/** What a project did lately: pages a minute by how they ended, and how long they took. */
export function ActivityPage({ name, window }: { name: string; window: ActivityWindow }) {
  const { data, failure } = useRemote(getActivity(name, window), POLL_MS);
  return (
    <section aria-label="Activity">
      <title>{`Activity of ${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      <Filter
        label="How far back"
        choices={WINDOWS.map(({ key, title }) => ({ title, href: addresses.activity(name, key), isChosen: key === window }))}
      />
      {data && <Charts activity={data} />}
    </section>
  );
}

function Charts({ activity }: { activity: Activity }) {
  const times = timesOf(activity);
  const [success, retry, failed] = [activity.success, activity.retry, activity.failed].map((counts) => perMinute(counts, activity.seconds));
  return (
    <>
      <Chart
        title="Pages a minute"
        times={times}
        lines={[
          { label: "success", colour: "--success", values: success ?? [] },
          { label: "retry", colour: "--retry", values: retry ?? [] },
          { label: "failed", colour: "--failed", values: failed ?? [] },
        ]}
        summary={`in the last step ${lastOf(success)} succeeded, ${lastOf(retry)} were retried, ${lastOf(failed)} failed`}
      />
      <Chart
        title="Milliseconds a page"
        times={times}
        lines={[
          { label: "fetch", colour: "--accent", values: activity.fetchMs },
          { label: "script", colour: "--retry", values: activity.processMs },
        ]}
        summary={`in the last step a fetch took ${lastOf(activity.fetchMs)}, the script ${lastOf(activity.processMs)}`}
      />
    </>
  );
}
