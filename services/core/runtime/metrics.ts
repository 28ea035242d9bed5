import { collectDefaultMetrics, Registry } from "prom-client";

/** Every metric of this process; pass it as `registers: [metrics]`. Names begin with `orb_` and end in their unit. */
export const metrics = new Registry();

let hasDefaults = false;

/** All metrics in Prometheus' text format, including those of Node (memory, CPU, event loop). */
export async function renderMetrics(): Promise<{ contentType: string; text: string }> {
  if (!hasDefaults) collectDefaultMetrics({ register: metrics });
  hasDefaults = true;
  return { contentType: metrics.contentType, text: await metrics.metrics() };
}
