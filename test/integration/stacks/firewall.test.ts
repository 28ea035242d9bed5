import assert from "node:assert/strict";
import { test } from "node:test";
import { renderFirewall } from "../../../stacks/render/firewall.ts";
import { createNamespaces, type Namespaces, noNamespaces } from "../../fixtures/network-namespaces.ts";

const HOST = "198.51.100.11";
const PEER = "198.51.100.12";
const STRANGER = "198.51.100.99";
const MESH_HOST = "10.77.0.2";
const MESH_PEER = "10.77.0.3";
const CONTAINER = "172.18.0.2";
const BRIDGE = "172.18.0.1";
const NEIGHBOUR = "172.19.0.2";

test("the internet reaches SSH and the edge, peers also reach tinc and published ports; containers reach only the internet", {
  skip: noNamespaces,
}, async () => {
  await using net = await startHost({ isEdge: true });

  const seen = {
    stranger: [22, 80, 655, 2377, 3000, 5432].filter((port) => net.reaches("stranger", HOST, port)),
    strangerByMeshAddress: [22, 80, 5432].filter((port) => net.reaches("stranger", MESH_HOST, port)),
    peer: [22, 655, 2377, 3000].filter((port) => net.reaches("peer", HOST, port)),
    mesh: [22, 2377, 3000, 5432].filter((port) => net.reaches("peer", MESH_HOST, port)),
    containerToHost: [22, 2377, 3000].filter((port) => net.reaches("container", BRIDGE, port)),
    containerToMesh: [net.reaches("container", MESH_PEER, 22), net.reaches("container", MESH_HOST, 5432)],
    containerToInternet: net.reaches("container", STRANGER, 443),
  };

  assert.deepEqual(seen, {
    stranger: [22, 80],
    strangerByMeshAddress: [22, 80],
    peer: [22, 655],
    mesh: [22, 2377, 5432],
    containerToHost: [],
    containerToMesh: [false, false],
    containerToInternet: true,
  });
});

/** Behind the default route, as a provider's private network and its metadata are. */
const CLOSED = [
  ...["10.9.9.9", "100.64.0.9", "168.63.129.16", "169.254.169.254", "172.16.9.9", "172.31.9.9", "192.168.9.9", "198.18.0.9"],
  ...["fd00:9::9", "64:ff9b::a09:909", "2002:a09:909::9", "2001::9"],
];
const ALLOWED = ["10.20.0.9", "fd20::9"];
const PUBLIC = ["203.0.113.9", "2600:9::9"];

test("containers reach no private, shared, link-local or metadata address except allowed ones; all name servers answer", {
  skip: noNamespaces,
}, async () => {
  await using net = await startHost({ isEdge: false, allowAddresses: ["10.20.0.0/16", "10.20.0.0/24", "fd20::/64"] });
  for (const address of [...CLOSED, ...ALLOWED, ...PUBLIC]) net.ip("stranger", `address add ${address} dev lo`);
  await net.listen("stranger", [53]);

  const all = [...CLOSED, ...ALLOWED, ...PUBLIC];

  assert.deepEqual(net.reached("host", all, 443), all);
  assert.deepEqual(net.reached("container", all, 443), [...ALLOWED, ...PUBLIC]);
  assert.deepEqual(net.reached("container", all, 53), all);
});

test("containers on two bridges cannot reach each other, not even in an allowed range", { skip: noNamespaces }, async () => {
  await using net = await startHost({ isEdge: false, allowAddresses: ["172.16.0.0/12"] });

  assert.deepEqual([net.reaches("neighbour", CONTAINER, 8080), net.reaches("container", NEIGHBOUR, 8080)], [false, false]);
});

test("a host without an edge does not answer on port 80, even if a container publishes it", { skip: noNamespaces }, async () => {
  await using net = await startHost({ isEdge: false });

  assert.deepEqual(
    [22, 80].filter((port) => net.reaches("stranger", HOST, port)),
    [22],
  );
});

test("loading the rules again leaves other tables unchanged", { skip: noNamespaces }, async () => {
  await using net = await startHost({ isEdge: false });

  const tables = net.run("host", "nft", ["list", "tables"]);

  assert.equal(tables, "table ip docker\ntable inet orbweaver\n");
});

/** A host with a public, a mesh and a container network, a peer on the first two, and Docker's way of publishing 80 and 5432 of a container. */
async function startHost({ isEdge, allowAddresses = [] }: { isEdge: boolean; allowAddresses?: string[] }): Promise<Namespaces> {
  const net = createNamespaces(["internet", "host", "peer", "stranger", "container", "neighbour"]);
  layCables(net);
  const firewall = renderFirewall({ sshPort: 22, peers: [PEER], meshRange: "10.77.0.0/24", isEdge, allowAddresses });
  net.run("host", "nft", ["-f", "-"], firewall);
  net.run("host", "nft", ["-f", "-"], PUBLISHED);
  net.run("host", "nft", ["-f", "-"], firewall);
  net.run("host", "sysctl", ["-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
  await net.listen("host", [22, 655, 2377, 3000]);
  await net.listen("container", [8080, 5432]);
  await net.listen("neighbour", [8080]);
  await net.listen("stranger", [443]);
  await net.listen("peer", [22]);
  return net;
}

function layCables(net: Namespaces): void {
  net.ip("internet", "link add wan type bridge");
  net.ip("internet", "link set wan up");
  for (const [name, address] of [
    ["host", HOST],
    ["peer", PEER],
    ["stranger", STRANGER],
  ] as const) {
    net.connect(`${name}/eth0`, `internet/${name}`);
    net.ip("internet", `link set ${name} master wan`);
    net.ip(name, `address add ${address}/24 dev eth0`);
    net.ip(name, `route add default via ${HOST === address ? STRANGER : HOST}`);
  }
  net.connect("host/orbmesh", "peer/orbmesh");
  net.ip("host", `address add ${MESH_HOST}/24 dev orbmesh`);
  net.ip("peer", `address add ${MESH_PEER}/24 dev orbmesh`);
  net.connect("host/br-web", "container/eth0");
  net.ip("host", `address add ${BRIDGE}/24 dev br-web`);
  net.ip("container", `address add ${CONTAINER}/24 dev eth0`);
  net.ip("container", `route add default via ${BRIDGE}`);
  net.connect("host/br-front", "neighbour/eth0");
  net.ip("host", "address add 172.19.0.1/24 dev br-front");
  net.ip("neighbour", `address add ${NEIGHBOUR}/24 dev eth0`);
  net.ip("neighbour", "route add default via 172.19.0.1");
  layIPv6(net);
}

function layIPv6(net: Namespaces): void {
  for (const [place, address] of [
    ["host/eth0", "2600:1::11"],
    ["stranger/eth0", "2600:1::99"],
    ["host/br-web", "2600:2::1"],
    ["container/eth0", "2600:2::2"],
  ] as const) {
    const [name = "", device = ""] = place.split("/");
    net.ip(name, `address add ${address}/64 dev ${device} nodad`);
  }
  net.ip("host", "-6 route add default via 2600:1::99");
  net.ip("stranger", "-6 route add default via 2600:1::11");
  net.ip("container", "-6 route add default via 2600:2::1");
}

const PUBLISHED = `table ip docker {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    fib daddr type local tcp dport 80 dnat to ${CONTAINER}:8080
    fib daddr type local tcp dport 5432 dnat to ${CONTAINER}:5432
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr 172.18.0.0/24 oifname != "br-web" masquerade
  }
}
`;
