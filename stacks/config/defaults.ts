import type { Role } from "../roles.ts";
import type { BACKING_SERVICES, IMAGES } from "./schema.ts";

export type Container = Role | (typeof BACKING_SERVICES)[number];

/**
 * The default memory limits of containers, in MiB. The groups have those of pyspider's public demo on hosts of 2 GiB
 * (binux/pyspider docs/Deployment-demo.pyspider.org.md); test/integration/memory-limits.test.ts checks that they keep them.
 */
export const DEFAULT_LIMITS_MIB: Record<Container, number> = {
  renderer: 512,
  fetcher: 128,
  processor: 256,
  "result-worker": 256,
  webui: 256,
  scheduler: 384,
  postgres: 768,
  redis: 640,
  registry: 128,
  balancer: 64,
  edge: 64,
};

/**
 * Memory reserved for a replica when it is placed, in MiB. An idle role takes 77 with its share of common pages; this adds a quarter. A renderer
 * rarely runs without Chromium, a processor rarely without one script.
 */
export const RESERVATIONS_MIB: Record<Role, number> = {
  renderer: 160,
  fetcher: 96,
  processor: 160,
  "result-worker": 96,
  webui: 96,
  scheduler: 96,
};

export const DEFAULT_IMAGES: Record<(typeof IMAGES)[number], string> = {
  debian: "debian:trixie-slim",
  postgres: "postgres:17",
  redis: "redis:7.4",
  registry: "registry:2.8.3",
  haproxy: "haproxy:2.6",
  nginx: "nginx:1.28",
};
