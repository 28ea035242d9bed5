import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../../../services/cli/stack/ask.ts";
import { interruptionsOf, lossesOf, makePlan, planText, removalPlan } from "../../../../services/cli/stack/plan.ts";
import { valueAt } from "../../../../services/cli/stack/plan-steps.ts";
import { renderHostScript } from "../../../../stacks/render/host-script.ts";
import { CONTAINER, NETWORK, type ReportedStep, reported, SERVICE, UNKNOWN, withReplicas } from "../../../fixtures/plan-steps.ts";

const planOf = (...steps: ReportedStep[]) => makePlan(steps.flatMap(reported));
const linesOf = (...steps: ReportedStep[]) => planText(planOf(...steps)).split("\n");
const script = (...files: [path: string, content: string][]) => ({
  stdin: renderHostScript({ timeoutSeconds: 1, files: files.map(([path, content]) => ({ path, content, mode: "644" })) }),
});
const limit = (mib: number) => ({ taskSpec: { resources: { limits: { memoryBytes: mib * 1_048_576 } } } });

/** As a scale is reported since a service names its declaration. */
const scaled = {
  op: "update",
  type: SERVICE,
  name: "webui",
  old: withReplicas(8),
  new: withReplicas(4),
  paths: ["labels[0].value", "mode.replicated.replicas"],
};

test("a change of only the declaration label is not a separate change", () => {
  assert.equal(linesOf(scaled)[1], "  webui: 8 → 4 replicas; 4 containers stop");
});

test("a service that waits for an unbuilt image counts as uncertain, even if its label differs", () => {
  const [line] = linesOf({
    ...{ op: "update", type: SERVICE, name: "fetcher", paths: ["labels[0].value", "taskSpec.containerSpec.image"] },
    new: { labels: [{ label: "orbweaver.declared", value: "0f3c" }], taskSpec: { containerSpec: { image: UNKNOWN } } },
  }).slice(1);

  assert.match(line ?? "", /fetcher: new image; .*depends on the steps above/);
});

test("a service that differs only in its label was changed manually", () => {
  const [line] = linesOf({ op: "update", type: SERVICE, name: "fetcher", paths: ["labels[0].value"] }).slice(1);

  assert.equal(line, "  fetcher: is declared again; replicas that were changed by hand are replaced a few at a time");
});

