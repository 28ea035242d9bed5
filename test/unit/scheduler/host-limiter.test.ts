import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HostLimiter, hostOf } from "../../../services/scheduler/host-limiter.ts";
import { partitionByHost } from "../../../services/scheduler/host-queue.ts";

const NOW = 1_000_000;

test("without limits every host accepts all tasks", () => {
  const limiter = new HostLimiter();
  for (let count = 0; count < 100; count++) limiter.acquire("a", NOW);

  assert.deepEqual([limiter.opensAt("a") <= NOW, limiter.room("a", NOW)], [true, Infinity]);
});

test("a delay allows one task, and then no other until it has passed", () => {
  const limiter = new HostLimiter({ delaySeconds: 2, concurrency: Infinity });
  const before = limiter.room("a", NOW);

  limiter.acquire("a", NOW);

  assert.deepEqual([before, limiter.room("a", NOW + 1.9), limiter.room("a", NOW + 2), limiter.opensAt("a")], [1, 0, 1, NOW + 2]);
  assert.equal(limiter.room("b", NOW), 1, "another host");
});

test("a concurrency limit allows the tasks that are not in flight, and opens again when one ends", () => {
  const limiter = new HostLimiter({ delaySeconds: 0, concurrency: 2 });

  limiter.acquire("a", NOW);
  const afterOne = limiter.room("a", NOW);
  limiter.acquire("a", NOW);
  const afterTwo = [limiter.room("a", NOW), limiter.opensAt("a")];
  limiter.release("a");

  assert.deepEqual([afterOne, afterTwo, limiter.room("a", NOW)], [1, [0, Infinity], 1]);
});

test("a host's requested pause applies, even without limits", () => {
  const limiter = new HostLimiter();

  limiter.holdUntil("a", NOW + 60);
  limiter.holdUntil("a", NOW + 10);

  assert.deepEqual([limiter.room("a", NOW + 59), limiter.room("a", NOW + 60)], [0, Infinity]);
});

test("the longer delay of the project and the host applies", () => {
  const limiter = new HostLimiter({ delaySeconds: 2, concurrency: Infinity });
  limiter.learnDelay("slow", 10, NOW);
  limiter.learnDelay("fast", 1, NOW);
  const learned = [limiter.opensAt("slow"), limiter.opensAt("fast")];

  limiter.learnDelay("slow", 10, NOW + 5);
  limiter.acquire("fast", NOW);

  assert.deepEqual(learned, [NOW + 10, 0]);
  assert.deepEqual([limiter.opensAt("slow"), limiter.opensAt("fast")], [NOW + 10, NOW + 2], "told again, it changes nothing");
});

test("the delay that was used longest ago is dropped once 10,000 hosts have one", () => {
  const limiter = new HostLimiter({ delaySeconds: 0, concurrency: 5 });
  for (const host of ["used", "unused"]) limiter.learnDelay(host, 10, NOW);
  limiter.room("used", NOW + 10);

  for (let n = 0; n < 9_999; n++) limiter.learnDelay(`h${n}`, 10, NOW);

  assert.deepEqual([limiter.room("unused", NOW + 10), limiter.room("used", NOW + 10)], [5, 1]);
});

test("hosts without state are removed, and so is an empty limiter", () => {
  const limiter = new HostLimiter();
  limiter.acquire("a", NOW);
  limiter.holdUntil("b", NOW + 5);

  const first = limiter.sweep(NOW);
  limiter.release("a");

  assert.deepEqual([first, limiter.sweep(NOW + 4), limiter.sweep(NOW + 5)], [false, false, true]);
  assert.equal(new HostLimiter({ delaySeconds: 1, concurrency: Infinity }).sweep(NOW), false, "limits are not forgotten");
});

const HOSTS: [url: string, host: string | undefined][] = [
  ["https://a.test/x", "a.test"],
  ["http://A.test:80/", "a.test"],
  ["http://user:password@a.test:8080/@b", "a.test:8080"],
  ["http://[::1]:81/", "[::1]:81"],
  ["data:,on_start", undefined],
  ["nonsense", undefined],
  [`http://${"a.".repeat(130)}:65535/`, undefined],
];

for (const [url, host] of HOSTS) {
  test(`the host of ${url} is ${host}`, () => {
    assert.equal(hostOf(url), host);
  });
}

const task = (taskid: string, url: string) => ({ project: "books", taskid, url });

