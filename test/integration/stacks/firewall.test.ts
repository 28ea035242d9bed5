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

test("the internet reaches SSH and the edge, peers also tinc and what is published; containers reach the internet alone", {
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

test("a host that is not the edge does not answer on 80, even where a container publishes it", { skip: noNamespaces }, async () => {
  await using net = await startHost({ isEdge: false });

  assert.deepEqual(
    [22, 80].filter((port) => net.reaches("stranger", HOST, port)),
    [22],
  );
});

test("loading it again leaves the tables of others alone", { skip: noNamespaces }, async () => {
  await using net = await startHost({ isEdge: false });

  const tables = net.run("host", "nft", ["list", "tables"]);

  assert.equal(tables, "table ip docker\ntable inet orbweaver\n");
});

/** A host with a public, a mesh and a container network, a peer on the first two, and Docker's way of publishing 80 and 5432 of a container. */
async function startHost({ isEdge }: { isEdge: boolean }): Promise<Namespaces> {
  const net = createNamespaces(["internet", "host", "peer", "stranger", "container"]);
  layCables(net);
  const firewall = renderFirewall({ sshPort: 22, peers: [PEER], meshRange: "10.77.0.0/24", isEdge });
  net.run("host", "nft", ["-f", "-"], firewall);
  net.run("host", "nft", ["-f", "-"], PUBLISHED);
  net.run("host", "nft", ["-f", "-"], firewall);
  net.run("host", "sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"]);
  await net.listen("host", [22, 655, 2377, 3000]);
  await net.listen("container", [8080, 5432]);
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
