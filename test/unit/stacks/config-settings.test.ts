/** Settings beside the hosts, right and wrong. */
import { type ConfigRow, testConfigRows } from "../../fixtures/config-rows.ts";
import { GOOD, withHosts, withSettings, withWorkers } from "../../fixtures/stack-configs.ts";

const HEX = "a".repeat(64);
const EXPRESSION = /never, or a calendar expression of systemd/;

const schedules: ConfigRow[] = [
  ...[
    ...["never", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "annually", "Daily", "daily UTC"],
    ...["04:00", "4:0", "04:00:30", "*:0/10", "*:0/30", "*:05,35", "*:00", "0/6:00", "8..18/2:15", "04:00 UTC", "1,13:00"],
    ...["Mon", "Mon..Fri 04:00", "Sat,Sun 04:00", "monday,Wed..friday 04:00", "Sun *-*-1..7 04:00", "mon  04:00"],
    ...[
      "*-*-1 04:00",
      "*-*-1,15 04:00",
      "*-1/3-1",
      "1-1",
      "12-24 04:00",
      "*-02-29 03:30:00",
      "*-*~1 04:00",
      "*-*",
      "*-02~1..3",
      "*-*-* *:00",
    ],
  ].map((restart): ConfigRow => [`the schedule ${restart}`, withSettings({ restart }), {}]),
  ...[
    ...["25:00", "*:61", "04:60", "04:00:60", "4", "*", "Foo 04:00", "Mon..Foo 04:00", "Fri..Mon 04:00", "Mon..Tue..Wed 04:00", "Mon,,Tue"],
    ...[
      "*:*/10",
      "*:0/0",
      "*:5/60",
      "*:30..10",
      "*:,5",
      "*:5,",
      "04:00 Mon",
      "04:00 *-*-1",
      "*-*-1 04:00 05:00",
      "13-1",
      "*-*-32",
      "*-0-1",
      "*~31",
    ],
    ...[
      " 04:00",
      "04:00 ",
      "04:00\n",
      "",
      "04:00 Europe/Berlin",
      "04:00 CET",
      "@1700000000",
      "04:00:00.5",
      "every hour",
      "0 4 * * *",
      "%h:00",
    ],
    ...["-1:00", "04.00", "04:00:00:00", "Mon Tue 04:00", "UTC", "99-1", "*-*~1/2 04:00", `04:${"0,".repeat(120)}0`],
  ].map((restart): ConfigRow => [`the schedule ${JSON.stringify(restart)}`, withSettings({ restart }), { restart: EXPRESSION }]),
  ["a restart every minute", withSettings({ restart: "minutely" }), { restart: /every minute.* leave 10 minutes or more/ }],
  ["a restart every minute of all hours", withSettings({ restart: "*:*:00" }), { restart: /every minute/ }],
  ["a restart every 5 minutes", withSettings({ restart: "*:0/5" }), { restart: /every 5 minutes/ }],
  ["two restarts around midnight", withSettings({ restart: "0,23:0/55" }), { restart: /every 5 minutes/ }],
  ["restarts by the second", withSettings({ restart: "04:00:0/30" }), { restart: /several times a minute/ }],
  ["a day that no month has", withSettings({ restart: "*-2-30 04:00" }), { restart: /no month of it has that day/ }],
  ["a restart of one year", withSettings({ restart: "2027-01-01 04:00" }), { restart: /write \* for the year/ }],
  ["a schedule as a number", withSettings({ restart: 4 }), { restart: /in quotes/ }],
  ["null for a schedule", withSettings({ restart: null }), { restart: /write never/ }],
];

