/** A domain is set: the fleet orders its certificate of pebble, renews it under load, and goes back to plain HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../../lab/command.ts";
import { startLabAuthority } from "../../fixtures/lab-authority.ts";
import { ask, changeConfig, inDatabase, type Outcome, on, orbJson, untilWell } from "../../fixtures/lab-fleet.ts";
import { withLoadProgram } from "../../fixtures/load.ts";
import { pebbleIsMissing } from "../../fixtures/pebble.ts";
import type { TlsLoad } from "../../fixtures/tls-load.ts";
import type { TlsLoadSettings } from "../../fixtures/tls-load-main.ts";
import { until } from "../../fixtures/until.ts";
import type { Chapter } from "./chapter.ts";

const LOAD = fileURLToPath(new URL("../../fixtures/tls-load-main.ts", import.meta.url));
const DOMAIN = "crawl.lab.test";
const EDGES = ["work1", "work2"] as const;
const REQUESTS = 20_000;
/** An edge's script for certificates starts, and waits for its lock. */
const HOLD_SCRIPT = `systemd-run --quiet --unit lab-lock flock /etc/orbweaver/certificate/lock sleep 600
until ! flock --nonblock /etc/orbweaver/certificate/lock true; do sleep 0.1; done
systemctl start --no-block orbweaver-certificate.service`;
const STATE_OF_SCRIPT = "systemctl is-active orbweaver-certificate.service || true";
/** The timer looks each minute. */
const INSTALLED_MS = 180_000;

interface Status {
  edges: { url: string; status: number; certificate?: { daysLeft: number } }[];
  projects?: object;
  problems: string[];
}

export function tlsChapter({ fleet, options }: Chapter, long: Chapter): void {
  const settings = { ...options, skip: options.skip || pebbleIsMissing };
  const longSettings = { ...long.options, skip: long.options.skip || pebbleIsMissing };
  let authority: Awaited<ReturnType<typeof startLabAuthority>> | undefined;
  const addressOf = (name: string) => fleet().lab.hosts.find((host) => host.name === name)?.address ?? "";
  const addresses = () => EDGES.map(addressOf);
  const withToken = () => ({ authorization: `Bearer ${fleet().token}` });
  const serialOf = async (address: string) => {
    const show = `openssl s_client -connect ${address}:443 -servername ${DOMAIN} </dev/null 2>/dev/null | openssl x509 -noout -serial -subject -ext subjectAltName`;
    return run([...fleet().lab.enter, "bash", "-c", show]).catch(() => "");
  };
  const areServed = async (isGood: (text: string) => boolean) => (await Promise.all(addresses().map(serialOf))).every(isGood);

  test("with a domain both edges serve its certificate within minutes, and status shows the remaining days", settings, async () => {
    authority = await startLabAuthority(fleet().lab, { domain: DOMAIN, addresses: addresses() });
    const acme = { directory: authority.directory, authority: authority.authority };
    await changeConfig((config) => ({ ...config, "orbweaver:domain": DOMAIN, "orbweaver:acme": acme }));
    const { edge } = await orbJson<Outcome>("up", "--stack", "lab");

    await until("both edges serve the certificate", () => areServed((text) => text.includes(`DNS:${DOMAIN}`)), INSTALLED_MS, 2_000);
    await untilWell();
    const { edges, projects } = await orbJson<Status>("status", "--stack", "lab");

    assert.equal(edge, `https://${DOMAIN}`);
    assert.ok(projects, "the projects are read through an edge with TLS");
    assert.deepEqual(
      edges.map(({ status, certificate }) => [status, (certificate?.daysLeft ?? 0) > 80]),
      [
        [200, true],
        [200, true],
      ],
    );
  });

  test("only nginx on edge hosts can read the key", settings, async () => {
    const modes = await Promise.all(EDGES.map((name) => on(name, "stat -L -c '%a %u' /etc/orbweaver/edge/tls/current/key.pem")));
    const stored = await inDatabase("select private_key from certificate");

    assert.deepEqual(
      modes.map((mode) => mode.trim()),
      ["400 10001", "400 10001"],
    );
    assert.match(stored, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    await assert.rejects(on("data", "ls /etc/orbweaver/certificate"));
  });

  test("plain HTTP redirects, and accepts no token", settings, async () => {
    for (const address of addresses()) {
      const answer = await ask(fleet().lab, { url: `http://${address}/api/v1/projects`, headers: withToken() });

      assert.deepEqual([answer.status, answer.headers.location], [308, `https://${DOMAIN}/api/v1/projects`]);
      assert.ok(!answer.text.includes("["), answer.text);
    }
  });

  test("a second up orders no certificate and changes nothing", settings, async () => {
    const before = await serialOf(addressOf("work1"));

    const { changes } = await orbJson<Outcome>("up", "--stack", "lab");

    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    assert.equal(await serialOf(addressOf("work1")), before);
  });

  test(`none of ${REQUESTS} requests through both edges fails while the certificate is renewed`, longSettings, async () => {
    const before = await serialOf(addressOf("work1"));

    const load = await underTlsLoad(async () => {
      await inDatabase("update certificate set due = now()");
      await until("the renewal is at both edges", () => areServed((text) => text !== "" && text !== before), INSTALLED_MS, 2_000);
    });

    assert.deepEqual(load.failures, []);
    assert.ok(load.requests >= REQUESTS);
  });

  test("if one edge is down, the other gets its certificate, and the first one gets it later", longSettings, async () => {
    const [dead = "", alive = ""] = EDGES;
    const before = await serialOf(addressOf(alive));
    await on(dead, "docker stop orbweaver-edge");
    authority?.pointTo(addressOf(alive), addressOf(dead));

    await inDatabase("update certificate set due = now()");
    await until("the renewal", async () => ![before, ""].includes(await serialOf(addressOf(alive))), INSTALLED_MS, 2_000);
    await on(dead, "docker start orbweaver-edge");
    const now = await serialOf(addressOf(alive));
    await until("the same at the other", async () => (await serialOf(addressOf(dead))) === now, INSTALLED_MS, 2_000);
    await untilWell();
  });

  test(
    "after the domain is removed, the edges serve plain HTTP, and no key remains, even if their timer's script runs",
    settings,
    async () => {
      await authority?.[Symbol.asyncDispose]();
      for (const name of EDGES) await on(name, HOLD_SCRIPT);
      await changeConfig(({ "orbweaver:domain": _domain, "orbweaver:acme": _acme, ...config }) => config);
      await orbJson<Outcome>("up", "--stack", "lab");
      await untilWell();

      const answer = await ask(fleet().lab, { url: `http://${addressOf("work1")}/api/v1/projects`, headers: withToken() });
      assert.equal(answer.status, 200);
      for (const name of EDGES) {
        await on(name, "systemctl stop lab-lock");
        await until("the script has ended", async () => /^(inactive|failed)/.test(await on(name, STATE_OF_SCRIPT)), 20_000, 500);
        await assert.rejects(on(name, "ls /etc/orbweaver/edge/tls || ls /etc/orbweaver/certificate"));
      }
    },
  );

  async function underTlsLoad(work: () => Promise<void>): Promise<TlsLoad> {
    const targets = addresses().map((address) => ({ address, ports: { https: 443 }, domain: DOMAIN }));
    const settings: TlsLoadSettings = { targets, count: REQUESTS, path: "/login" };
    return withLoadProgram(fleet().lab, { main: LOAD, settings }, work);
  }
}
