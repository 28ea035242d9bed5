import { formatCount, formatShortCount } from "../shell/amounts.ts";
import { type Counts, KINDS, segmentsOf } from "./segments.ts";
import "./counter-bar.css";

/** Counts as a stacked bar with its figures beneath; `title` names the counts: `books, 5 minutes`. */
export function CounterBar({ title, counts }: { title: string; counts: Counts }) {
  const segments = segmentsOf(counts);
  const words = segments.map(({ kind, count }) => `${formatCount(count)} ${kind}`).join(", ") || "nothing";
  return (
    <div className="counter" title={`${title}: ${words}`}>
      <svg role="img" aria-label={`${title}: ${words}`} width="100%" height="6">
        <rect className="ground" width="100%" height="6" />
        {segments.map(({ kind, start, share }) => (
          <rect key={kind} className={kind} x={`${start}%`} width={`${share}%`} height="6" />
        ))}
      </svg>
      <div className="figures" aria-hidden="true">
        {segments.length === 0 && <span className="muted">–</span>}
        {segments.map(({ kind, count }) => (
          <span key={kind} className={kind}>
            {formatShortCount(count)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** The legend of the bars. */
export function CounterLegend() {
  return (
    <ul className="legend" aria-label="Colours of the bars">
      {KINDS.map((kind) => (
        <li key={kind}>
          <svg width="10" height="10" aria-hidden="true">
            <rect className={kind} width="10" height="10" rx="2" />
          </svg>
          {kind}
        </li>
      ))}
    </ul>
  );
}
