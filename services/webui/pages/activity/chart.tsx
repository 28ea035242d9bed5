import { useEffect, useRef } from "react";
import Plot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./chart.css";
import { lonePoints } from "./series.ts";

export interface ChartLine {
  label: string;
  /** The name of one of the colours in base.css. */
  colour: string;
}

export interface ChartProps {
  title: string;
  /** Unix seconds, ascending; one for each value. */
  times: readonly number[];
  /** The same array at each rendering: another one draws the chart again. */
  lines: readonly ChartLine[];
  /** Of each line. Null: no value at that time. */
  values: readonly (readonly (number | null)[])[];
  /** What it shows, for those who do not see it. */
  summary: string;
}

const HEIGHT = 190;

/** Lines over time. The legend below has the values under the pointer. */
export function Chart({ title, times, lines, values, summary }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const created = new Plot(optionsOf(element, lines), undefined, element);
    plot.current = created;
    const resizing = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height: HEIGHT }));
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      created.destroy();
      plot.current = null;
    };
  }, [lines]);
  useEffect(() => plot.current?.setData([times, ...values] as unknown as Plot.AlignedData));

  return (
    <figure className="chart panel" aria-label={`${title}: ${summary}`}>
      <figcaption>{title}</figcaption>
      <div ref={host} className="plot" aria-hidden="true" />
    </figure>
  );
}

function optionsOf(element: HTMLElement, lines: readonly ChartLine[]): Plot.Options {
  const colour = (name: string) => colourOf(element, name);
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
  // A line needs two values.
  const points: Plot.Series.Points = { show: true, size: 5, filter: (plot, series) => lonePoints(plot.data[series] ?? []) };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [axis, { ...axis, size: 60 }],
    series: [{}, ...lines.map((line) => ({ label: line.label, stroke: colour(line.colour), width: 2, points }))],
    cursor: { drag: { x: false, y: false } },
  };
}

/** A canvas does not read the variables of a style sheet. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
