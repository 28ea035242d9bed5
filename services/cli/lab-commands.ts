import { LAB_STACK } from "../../lab/paths.ts";
import type { Command } from "./arguments.ts";
import { EXIT } from "./exit-codes.ts";
import { switchFlag } from "./flags.ts";
import { print, say } from "./terminal.ts";

const upCommand: Command = {
  name: "lab up",
  summary: "Starts three simulated hosts and a website to crawl on this machine, and deploys a fleet to them",
  positionals: [],
  flags: {
    json: switchFlag("end with one JSON line on stdout"),
    bare: switchFlag("start only the hosts; './orb up --stack lab' deploys the fleet"),
  },
  notes: [
    "Needs Linux and Docker, or root and the Debian packages of lab/packages.txt. The first run takes minutes, because it builds the hosts' images.",
    "The fleet's config is Pulumi.lab.yaml; every command on a stack takes '--stack lab'.",
  ],
  async run({ flags }) {
    const [{ labUp }, { ensureFleet }, { runInLab }, { abortOnSignals }] = await Promise.all([
      import("../../lab/lab.ts"),
      import("../../lab/fleet.ts"),
      import("./stack/lab-run.ts"),
      import("../core/runtime/signals.ts"),
    ]);
    const prepare = async () => {
      using stop = abortOnSignals();
      const lab = await labUp({ say, signal: stop.signal });
      return { lab, fleet: await ensureFleet(lab, { say, signal: stop.signal }) };
    };
    const { lab, fleet } = await prepare();
    say(`a website to crawl: ${lab.site}`);
    if (lab.enter.length > 0) say(`the lab has its own network; to reach it, prefix a command with: ${lab.enter.join(" ")}`);
    if (flags.bare) return EXIT.ok;
    return runInLab(["up", "--stack", LAB_STACK, "--yes", ...(flags.json ? ["--json"] : [])], fleet);
  },
};

const statusCommand: Command = {
  name: "lab status",
  summary: "Shows whether the lab's hosts run and answer SSH",
  positionals: [],
  flags: { json: switchFlag("as one JSON line") },
  notes: ["For the state of the fleet: ./orb status --stack lab. Exits with 1 unless all hosts answer."],
  async run({ flags }) {
    const hosts = await (await import("../../lab/lab.ts")).labStatus();
    const word = ({ isRunning, answersSsh }: (typeof hosts)[number]) => {
      if (answersSsh) return "answers SSH";
      return isRunning ? "runs, does not answer SSH" : "down";
    };
    const text = hosts.map((host) => `${host.name.padEnd(8)}${host.address.padEnd(16)}${word(host)}\n`).join("");
    print(flags.json ? `${JSON.stringify(hosts)}\n` : text);
    return hosts.every(({ answersSsh }) => answersSsh) ? EXIT.ok : EXIT.failed;
  },
};

const sshCommand: Command = {
  name: "lab ssh",
  summary: "Opens a shell on a host of the lab, or runs a command there",
  positionals: ["HOST", "[COMMAND…]"],
  flags: {},
  notes: ["Example: ./orb lab ssh data -- docker ps -a"],
  async run({ positionals: [host = "", ...command] }) {
    const [{ labSsh }, { spawn }, { once }] = await Promise.all([
      import("../../lab/lab.ts"),
      import("node:child_process"),
      import("node:events"),
    ]);
    const [program = "", ...args] = await labSsh(host, command);
    const [code] = (await once(spawn(program, args, { stdio: "inherit" }), "exit")) as [number | null];
    return code ?? EXIT.failed;
  },
};

const downCommand: Command = {
  name: "lab down",
  summary: "Removes the lab with everything on its hosts",
  positionals: [],
  flags: {},
  notes: ["The cache stays, so that the next './orb lab up' is fast: ~/.cache/orbweaver, or $XDG_CACHE_HOME/orbweaver."],
  async run() {
    await (await import("../../lab/lab.ts")).labDown({ say });
    say("the lab is down");
    return EXIT.ok;
  },
};

/** In the order of the help. */
export const labCommands: Command[] = [upCommand, statusCommand, sshCommand, downCommand];
