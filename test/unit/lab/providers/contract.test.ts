import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CONTAINER_CONTRACT,
  contractBreaches,
  environmentBreach,
  goDuration,
  platformBreach,
  SERVICE_CONTRACT,
  serviceDuration,
} from "../../../../lab/providers/docker/contract.ts";

/** As written, and as the real provider reads it back: of a container, of a service. */
const DURATIONS: [string, string, string][] = [
  ["3s", "3s", "3s"],
  ["55s", "55s", "55s"],
  ["60s", "1m0s", "1m"],
  ["90s", "1m30s", "1m30s"],
  ["1m", "1m0s", "1m"],
  ["3600s", "1h0m0s", "1h"],
  ["0s", "0s", "0s"],
];

for (const [written, container, service] of DURATIONS) {
  test(`a duration of ${written} is read back as ${container} from a container, and as ${service} from a service`, () => {
    assert.deepEqual([goDuration(written), serviceDuration(written)], [container, service]);
  });
}

test("a service's inputs that change when read back are refused by path", () => {
  const breaches = contractBreaches(SERVICE_CONTRACT, {
    taskSpec: {
      containerSpec: {
        healthcheck: { interval: "3s", startPeriod: "60s" },
        mounts: [{ target: "/tmp", tmpfsOptions: { mode: 0o1777 } }, { target: "/run" }],
      },
    },
    updateConfig: { delay: "1s", monitor: "120s" },
  });

  assert.deepEqual(
    breaches.map((breach) => breach.split(":")[0]),
    [
      'taskSpec.containerSpec.healthcheck.startPeriod = "60s" is read back as "1m"',
      'updateConfig.monitor = "120s" is read back as "2m"',
      "taskSpec.containerSpec.mounts[].tmpfsOptions.mode = 1023 is read back as 511",
    ],
  );
});

test("a container's inputs that change when read back are refused by path", () => {
  const breaches = contractBreaches(CONTAINER_CONTRACT, { healthcheck: { interval: "3s", timeout: "1m", startPeriod: "55s" } });

  assert.deepEqual(breaches.length, 1);
  assert.match(breaches[0] ?? "", /healthcheck\.timeout = "1m" is read back as "1m0s"/);
});

test("a service without platforms is refused", () => {
  assert.deepEqual(platformBreach({ taskSpec: { placement: { platforms: [{ os: "linux", architecture: "amd64" }] } } }), []);
  assert.equal(platformBreach({ taskSpec: { placement: {} } }).length, 1);
});

test("a service with several variables is refused", () => {
  const breachOf = (env: object | undefined) => environmentBreach({ taskSpec: { containerSpec: { env } } }).length;

  assert.deepEqual([breachOf(undefined), breachOf({ A: "1" }), breachOf({ A: "1", B: "2" })], [0, 0, 1]);
});