test("picked tasks are dispatched in order as their hosts and the free slots allow; the others wait or stay due", () => {
  const limiter = new HostLimiter({ delaySeconds: 1, concurrency: Infinity });
  const picked = [
    task("1", "http://a.test/1"),
    task("2", "http://a.test/2"),
    task("start", "data:,on_start"),
    task("3", "http://b.test/3"),
    task("4", "http://b.test/4"),
    task("5", "http://c.test/5"),
  ];

  const { going, lined } = partitionByHost(picked, limiter, { now: NOW, places: 3 });

  assert.deepEqual(
    going.map(({ taskid }) => taskid),
    ["1", "start", "3"],
  );
  assert.deepEqual(
    lined.map(({ taskid, host, opensAt }) => [taskid, host, opensAt]),
    [["2", "a.test", NOW + 1]],
  );
});

/** One task after another, each counted before the next is decided. */
function oneByOne(picked: ReturnType<typeof task>[], limiter: HostLimiter, places: number) {
  const decided = { going: [] as string[], lined: [] as unknown[] };
  for (const { taskid, url } of picked) {
    if (decided.going.length >= places) break;
    const host = hostOf(url);
    const opensAt = host === undefined ? 0 : limiter.opensAt(host);
    if (opensAt > NOW) decided.lined.push([taskid, host, opensAt]);
    else {
      decided.going.push(taskid);
      if (host !== undefined) limiter.acquire(host, NOW);
    }
  }
  return decided;
}

test("tasks that are decided together go and wait like tasks that are counted one by one", () => {
  const hosts = fc.constantFrom("a.test", "b.test", "c.test");
  const limits = fc.record({ delaySeconds: fc.constantFrom(0, 1), concurrency: fc.constantFrom(1, 2, 3, Infinity) });
  const begun = fc.array(fc.tuple(hosts, fc.constantFrom(NOW - 5, NOW)), { maxLength: 4 });
  const held = fc.array(fc.tuple(hosts, fc.constantFrom(NOW - 1, NOW + 2)), { maxLength: 2 });
  const urls = fc.array(
    fc.oneof(
      hosts.map((host) => `http://${host}/`),
      fc.constant("data:,start"),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(limits, begun, held, urls, fc.nat(8), (limit, beginnings, holds, picked, places) => {
      const [together, single] = [new HostLimiter(limit), new HostLimiter(limit)];
      for (const limiter of [together, single]) {
        for (const [host, at] of beginnings) limiter.acquire(host, at);
        for (const [host, until] of holds) limiter.holdUntil(host, until);
      }
      const tasks = picked.map((url, index) => task(String(index), url));

      const { going, lined } = partitionByHost(tasks, together, { now: NOW, places });

      assert.deepEqual(
        { going: going.map(({ taskid }) => taskid), lined: lined.map(({ taskid, host, opensAt }) => [taskid, host, opensAt]) },
        oneByOne(tasks, single, places),
      );
    }),
  );
});

test("new limits open every host again, and the same limits do not", () => {
  const limits = { delaySeconds: 60, concurrency: 1 };
  const limiter = new HostLimiter(limits);
  limiter.acquire("a", NOW);
  limiter.release("a");

  const same = [limiter.limit({ ...limits }), limiter.room("a", NOW)];
  const other = [limiter.limit({ delaySeconds: 0, concurrency: 1 }), limiter.room("a", NOW)];

  assert.deepEqual(
    [same, other],
    [
      [false, 0],
      [true, 1],
    ],
  );
});

test("the host delay starts when a task was enqueued", () => {
  const limiter = new HostLimiter({ delaySeconds: 2, concurrency: Infinity });
  limiter.acquire("a", NOW);

  limiter.onEnqueued("a", NOW + 0.5);

  assert.equal(limiter.opensAt("a"), NOW + 2.5);
});

test("of very many paused hosts the oldest are removed, except hosts with tasks in flight", () => {
  const limiter = new HostLimiter({ delaySeconds: 86_400, concurrency: Infinity });
  for (let host = 0; host <= 50_001; host++) {
    limiter.acquire(`host${host}`, NOW);
    if (host > 0) limiter.release(`host${host}`);
  }

  assert.deepEqual(
    ["host0", "host1", "host2", "host3", "host50001"].map((host) => limiter.opensAt(host) > NOW),
    [true, false, false, true, true],
  );
});
