import type { FetchTrack } from "../../../core/protocol/messages.ts";
import { WebLink } from "../results/cell.tsx";
import { formatBytes, formatMs } from "../shell/amounts.ts";
import { Fact, Facts } from "./facts.tsx";
import { TaskErrorNote } from "./task-error-note.tsx";

/** How the page was fetched in the last run. */
export function FetchPanel({ track }: { track: FetchTrack | undefined }) {
  return (
    <section className="panel">
      <h2>Fetch</h2>
      {!track && <p className="muted">Not fetched yet.</p>}
      {track && (
        <Facts>
          <Fact name="HTTP status">{track.statusCode}</Fact>
          <Fact name="time">{formatMs(track.timeMs)}</Fact>
          <Fact name="size">{formatBytes(track.bytes)}</Fact>
          {track.redirectUrl && (
            <Fact name="redirected to">
              <WebLink address={track.redirectUrl} />
            </Fact>
          )}
          {track.etag && (
            <Fact name="ETag">
              <code>{track.etag}</code>
            </Fact>
          )}
          {track.lastModified && <Fact name="last modified">{track.lastModified}</Fact>}
        </Facts>
      )}
      {track?.error && <TaskErrorNote error={track.error} />}
    </section>
  );
}
