import { formatCount } from "../shell/amounts.ts";
import { sparkPoints } from "./spark-points.ts";
import "./sparkline.css";

/** Pages a minute as a small line, the newest at the right, with the last minute as a figure. */
export function Sparkline({ name, pagesPerMinute }: { name: string; pagesPerMinute: readonly number[] }) {
  const last = pagesPerMinute.at(-1) ?? 0;
  const most = Math.max(...pagesPerMinute, 0);
  const words = `Pages a minute of ${name}: ${formatCount(last)} in the last whole minute, at most ${formatCount(most)} in ${pagesPerMinute.length} minutes`;
  return (
    <span className="spark" title={words}>
      <svg role="img" aria-label={words} viewBox="0 0 80 20" preserveAspectRatio="none">
        <polyline points={sparkPoints(pagesPerMinute, { width: 80, height: 20 })} />
      </svg>
      <span aria-hidden="true">{most === 0 ? "–" : formatCount(last)}</span>
    </span>
  );
}