const sentences: [what: string, step: ReportedStep, lines: string[]][] = [
  [
    "fewer replicas",
    { op: "update", type: SERVICE, name: "webui", old: withReplicas(8), new: withReplicas(4), paths: ["mode.replicated.replicas"] },
    ["plan: 1 to update, 0 unchanged", "  webui: 8 → 4 replicas; 4 containers stop"],
  ],
  [
    "one more replica",
    { op: "update", type: SERVICE, name: "fetcher", old: withReplicas(1), new: withReplicas(2), paths: ["mode.replicated.replicas"] },
    ["plan: 1 to update, 0 unchanged", "  fetcher: 1 → 2 replicas; 1 container starts"],
  ],
  [
    "more replicas, of which an update replaces more at once",
    {
      ...{ op: "update", type: SERVICE, name: "fetcher", old: withReplicas(2), new: withReplicas(4) },
      paths: ["mode.replicated.replicas", "updateConfig.parallelism", "rollbackConfig.parallelism"],
    },
    ["plan: 1 to update, 0 unchanged", "  fetcher: 2 → 4 replicas; 2 containers start"],
  ],
  [
    "a new image of a role",
    { op: "update", type: SERVICE, name: "fetcher", old: withReplicas(2), new: withReplicas(2), paths: ["taskSpec.containerSpec.image"] },
    [
      "plan: 1 to update, 0 unchanged",
      "  fetcher: new image; replicas are replaced a few at a time, new ones first; the service stays available",
    ],
  ],
  [
    "a new memory limit of a role",
    {
      ...{ op: "update", type: SERVICE, name: "renderer", old: limit(512), new: limit(768) },
      paths: ["taskSpec.resources.limits.memoryBytes"],
    },
    [
      "plan: 1 to update, 0 unchanged",
      "  renderer: memory limit 512 → 768 MiB; replicas are replaced a few at a time, new ones first; the service stays available",
    ],
  ],
  [
    "rules of updates",
    { op: "update", type: SERVICE, name: "webui", paths: ["updateConfig.delay"] },
    ["plan: 1 to update, 0 unchanged", "  webui: new update settings; no replica is replaced"],
  ],
  [
    "a recreated service",
    { op: "replace", type: SERVICE, name: "webui", paths: ["name"] },
    ["plan: 1 to replace, 0 unchanged", "  webui: service is removed and created again", "    stops: no webui runs for about 30 s"],
  ],
  [
    "a replaced Postgres",
    { op: "replace", type: CONTAINER, name: "postgres", paths: ["image"] },
    [
      "plan: 1 to replace, 0 unchanged",
      "  postgres: container is replaced; data stays",
      "    stops: the crawl and the web UI stop for about 20 s",
    ],
  ],
  [
    "a replaced Redis",
    { op: "replace", type: CONTAINER, name: "redis", paths: ["image"] },
    [
      "plan: 1 to replace, 0 unchanged",
      "  redis: container is replaced; tasks in flight are sent again",
      "    stops: the crawl has no queue for about 5 s",
    ],
  ],
  [
    "Postgres on another host",
    { op: "replace", type: CONTAINER, name: "postgres", paths: ["image"], providers: ["data-docker", "data2-docker"] },
    [
      "plan: 1 to replace, 0 unchanged",
      "  postgres: moves to another host",
      "    stops: the crawl and the web UI stop for about 20 s",
      "    LOSES DATA: postgres starts empty on the new data host; its data stays in /data/orbweaver on the earlier one",
    ],
  ],
  [
    "a replaced edge",
    { op: "replace", type: CONTAINER, name: "work1-edge", paths: ["image"] },
    ["plan: 1 to replace, 0 unchanged", "  edge on work1: container is replaced", "    stops: work1 does not answer HTTP for about 5 s"],
  ],
  [
    "a replaced overlay network",
    { op: "replace", type: NETWORK, name: "queue", paths: ["internal"] },
    [
      "plan: 1 to replace, 0 unchanged",
      "  network queue: is replaced with all services and containers in it",
      "    stops: the crawl and the web UI stop for about 2 minutes, until all are created again",
    ],
  ],
  [
    "settings of a balancer",
    { op: "update", name: "work1-balancer-settings", paths: ["stdin"] },
    ["plan: 1 to update, 0 unchanged", "  balancer on work1: new settings, loaded without an interruption"],
  ],
  [
    "files of a host",
    {
      ...{ op: "update", name: "work1-bootstrap", paths: ["stdin"] },
      ...{
        old: script(["/etc/nftables.conf", "a"], ["/etc/sysctl.d/x", "b"]),
        new: script(["/etc/nftables.conf", "c"], ["/etc/sysctl.d/x", "b"]),
      },
    },
    ["plan: 1 to update, 0 unchanged", "  work1: packages, firewall and settings are updated (/etc/nftables.conf)"],
  ],
  [
    "Docker's own settings",
    {
      ...{ op: "update", name: "work1-bootstrap", paths: ["stdin"] },
      ...{ old: script(["/etc/docker/daemon.json", "{}"]), new: script(["/etc/docker/daemon.json", "{ }"]) },
    },
    [
      "plan: 1 to update, 0 unchanged",
      "  work1: packages, firewall and settings are updated (/etc/docker/daemon.json)",
      "    stops: Docker restarts: all containers on work1 stop for about 10 s",
    ],
  ],
  [
    "another machine under a host's name",
    { op: "update", name: "data-bootstrap", paths: ["stdin"], old: { stdin: "# for host a1\n" }, new: { stdin: "# for host b2\n" } },
    [
      "plan: 1 to update, 0 unchanged",
      "  data: is another machine than before: it is set up from scratch",
      "    stops: everything that ran on the earlier data is gone",
    ],
  ],
  [
    "hosts of the mesh",
    {
      ...{ op: "update", name: "work1-mesh", paths: ["stdin"] },
      ...{ old: script(["/etc/tinc/orbweaver/hosts/a", "a"]), new: script(["/etc/tinc/orbweaver/hosts/b", "b"]) },
    },
    ["plan: 1 to update, 0 unchanged", "  work1: new mesh settings; no restart"],
  ],
];

for (const [what, step, lines] of sentences) {
  test(`a plan describes the effect: ${what}`, () => {
    assert.deepEqual(linesOf(step), lines);
  });
}

test("a scheduled restart of services is not a change", () => {
  const step = (name: string) => ({ op: "update", type: SERVICE, name, paths: ["taskSpec.forceUpdate"] });

  assert.deepEqual(linesOf(step("webui"), step("fetcher")), ["plan: no change, 2 unchanged"]);
});

test("a replacement counts once, and values that the engine reads or fills in do not count", () => {
  const { changes } = planOf(
    { op: "replace", type: CONTAINER, name: "redis", paths: ["image"] },
    { op: "same", name: "database" },
    { op: "read", name: "x" },
  );
  const provider = {
    op: "same",
    urn: "urn:pulumi:lab::orbweaver::pulumi:providers:command::default_1_2_1",
    type: "pulumi:providers:command",
    provider: "",
  };

  assert.deepEqual(changes, { create: 0, update: 0, replace: 1, delete: 0, same: 1 });
  assert.equal(makePlan([provider as never]).changes.same, 0);
});

test("a script removed from the deployment changes nothing on its host, but a removed timer does", () => {
  const lines = linesOf({ op: "delete", name: "webui-rollout" }, { op: "delete", name: "data-restart" });

  assert.deepEqual(lines.slice(1), [
    "  webui: is no longer part of the deployment; nothing on the host changes",
    "  data: the timer of the scheduled restart is removed",
  ]);
});

