import assert from "node:assert/strict";
import { test } from "node:test";
import { renderCertificateScript } from "../../../../stacks/render/certificate-script.ts";
import { renderDockerDaemon } from "../../../../stacks/render/docker-daemon.ts";
import { renderEdge } from "../../../../stacks/render/edge.ts";
import { renderFirewall } from "../../../../stacks/render/firewall.ts";
import { renderSshd } from "../../../../stacks/render/sshd.ts";
import { sysctlFiles } from "../../../../stacks/render/sysctl.ts";
import { meshUnits, restartUnits } from "../../../../stacks/render/systemd.ts";

const firewall = { sshPort: 22, peers: ["203.0.113.12", "203.0.113.10"], meshRange: "10.77.0.0/24", isEdge: false, allowAddresses: [] };
const ssh = { user: "root", logins: undefined, others: [] };
const edge = {
  balancers: ["10.77.0.2:5000"],
  ports: { http: 80, https: 443 },
  cacheDirectory: "/cache",
  runDirectory: "/run/edge",
} as const;

const certificate = {
  ...{ domain: "crawl.example.org", folder: "/tls", privateFolder: "/private", balancers: ["10.77.0.2:5000"], owner: "1:1" },
  ...{ isRunning: "true", check: "true", reload: "true" },
};

test("only an edge host's firewall opens 80 and 443", () => {
  assert.doesNotMatch(renderFirewall(firewall), /443/);
  assert.match(renderFirewall({ ...firewall, isEdge: true }), /tcp dport \{ 80, 443 \} accept/);
});

test("closed ranges come before the last rule, and allowed ranges before the closed ones", () => {
  const lines = renderFirewall({ ...firewall, allowAddresses: ["10.20.0.0/16", "fd20::/64"] }).split("\n");
  const place = (rule: RegExp) => lines.findIndex((line) => rule.test(line));

  const places = [
    /ip daddr 10\.20\.0\.0\/16 accept/,
    /ip6 daddr fd20::\/64 accept/,
    /10\.0\.0\.0\/8.* drop/,
    /iifname \{[^}]*\} accept/,
  ].map(place);

  assert.ok(!places.includes(-1));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test("the order of the peers does not change the firewall", () => {
  assert.equal(renderFirewall(firewall), renderFirewall({ ...firewall, peers: [...firewall.peers].reverse() }));
});

test("root can log in by key if the config names root, and not at all otherwise", () => {
  assert.match(renderSshd({ ...ssh, user: "root" }), /^PermitRootLogin prohibit-password$/m);
  assert.match(renderSshd({ ...ssh, user: "deploy" }), /^PermitRootLogin no$/m);
});

test("only named users can log in, in one order and each once; without names the host's own settings apply", () => {
  const allowed = (logins: string[] | undefined) => /^AllowUsers .*$/m.exec(renderSshd({ ...ssh, logins }))?.[0];

  assert.equal(allowed(["root", "alice", "root"]), "AllowUsers alice root");
  assert.equal(allowed(["alice", "root"]), "AllowUsers alice root");
  assert.equal(allowed(undefined), undefined);
});

test("on a host without its own kernel the kernel settings stay unchanged", () => {
  const [network, kernel] = sysctlFiles();

  assert.doesNotMatch(network?.content ?? "", /kernel\./);
  assert.ok(!kernel?.path.startsWith("/etc/sysctl.d/"));
  assert.match(kernel?.content ?? "", /^-kernel\.io_uring_disabled = 2$/m);
});

test("connections can be forwarded to the host's own edge, and to SSH of the other hosts", () => {
  const text = renderSshd({
    ...ssh,
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

test("Docker waits for the mesh address, and starts after tinc and the firewall", () => {
  const docker = meshUnits("10.77.0.2").find(({ path }) => path.includes("docker.service.d"));

  assert.match(docker?.content ?? "", /^After=tinc@orbweaver\.service nftables\.service$/m);
  assert.match(docker?.content ?? "", /until ip -brief address show to 10\.77\.0\.2 /);
});

test("the restart timer has the calendar of the stack config", () => {
  assert.match(restartUnits("Mon..Fri 04:00")[0]?.content ?? "", /^OnCalendar=Mon\.\.Fri 04:00$/m);
});

test("with a domain only challenges pass through plain HTTP from outside", () => {
  const text = renderEdge({ ...edge, tls: { domain: "crawl.example.org", folder: "/tls" } });

  const outside = text.split(/^ {2}server \{$/m).find((server) => /^ {4}listen 80 /m.test(server)) ?? "";
  const locations = outside.split(/^ {4}location /m).slice(1);
  const passed = locations.filter((text) => text.includes("proxy_pass http")).map((text) => text.split(" {")[0]);
  assert.deepEqual(passed, ["^~ /.well-known/acme-challenge/"]);
  assert.match(outside, /return 308 https:\/\/crawl\.example\.org\$request_uri;/);
});

test("other balancers are backups for the host's own balancer", () => {
  const text = renderEdge({ ...edge, balancers: ["10.77.0.2:5000", "10.77.0.3:5000"] });

  assert.match(text, /server 10\.77\.0\.2:5000 max_fails=0;\n {4}server 10\.77\.0\.3:5000 max_fails=1 fail_timeout=1s backup;/);
});

/** Values that would end a directive, a string or a line and begin another. */
const refused: [string, () => string][] = [
  ["a mesh range with a rule", () => renderFirewall({ ...firewall, meshRange: "10.77.0.0/24 accept; }" })],
  ["a peer that is no address", () => renderFirewall({ ...firewall, peers: ["0.0.0.0/0"] })],
  ["an allowed range with a rule", () => renderFirewall({ ...firewall, allowAddresses: ["10.20.0.0/16 accept; }"] })],
  ["an invalid SSH port", () => renderFirewall({ ...firewall, sshPort: Number.NaN })],
  ["a user with a line feed", () => renderSshd({ ...ssh, user: "root\nPasswordAuthentication yes" })],
  ["a login with a pattern", () => renderSshd({ ...ssh, logins: ["root", "*"] })],
  ["a forwarding target with a pattern", () => renderSshd({ ...ssh, others: [{ address: "*", port: 22 }] })],
  ["a registry with a path", () => renderDockerDaemon({ registry: "10.77.0.1:5000/x" })],
  ["a mesh address with a command", () => meshUnits("10.77.0.1; reboot")[1]?.content ?? ""],
  ["a calendar with a line feed", () => restartUnits("hourly\n[Service]")[0]?.content ?? ""],
  ["a balancer with a directive", () => renderEdge({ ...edge, balancers: ["10.77.0.2:5000; }"] })],
  ["a domain with a directive", () => renderEdge({ ...edge, tls: { domain: "a.test; }", folder: "/tls" } })],
  ["a certificate's domain with a command", () => renderCertificateScript({ ...certificate, domain: "a.test; reboot" })],
  ["a certificate's folder with a command", () => renderCertificateScript({ ...certificate, folder: "/tls; reboot" })],
  ["a certificate's balancer with a command", () => renderCertificateScript({ ...certificate, balancers: ["$(reboot):80"] })],
  ["a cache path with a space", () => renderEdge({ ...edge, cacheDirectory: "/a b" })],
];

for (const [name, render] of refused) {
  test(`${name} is refused with its name`, () => {
    assert.throws(render, /cannot be written/);
  });
}
