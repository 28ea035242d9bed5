import type { ProcessTrack } from "../../../core/protocol/messages.ts";
import { formatCount, formatMs } from "../shell/amounts.ts";
import { Fact, Facts } from "./facts.tsx";
import { TaskErrorNote } from "./task-error-note.tsx";

/** The callback's last run and its output. */
export function ProcessPanel({ project, track }: { project: string; track: ProcessTrack | undefined }) {
  return (
    <section className="panel">
      <h2>Process</h2>
      {!track && <p className="muted">Not processed yet.</p>}
      {track && (
        <Facts>
          <Fact name="result">{track.ok ? "ended well" : "failed"}</Fact>
          <Fact name="time">{formatMs(track.timeMs)}</Fact>
          <Fact name="requested tasks">{formatCount(track.follows)}</Fact>
        </Facts>
      )}
      {track?.error && <TaskErrorNote error={track.error} project={project} />}
      {track?.logs && (
        <div className="logs">
          <h3>Printed by the script</h3>
          <pre>{track.logs}</pre>
        </div>
      )}
    </section>
  );
}