test("resources that depend on unbuilt images are counted with 'up to', and the plan explains it", () => {
  const lines = linesOf(
    { op: "update", name: "roles-build", paths: ["stdin"] },
    { op: "replace", type: CONTAINER, name: "work1-edge", new: { image: UNKNOWN }, paths: ["image"] },
    {
      op: "update",
      type: SERVICE,
      name: "webui",
      new: { taskSpec: { containerSpec: { image: UNKNOWN } } },
      paths: ["taskSpec.containerSpec.image"],
    },
  );

  assert.equal(lines[0], "plan: up to 2 to update, up to 1 to replace, 0 unchanged");
  assert.equal(lines[2], "  edge on work1: container is replaced (depends on the steps above)");
});

test("an entirely unknown list makes each path in it uncertain", () => {
  const { uncertain } = planOf({
    op: "update",
    name: "work1-roles",
    new: { environment: UNKNOWN },
    paths: ["environment.REF", "environment.TAG"],
  });

  assert.deepEqual(uncertain, { update: 1 });
});

test("the plan of the first deployment has a few lines, not one per resource", () => {
  const hosts = ["data", "work1", "work2"];
  const parts = [
    "bootstrap",
    "mesh",
    "mesh-check",
    "swarm",
    "bases",
    "chromium",
    "roles",
    "balancer-settings",
    "balancer",
    "edge-settings",
    "edge",
  ];
  const steps: ReportedStep[] = [
    ...hosts.flatMap((host) =>
      parts
        .filter((part) => host !== "data" || !/balancer|edge/.test(part))
        .map((part) => ({
          ...{ op: "create", name: `${host}-${part}` },
          ...(/-(?:balancer|edge)$/.test(`-${part}`) ? { type: CONTAINER } : {}),
        })),
    ),
    ...["postgres", "redis"].map((name) => ({ op: "create", type: CONTAINER, name })),
    ...["renderer", "fetcher"].map((name) => ({ op: "create", type: SERVICE, name, new: withReplicas(2) })),
  ];

  assert.deepEqual(linesOf(...steps), [
    "plan: 33 to create, 0 unchanged",
    "  data: joins the fleet (packages, firewall, mesh, swarm, images)",
    "  work1, work2: joins the fleet (packages, firewall, mesh, swarm, images, balancer, edge)",
    "  postgres, redis: container starts",
    "  renderer, fetcher: 2 replicas start",
  ]);
});

test("a removed host is one line, with the containers that stop", () => {
  const steps = ["bootstrap", "mesh", "edge"].map((part) => ({
    op: "delete",
    type: part === "edge" ? CONTAINER : "command:local:Command",
    name: `work2-${part}`,
  }));

  assert.deepEqual(linesOf(...steps), [
    "plan: 3 to delete, 0 unchanged",
    "  work2: leaves the fleet; its replicas start on other hosts",
    "    stops: work2 no longer answers HTTP",
  ]);
});

const removed = {
  urn: "urn:pulumi:lab::orbweaver::orbweaver:RoleService$docker:index/service:Service::webui",
  type: SERVICE,
  inputs: withReplicas(2),
};

test("a removal that keeps the data stops the fleet and loses nothing", () => {
  const plan = removalPlan([removed], { dataHost: "data", deleteData: false });

  assert.deepEqual([interruptionsOf(plan), lossesOf(plan)], [["webui: no replica is left"], []]);
});

test("a removal with the data names the lost data", () => {
  const plan = removalPlan([removed], { dataHost: "data", deleteData: true });

  assert.deepEqual(lossesOf(plan), ["data: every project, task and result; this cannot be undone"]);
});

const harmless = planOf({
  op: "update",
  type: SERVICE,
  name: "webui",
  old: withReplicas(8),
  new: withReplicas(4),
  paths: ["mode.replicated.replicas"],
});
const stopping = planOf({ op: "replace", type: CONTAINER, name: "redis", paths: ["image"] });
const losing = removalPlan([removed], { dataHost: "data", deleteData: true });

test("the user must confirm stops and losses; without a user, only losses are refused", () => {
  const decisions = [harmless, stopping, losing].map((plan) => [
    decide(plan, { isAccepted: false, isTerminal: true }),
    decide(plan, { isAccepted: false, isTerminal: false }),
    decide(plan, { isAccepted: true, isTerminal: false }),
  ]);

  assert.deepEqual(decisions, [
    ["go", "go", "go"],
    ["ask", "go", "go"],
    ["ask", "refuse", "go"],
  ]);
});

test("a property path is resolved through objects, lists and quoted keys", () => {
  const inputs = { a: { b: [{ "c.d": 1 }] } };

  assert.equal(valueAt(inputs, 'a.b[0]["c.d"]'), 1);
  assert.equal(valueAt(inputs, "a.x.y"), undefined);
});