const IMAGE = /its tag or, better, its digest/;
const images: ConfigRow[] = [
  ...[
    ...[
      "redis:7.4",
      "redis:latest",
      "library/redis:7",
      "mirror.example/team/redis:7.4-alpine",
      "registry:5000/a/b:tag",
      "localhost/redis:7",
    ],
    ...[
      `redis@sha256:${HEX}`,
      `registry:5000/a/b:tag@sha256:${HEX}`,
      "10.0.0.5:5000/redis:7",
      "[2001:db8::1]:5000/redis:7",
      "a__b/c---d.e_f:V1.0",
    ],
  ].map((redis): ConfigRow => [`the image ${redis}`, withSettings({ images: { redis } }), {}]),
  ...[
    ...[
      "redis",
      "mirror.example/redis",
      "registry:5000/redis",
      "redis:",
      ":7",
      "redis:7:8",
      "redis: 7",
      "redis:7 ",
      "redis:.7",
      "-redis:7",
      "redis/:7",
    ],
    ...[
      "/redis:7",
      "a//b:7",
      "a..b:7",
      "a___b:7",
      `redis:${"7".repeat(129)}`,
      `${"a".repeat(256)}:7`,
      `${HEX}:7`,
      "registry:99999/redis:7",
    ],
    ...[
      `redis@sha256:${"a".repeat(63)}`,
      `redis@sha256:${"A".repeat(64)}`,
      `redis@md5:${"a".repeat(32)}`,
      `redis@sha256:${HEX}@sha256:${HEX}`,
      "",
    ],
    ...["https://mirror.example/redis:7", "--privileged", "redis:7;reboot"],
  ].map((redis): ConfigRow => [`the image ${JSON.stringify(redis)}`, withSettings({ images: { redis } }), { "images.redis": IMAGE }]),
  ["an image with capital letters", withSettings({ images: { redis: "Team/Redis:7" } }), { "images.redis": /lower case/ }],
  ["an image as a number", withSettings({ images: { postgres: 17 } }), { "images.postgres": /postgres:17/ }],
  ["an image that the fleet does not have", withSettings({ images: { mysql: "mysql:8" } }), { "images.mysql": /is unknown: remove it/ }],
  ["no images", withSettings({ images: {} }), {}],
  ["null for images", withSettings({ images: null }), { images: /write an object: \{ postgres: postgres:17 \}/ }],
];

const limit = (container: string, size: string) => withSettings({ limits: { [container]: size } });
const limits: ConfigRow[] = [
  ["a processor below its script", limit("processor", "96MiB"), { "limits.processor": /script may take 160 MiB.*write 240MiB or more/ }],
  ["a processor with its script", limit("processor", "240MiB"), {}],
  ["a renderer below its Chromium", limit("renderer", "479MiB"), { "limits.renderer": /400 MiB.* 480MiB/ }],
  ["a fetcher below its pages", limit("fetcher", "96MiB"), { "limits.fetcher": /28 MiB.* 112MiB/ }],
  ["a result-worker below its rest", limit("result-worker", "80MiB"), { "limits.result-worker": /96MiB/ }],
  ["a web UI below its rest", limit("webui", "80MiB"), { "limits.webui": /96MiB/ }],
  ["a scheduler below its rest", limit("scheduler", "80MiB"), { "limits.scheduler": /96MiB/ }],
  ["a Postgres below its buffers", limit("postgres", "128MiB"), { "limits.postgres": /shared buffers take 128 MiB.* 256MiB/ }],
  ["a Redis of 64 MiB", limit("redis", "64MiB"), { "limits.redis": /128MiB/ }],
  ["a registry of 32 MiB", limit("registry", "32MiB"), { "limits.registry": /64MiB/ }],
  ["a balancer of 16 MiB", limit("balancer", "16MiB"), { "limits.balancer": /32MiB/ }],
  ["an edge below its cache", limit("edge", "32MiB"), { "limits.edge": /40 MiB.* 64MiB/ }],
  ["a limit above a host's memory", limit("renderer", "3GiB"), { "limits.renderer": /work1 has 2GiB/ }],
  ["a size without a unit", withSettings({ limits: { renderer: 512 } }), { "limits.renderer": /512MiB/ }],
  ["a limit of what is no container", limit("tinc", "64MiB"), { "limits.tinc": /is unknown: remove it/ }],
  ["a larger limit, for which there are fewer replicas by default", limit("renderer", "600MiB"), {}],
  [
    "a Redis larger than the scheduler uses",
    { ...withHosts({ memory: "512GiB" }), limits: { redis: "161GiB" } },
    { "limits.redis": /160GiB or less/ },
  ],
  [
    "limits of more than 1.5 times a host's memory",
    withSettings({ limits: { renderer: "600MiB" }, replicas: { renderer: 4, processor: 4, webui: 8 } }),
    { "hosts[1].memory": /add up to 3248 MiB, more than 1\.5 times/, "hosts[2].memory": /add up to 3248 MiB/ },
  ],
];

