import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDockerDaemon } from "../../../../stacks/render/docker-daemon.ts";
import { renderEdge } from "../../../../stacks/render/edge.ts";
import { renderFirewall } from "../../../../stacks/render/firewall.ts";
import { renderSshd } from "../../../../stacks/render/sshd.ts";
import { meshUnits, restartUnits } from "../../../../stacks/render/systemd.ts";

const firewall = { sshPort: 22, peers: ["203.0.113.12", "203.0.113.10"], meshRange: "10.77.0.0/24", isEdge: false };
const edge = {
  balancers: ["10.77.0.2:5000"],
  ports: { http: 80, https: 443 },
  cacheDirectory: "/cache",
  runDirectory: "/run/edge",
} as const;

test("only an edge host's firewall opens 80 and 443", () => {
  assert.doesNotMatch(renderFirewall(firewall), /443/);
  assert.match(renderFirewall({ ...firewall, isEdge: true }), /tcp dport \{ 80, 443 \} accept/);
});

test("the order of the peers does not change the firewall", () => {
  assert.equal(renderFirewall(firewall), renderFirewall({ ...firewall, peers: [...firewall.peers].reverse() }));
});

test("root logs in by key where the config says root, and not at all elsewhere", () => {
  assert.match(renderSshd({ user: "root", others: [] }), /^PermitRootLogin prohibit-password$/m);
  assert.match(renderSshd({ user: "deploy", others: [] }), /^PermitRootLogin no$/m);
});

test("connections may be forwarded to the edge of the host itself, and to SSH of the other hosts", () => {
  const text = renderSshd({
    user: "root",
    others: [
      { address: "203.0.113.12", port: 22 },
      { address: "2001:db8::1", port: 2_222 },
    ],
  });

  assert.match(text, /^AllowTcpForwarding local$/m);
  assert.match(text, /^PermitOpen 127\.0\.0\.1:80 127\.0\.0\.1:443 .* 203\.0\.113\.12:22 \[2001:db8::1\]:2222$/m);
});

test("Docker's settings are JSON with the mesh's registry", () => {
  const settings = JSON.parse(renderDockerDaemon({ registry: "10.77.0.1:5000" }));

  assert.deepEqual(settings["insecure-registries"], ["10.77.0.1:5000"]);
  assert.equal(settings["no-new-privileges"], true);
  assert.equal(settings["live-restore"], false);
});

test("Docker waits for the mesh address, and comes after tinc and the firewall", () => {
  const docker = meshUnits("10.77.0.2").find(({ path }) => path.includes("docker.service.d"));

  assert.match(docker?.content ?? "", /^After=tinc@orbweaver\.service nftables\.service$/m);
  assert.match(docker?.content ?? "", /until ip -brief address show to 10\.77\.0\.2 /);
});

test("the restart timer has the calendar of the stack config", () => {
  assert.match(restartUnits("Mon..Fri 04:00")[0]?.content ?? "", /^OnCalendar=Mon\.\.Fri 04:00$/m);
});

test("with a domain the edge sends plain requests to TLS, but for certificates' challenges", () => {
  const tls = { domain: "crawl.example.org", certificate: "/tls/certificate.pem", key: "/tls/key.pem", acmeDirectory: "/acme" };

  const text = renderEdge({ ...edge, tls });

  assert.match(text, /return 308 https:\/\/crawl\.example\.org\$request_uri;/);
  assert.match(text, /location \/\.well-known\/acme-challenge\/ \{ root \/acme; \}/);
});

test("other balancers are for when the own one is away", () => {
  const text = renderEdge({ ...edge, balancers: ["10.77.0.2:5000", "10.77.0.3:5000"] });

  assert.match(text, /server 10\.77\.0\.2:5000 max_fails=0;\n {4}server 10\.77\.0\.3:5000 max_fails=1 fail_timeout=1s backup;/);
});

/** Values that would end a directive, a string or a line and begin another. */
const refused: [string, () => string][] = [
  ["a mesh range with a rule", () => renderFirewall({ ...firewall, meshRange: "10.77.0.0/24 accept; }" })],
  ["a peer that is no address", () => renderFirewall({ ...firewall, peers: ["0.0.0.0/0"] })],
  ["an SSH port that is none", () => renderFirewall({ ...firewall, sshPort: Number.NaN })],
  ["a user with a line feed", () => renderSshd({ user: "root\nPasswordAuthentication yes", others: [] })],
  ["a forwarding target with a pattern", () => renderSshd({ user: "root", others: [{ address: "*", port: 22 }] })],
  ["a registry with a path", () => renderDockerDaemon({ registry: "10.77.0.1:5000/x" })],
  ["a mesh address with a command", () => meshUnits("10.77.0.1; reboot")[1]?.content ?? ""],
  ["a calendar with a line feed", () => restartUnits("hourly\n[Service]")[0]?.content ?? ""],
  ["a balancer with a directive", () => renderEdge({ ...edge, balancers: ["10.77.0.2:5000; }"] })],
  ["a cache path with a space", () => renderEdge({ ...edge, cacheDirectory: "/a b" })],
];

for (const [name, render] of refused) {
  test(`${name} is refused by name`, () => {
    assert.throws(render, /cannot be written/);
  });
}
