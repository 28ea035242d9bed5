/** Lists of hosts, right and wrong. */
import { type ConfigRow, testConfigRows } from "../../fixtures/config-rows.ts";
import { GOOD, withHosts, withSettings, withWorker, withWorkers } from "../../fixtures/stack-configs.ts";

const [data, work1] = GOOD.hosts;
const FORMS = /four decimal parts, an IPv6 address, or a DNS name/;

const lists: ConfigRow[] = [
  ["three hosts", GOOD, {}],
  ["two hosts", withSettings({ hosts: [data, work1] }), {}],
  ["one host", withSettings({ hosts: [data] }), { hosts: /needs two hosts: .* for one machine run \.\/orb start/ }],
  ["one worker host", withSettings({ hosts: [work1] }), { hosts: /needs two hosts/ }],
  ["no host", withSettings({ hosts: [] }), { hosts: /list one data host and one worker host/ }],
  ["a missing list of hosts", withSettings({ hosts: undefined }), { hosts: /list one data host/ }],
  ["null in the place of hosts", withSettings({ hosts: null }), { hosts: /list one data host/ }],
  ["an object in the place of hosts", withSettings({ hosts: { data } }), { hosts: /list one data host/ }],
  ["null in the place of a host", withSettings({ hosts: [data, work1, null] }), { "hosts[2]": /write an object: \{ name: work1/ }],
  ["a text in the place of a host", withSettings({ hosts: [data, work1, "work2"] }), { "hosts[2]": /write an object/ }],
  [
    "an empty host",
    withSettings({ hosts: [data, work1, {}] }),
    {
      "hosts[2].name": /characters/,
      "hosts[2].address": /answers SSH/,
      "hosts[2].meshIp": /10\.77\.0\.1/,
      "hosts[2].role": /data or worker/,
      "hosts[2].memory": /MiB or GiB/,
    },
  ],
  ["no data host", withHosts({ role: "worker", memory: "4GiB" }), { hosts: /role data/ }],
  ["two data hosts", withHosts({}, { role: "data", edge: false }), { "hosts[1].role": /one data host/ }],
  [
    "no worker host",
    withHosts({}, { role: "data" }, { role: "data" }),
    {
      hosts: /role worker/,
      "hosts[1].role": /one data host/,
      "hosts[1].edge": /make a worker the edge/,
      "hosts[2].role": /one data host/,
      "hosts[2].edge": /make a worker the edge/,
    },
  ],
  ["no edge", withHosts({}, { edge: false }, { edge: false }), { hosts: /edge: true/ }],
  ["a public data host", withHosts({ edge: true }), { "hosts[0].edge": /worker/ }],
  ["an unknown role of a host", withWorker({ role: "scheduler" }), { "hosts[2].role": /data or worker/ }],
  ["an unknown setting of a host", withWorker({ disk: "20GiB" }), { "hosts[2].disk": /is unknown: remove it/ }],
  ["yes for an edge", withWorker({ edge: "yes" }), { "hosts[2].edge": /true or false/ }],
];

const names: ConfigRow[] = [
  ["a host name with hyphens", withWorker({ name: "fra-work-2" }), {}],
  ["a host name of one letter", withWorker({ name: "w" }), {}],
  ["a host name of 31 characters", withWorker({ name: "w".repeat(31) }), {}],
  ["a host name of 32 characters", withWorker({ name: "w".repeat(32) }), { "hosts[2].name": /1 to 31 characters/ }],
  ["a host name that ends with a hyphen", withWorker({ name: "work-" }), { "hosts[2].name": /no hyphen last/ }],
  ["a host name that begins with a hyphen", withWorker({ name: "-work" }), { "hosts[2].name": /a letter first/ }],
  ["a host name with an underscore", withWorker({ name: "work_2" }), { "hosts[2].name": /a-z, 0-9 and -/ }],
  ["a host name with a capital letter", withWorker({ name: "Work2" }), { "hosts[2].name": /a-z/ }],
  ["a host name with a dot", withWorker({ name: "work2.example" }), { "hosts[2].name": /a-z/ }],
  ["a number for a host name", withWorker({ name: 2 }), { "hosts[2].name": /a letter first/ }],
  ["two hosts with one name", withWorker({ name: "work1" }), { "hosts[2].name": /hosts\[1\] has it/ }],
  ["hosts named like roles and data services", withHosts({ name: "postgres" }, { name: "webui" }, { name: "balancer" }), {}],
];

const addresses: ConfigRow[] = [
  ["an IPv6 address", withWorker({ address: "2001:db8::12" }), {}],
  ["a private address", withWorker({ address: "10.0.0.12" }), {}],
  ["an address of a provider's network that Docker's bridges could have", withWorker({ address: "172.31.5.12" }), {}],
  ["a DNS name", withWorker({ address: "work2.crawl.example.org" }), {}],
  ["a DNS name with a label of digits", withWorker({ address: "2.work.example.org" }), {}],
  ["an IPv4 address of three parts", withWorker({ address: "203.0.113" }), { "hosts[2].address": FORMS }],
  ["an IPv4 address of five parts", withWorker({ address: "203.0.113.1.2" }), { "hosts[2].address": FORMS }],
  ["an IPv4 address with an octal part", withWorker({ address: "203.0.113.012" }), { "hosts[2].address": FORMS }],
  ["an IPv4 address with a hexadecimal part", withWorker({ address: "203.0.113.0x0c" }), { "hosts[2].address": FORMS }],
  ["an IPv4 address as one number", withWorker({ address: "3405803788" }), { "hosts[2].address": FORMS }],
  ["a number for an address", withWorker({ address: 3_405_803_788 }), { "hosts[2].address": /in quotes/ }],
  ["an IPv4 part above 255", withWorker({ address: "203.0.113.256" }), { "hosts[2].address": FORMS }],
  ["an IPv6 address with a zone", withWorker({ address: "fe80::1%eth0" }), { "hosts[2].address": /without one/ }],
  ["an IPv6 address in brackets", withWorker({ address: "[2001:db8::12]" }), { "hosts[2].address": FORMS }],
  [
    "an IPv4 address in IPv6 form",
    withWorker({ address: "::ffff:203.0.113.12" }),
    { "hosts[2].address": /write the IPv4 address: 203\.0\.113\.12/ },
  ],
  ["an address with a port", withWorker({ address: "203.0.113.12:22" }), { "hosts[2].address": FORMS }],
  ["an address with a user", withWorker({ address: "root@203.0.113.12" }), { "hosts[2].address": FORMS }],
  ["a URL", withWorker({ address: "ssh://work2.example.org" }), { "hosts[2].address": FORMS }],
  ["a name without a domain", withWorker({ address: "work2" }), { "hosts[2].address": FORMS }],
  ["a name with an underscore", withWorker({ address: "work_2.example.org" }), { "hosts[2].address": FORMS }],
  ["a name with an empty label", withWorker({ address: "work2..example.org" }), { "hosts[2].address": FORMS }],
  ["a label of 64 characters", withWorker({ address: `${"w".repeat(64)}.example.org` }), { "hosts[2].address": FORMS }],
  ["a name of more than 253 characters", withWorker({ address: `${"w.".repeat(124)}example` }), { "hosts[2].address": FORMS }],
  ["an option of ssh", withWorker({ address: "-oProxyCommand=id" }), { "hosts[2].address": FORMS }],
  ["localhost", withWorker({ address: "work2.localhost" }), { "hosts[2].address": FORMS }],
  ["0.0.0.0", withWorker({ address: "0.0.0.0" }), { "hosts[2].address": /no host's address/ }],
  ["the broadcast address", withWorker({ address: "255.255.255.255" }), { "hosts[2].address": /broadcast/ }],
  ["a multicast address", withWorker({ address: "224.0.0.251" }), { "hosts[2].address": /multicast/ }],
  ["a loopback address", withWorker({ address: "127.0.0.2" }), { "hosts[2].address": /loopback/ }],
  ["a link-local address", withWorker({ address: "169.254.10.1" }), { "hosts[2].address": /link-local/ }],
  ["a reserved address", withWorker({ address: "241.0.0.1" }), { "hosts[2].address": /reserved/ }],
  ["the unspecified IPv6 address", withWorker({ address: "::" }), { "hosts[2].address": /no host's address/ }],
  ["the IPv6 loopback address", withWorker({ address: "::1" }), { "hosts[2].address": /loopback/ }],
  ["a link-local IPv6 address", withWorker({ address: "fe80::1" }), { "hosts[2].address": /link-local/ }],
  ["two hosts with one address", withWorker({ address: "203.0.113.11" }), { "hosts[2].address": /hosts\[1\] has it/ }],
  [
    "two hosts with one IPv6 address in two forms",
    withHosts({}, { address: "2001:db8::a" }, { address: "2001:DB8:0:0::A" }),
    { "hosts[2].address": /hosts\[1\] has it/ },
  ],
  [
    "two hosts with one name in capital and small letters",
    withHosts({}, { address: "w.example.org" }, { address: "W.example.org" }),
    { "hosts[2].address": /hosts\[1\] has it/ },
  ],
  ["an address in the mesh", withWorker({ address: "10.77.0.99" }), { "hosts[2].address": /is in the mesh, 10\.77\.0\.0\/24/ }],
  ["an address in the overlay networks", withWorker({ address: "10.201.5.1" }), { "hosts[2].address": /overlay networks use 10\.201/ }],
  ["an address in the balancers' bridge", withWorker({ address: "10.202.0.9" }), { "hosts[2].address": /10\.202\.0\.0\/24/ }],
];

const mesh = (range: string) => withHosts(...[1, 2, 3].map((n) => ({ meshIp: range.replace("n", String(n)) })));
const allThree = (remedy: RegExp) => ({ "hosts[0].meshIp": remedy, "hosts[1].meshIp": remedy, "hosts[2].meshIp": remedy });

const meshes: ConfigRow[] = [
  ["a mesh in 172.16.0.0/16", mesh("172.16.9.n"), {}],
  ["a mesh below the overlay networks", mesh("10.200.255.n"), {}],
  ["a mesh beside the balancers' bridge", mesh("10.202.1.n"), {}],
  ["a mesh in the overlay networks", mesh("10.201.77.n"), allThree(/overlay networks use 10\.201\.0\.0\/16/)],
  ["a mesh in the balancers' bridge", mesh("10.202.0.n"), allThree(/balancers' bridges use 10\.202\.0\.0\/24/)],
  ["a mesh in the network of docker0", mesh("172.17.0.n"), allThree(/Docker's bridges use 172\.17/)],
  ["a mesh in the last of Docker's networks", mesh("172.31.255.n"), allThree(/Docker's bridges use 172\.28/)],
  ["a mesh in Docker's second pool", mesh("192.168.7.n"), allThree(/Docker's bridges use 192\.168/)],
  ["a mesh in public addresses", mesh("198.51.100.n"), allThree(/10\.0\.0\.0\/8/)],
  ["a mesh address in another network", withWorker({ meshIp: "10.78.0.3" }), { "hosts[2].meshIp": /one network, 10\.77\.0\.0\/24/ }],
  ["a mesh address that ends in 255", withWorker({ meshIp: "10.77.0.255" }), { "hosts[2].meshIp": /10\.77/ }],
  ["a mesh address that ends in 0", withWorker({ meshIp: "10.77.0.0" }), { "hosts[2].meshIp": /10\.77/ }],
  ["a mesh address of three parts", withWorker({ meshIp: "10.77.3" }), { "hosts[2].meshIp": /10\.77/ }],
  ["an IPv6 mesh address", withWorker({ meshIp: "fd77::3" }), { "hosts[2].meshIp": /IPv4/ }],
  ["two hosts with one mesh address", withWorker({ meshIp: "10.77.0.2" }), { "hosts[2].meshIp": /hosts\[1\] has it/ }],
];

const sizes: ConfigRow[] = [
  ["a worker host of 1 GiB", withWorker({ memory: "1GiB" }), {}],
  ["a worker host below 1 GiB", withWorker({ memory: "1023MiB" }), { "hosts[2].memory": /1GiB at least/ }],
  [
    "a data host of 1 GiB",
    withHosts({ memory: "1GiB" }),
    { "hosts[0].memory": /postgres, redis, registry, scheduler on data add up to 1920 MiB/ },
  ],
  ["a data host of 1 GiB with smaller limits", { ...withHosts({ memory: "1GiB" }), limits: { postgres: "512MiB", redis: "256MiB" } }, {}],
  ["memory as a number", withWorker({ memory: 2_048 }), { "hosts[2].memory": /2GiB/ }],
  ["memory of nothing", withWorker({ memory: "0GiB" }), { "hosts[2].memory": /MiB or GiB/ }],
  ["memory in another unit", withWorker({ memory: "2GB" }), { "hosts[2].memory": /MiB or GiB/ }],
  ["memory as null", withWorker({ memory: null }), { "hosts[2].memory": /MiB or GiB/ }],
  ["half a core", withWorker({ cores: 0.5 }), { "hosts[2].cores": /whole number from 1 to 512/ }],
  ["no core", withWorker({ cores: 0 }), { "hosts[2].cores": /1 to 512/ }],
  ["cores as a text", withWorker({ cores: "2" }), { "hosts[2].cores": /whole number/ }],
  ["hosts of 512 cores", withWorkers(3, { cores: 512 }), {}],
  ["hosts of 2 GiB with 4 cores", withWorkers(2, { cores: 4 }), {}],
  ["eight worker hosts", withWorkers(8), {}],
  ["fifty worker hosts", withWorkers(50, { memory: "8GiB", cores: 4 }), {}],
  ["120 hosts", withWorkers(119, { memory: "1GiB" }), {}],
  ["121 hosts", withWorkers(120, { memory: "8GiB" }), { hosts: /120 hosts at most/ }],
];

testConfigRows([...lists, ...names, ...addresses, ...meshes, ...sizes]);