/** These replicas reserve 992 MiB with the scheduler's; the largest one more makes 1,152 MiB. */
const fewReplicas = (memory: string) => ({
  ...withWorkers(1, { memory }),
  replicas: { renderer: 1, fetcher: 4, processor: 1, "result-worker": 1, webui: 1 },
});
const count = (role: string, replicas: unknown) => ({ ...withWorkers(4, { memory: "64GiB" }), replicas: { [role]: replicas } });
const replicas: ConfigRow[] = [
  ["as many web UIs as the balancer has places for", count("webui", 28), {}],
  ["more web UIs than the balancer has places for", count("webui", 29), { "replicas.webui": /1 to 28: the balancer has 32 places/ }],
  ["more fetchers than the balancer has places for", count("fetcher", 29), { "replicas.fetcher": /1 to 28/ }],
  ["a fleet without renderers", count("renderer", 0), {}],
  ["a fleet without web UIs", count("webui", 0), { "replicas.webui": /1 to 28/ }],
  ["more processors than the balancer has places for", count("processor", 100), {}],
  [
    "more processors than an overlay network has addresses",
    count("processor", 250),
    { "replicas.processor": /1 to 249: an overlay network has 253/ },
  ],
  [
    "more processors than an overlay network has room for",
    count("processor", 240),
    { replicas: /fetcher, processor, .* need \d+ addresses in the overlay network queue, and there are 253/ },
  ],
  ["as many result-workers as Postgres has sessions for", count("result-worker", 30), {}],
  [
    "more result-workers than Postgres has sessions for",
    { ...count("result-worker", 30), replicas: { "result-worker": 30, webui: 20 } },
    { replicas: /need 244 Postgres sessions, and there are 192/ },
  ],
  ["three schedulers", count("scheduler", 3), {}],
  ["four schedulers", count("scheduler", 4), { "replicas.scheduler": /1 to 3/ }],
  ["half a replica", count("webui", 1.5), { "replicas.webui": /whole number/ }],
  ["replicas as a text", count("webui", "4"), { "replicas.webui": /whole number/ }],
  ["replicas of an unknown role", count("spider", 2), { "replicas.spider": /is unknown: remove it/ }],
  ["a list of replicas", withSettings({ replicas: [4] }), { replicas: /write an object: \{ webui: 8 \}/ }],
  [
    "replicas that reserve more than the hosts have",
    withSettings({ replicas: { renderer: 16 } }),
    { "hosts[1].memory": /reserves \d+ MiB, and 160 more/, "hosts[2].memory": /reserves \d+ MiB/ },
  ],
  ["a host with room for its replicas and one more", fewReplicas("1356MiB"), {}],
  [
    "a host with room for its replicas, but not for one more in an update",
    fewReplicas("1355MiB"),
    { "hosts[1].memory": /reserves 992 MiB, and 160 more for one more replica in an update, where 1151 MiB are free/ },
  ],
];

const allow = (...allowAddresses: unknown[]) => withSettings({ allowAddresses });
const refusedRange = (range: unknown, remedy: RegExp): ConfigRow => [`the range ${range}`, allow(range), { "allowAddresses[0]": remedy }];
const ranges: ConfigRow[] = [
  ["private ranges", allow("10.20.0.0/16", "192.168.0.0/16", "198.51.100.10/32", "fd20::/64"), {}],
  ["no ranges", allow(), {}],
  refusedRange("10.0.0.0", /10\.20\.0\.0\/16/),
  refusedRange("10.20.0.5/16", /write 10\.20\.0\.0\/16/),
  refusedRange("10.0.0.5/8", /write 10\.0\.0\.0\/8/),
  refusedRange("10.20/16", /prefix/),
  refusedRange("10.20.0.0/33", /prefix/),
  refusedRange("10.20.0.0/016", /prefix/),
  refusedRange("010.20.0.0/16", /prefix/),
  refusedRange("10.20.0.0/255.255.0.0", /prefix/),
  refusedRange("fd20::1/64", /write fd20::\/64/),
  refusedRange("fe80::%eth0/64", /without a zone/),
  refusedRange("intranet.example/24", /prefix/),
  refusedRange(10, /prefix/),
  refusedRange("10.0.0.0/8", /mesh uses 10\.77\.0\.0\/24; the fleet's own overlay networks use 10\.201\.0\.0\/16; the balancers' bridges/),
  refusedRange("10.77.0.128/25", /mesh uses/),
  refusedRange("10.201.7.0/24", /overlay networks/),
  refusedRange("10.202.0.1/32", /bridges/),
  refusedRange("0.0.0.0/0", /mesh uses/),
  refusedRange("127.0.0.0/8", /own host/),
  refusedRange("169.254.169.254/32", /metadata/),
  refusedRange("::1/128", /own host/),
  refusedRange("fe80::/64", /link-local/),
  refusedRange("::ffff:10.20.0.0/112", /write the IPv4 range/),
  refusedRange("::/0", /own host/),
  ["a text in the place of ranges", withSettings({ allowAddresses: "10.20.0.0/16" }), { allowAddresses: /list of ranges/ }],
  ["null in the place of ranges", withSettings({ allowAddresses: null }), { allowAddresses: /list of ranges/ }],
];

const others: ConfigRow[] = [
  ["an unknown setting", withSettings({ replica: {} }), { replica: /write one of hosts, ssh, hostKeys, secret/ }],
  ["a missing secret", withSettings({ secret: undefined }), { secret: /pulumi config set --secret/ }],
  ["a secret of 31 characters", withSettings({ secret: "5".repeat(31) }), { secret: /at least 32 characters/ }],
  ["a secret as a number", withSettings({ secret: 55_555 }), { secret: /pulumi config set --secret/ }],
  ["no ssh settings", withSettings({ ssh: undefined }), {}],
  ["a host key of another type", withSettings({ hostKeys: { work1: "ssh-rsa AAAA" } }), { "hostKeys.work1": /ssh-ed25519/ }],
  ["a demo", withSettings({ demo: true }), {}],
  ["a demo of yes", withSettings({ demo: "yes" }), { demo: /true or false/ }],
  ["a demo of 1", withSettings({ demo: 1 }), { demo: /true or false/ }],
  ["null for a demo", withSettings({ demo: null }), { demo: /true or false/ }],
  ["a source of packages", withSettings({ aptSource: "deb [trusted=yes] http://mirror.example/debian trixie main" }), {}],
  [
    "a source of packages for two architectures",
    withSettings({ aptSource: "deb [arch=amd64,arm64] http://a.example/debian trixie main" }),
    {},
  ],
  [
    "a source of packages with a key",
    withSettings({ aptSource: "deb [signed-by=/usr/share/keyrings/x.gpg,arch=amd64] http://a.example/debian trixie main" }),
    {},
  ],
  ["a source of packages without components", withSettings({ aptSource: "http://mirror.example/debian" }), { aptSource: /sources\.list/ }],
  [
    "two sources of packages",
    withSettings({ aptSource: "deb http://a.example/ x main\ndeb http://b.example/ x main" }),
    { aptSource: /one line/ },
  ],
  ["an object for a source of packages", withSettings({ aptSource: { url: "x" } }), { aptSource: /one line/ }],
  ["a day of the images", withSettings({ imagesOf: "2026-11-29" }), {}],
  ["a day of the images as Pulumi writes it without quotes", withSettings({ imagesOf: "2026-11-29 00:00:00 +0000 UTC" }), {}],
  ["a time of a day", withSettings({ imagesOf: "2026-11-29 10:00:00 +0000 UTC" }), { imagesOf: /write a day/ }],
  ["a day that no month has", withSettings({ imagesOf: "2026-02-30" }), { imagesOf: /write a day, such as 2026-11-29/ }],
  ["a day and a time", withSettings({ imagesOf: "2026-11-29T00:00" }), { imagesOf: /write a day/ }],
  ["a year for a day", withSettings({ imagesOf: 2_026 }), { imagesOf: /write a day/ }],
  ["a jump host at the last port", withSettings({ ssh: { proxy: "admin@jump.example:65535" } }), {}],
  ...["jump.example:0", "admin@[2001:db8::7]:65536", "jump.example:99999"].map(
    (proxy): ConfigRow => [`the jump host ${proxy}`, withSettings({ ssh: { proxy } }), { "ssh.proxy": /write a port from 1 to 65535/ }],
  ),
  ["a jump host with a text for a port", withSettings({ ssh: { proxy: "jump.example:ssh" } }), { "ssh.proxy": /write a jump host/ }],
  ["a private key in a folder with a space", withSettings({ ssh: { privateKeyPath: "~/my keys/fleet" } }), {}],
  ...['/a"b', "/a\\b"].map(
    (path): ConfigRow => [
      `the private key ${path}`,
      withSettings({ ssh: { privateKeyPath: path } }),
      { "ssh.privateKeyPath": /without "/ },
    ],
  ),
  ["users who may log in", withSettings({ ssh: { allowUsers: ["alice"] } }), {}],
  ["a user with a pattern", withSettings({ ssh: { allowUsers: ["*"] } }), { "ssh.allowUsers[0]": /list of users/ }],
  ["empty objects", withSettings({ replicas: {}, limits: {}, images: {}, allowAddresses: [] }), {}],
  [
    "null in the place of objects",
    withSettings({ replicas: null, limits: null }),
    { replicas: /write an object/, limits: /write an object/ },
  ],
  ["numbers in the place of objects", withSettings({ ssh: 22, limits: 1 }), { ssh: /write an object/, limits: /write an object/ }],
  ["the good config", GOOD, {}],
];

testConfigRows([...schedules, ...images, ...limits, ...replicas, ...ranges, ...others]);
