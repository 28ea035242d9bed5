/** What makes the fleet's images on the data host, with its own Docker, and brings them over the registry on the mesh to every host. */
import { createHash } from "node:crypto";
import { type HostScript, shellWord } from "./host-script.ts";

export interface ImageStep {
  /** In the registry: `orbweaver/<name>`. */
  name: string;
  /** An image that the host has or can pull is taken over as it is; a folder of `images/` is built. */
  from: { image: string } | { folder: string; buildArguments: Record<string, BuildArgument> };
}

/** `image`: one that the host has or can pull; `made`: an image of the same chain, before this one. */
export type BuildArgument = { image: string } | { made: string } | { text: string };

export interface ImageStage {
  /** `<mesh address>:<port>` */
  registry: string;
  context: {
    /** A gzipped tar on the host. */
    path: string;
    /** SHA-256 of it, hexadecimal. */
    hash: string;
  };
  /** Waves follow each other. The chains of a wave are made at the same time; within one, each image may be built on those before it. */
  waves: ImageStep[][][];
}

/** Of a data host with 2 GiB, builds beside the databases take no more than they leave. */
const MAX_AT_ONCE = 3;
/** Versions of every image that hosts and the registry keep: the running one, and the one that a failed update goes back to. */
const KEPT_VERSIONS = 2;
const TIMEOUT_SECONDS = 1_800;
/** Of the registry, one more: what runs while two updates in a row fail can still be pulled. */
const KEPT_IN_REGISTRY = KEPT_VERSIONS + 1;
/** The tag of what a stage makes: the same for the same context and the same settings. */
export const stageTag = ({ registry, context, waves }: ImageStage): string =>
  createHash("sha256")
    .update(JSON.stringify([registry, context.hash, waves]))
    .digest("hex")
    .slice(0, 16);

/** How another stage names an image of this one. */
export const stageReference = (stage: ImageStage, name: string): string => `${stage.registry}/orbweaver/${name}:${stageTag(stage)}`;

/** Prints one line: a JSON object of image references by name, each with its digest. What was built from the same context before is not built again. */
export function imageScript(stage: ImageStage): HostScript {
  const names = stage.waves.flat(2).map(({ name }) => name);
  const waves = stage.waves.flatMap((chains, wave) => [
    ...chains.map((chain, index) => `chain_${wave}_${index}() {\n${chain.flatMap((step) => commandsOf(step, stage)).join("\n")}\nwait\n}`),
    ...chains.map((_, index) => `start chain_${wave}_${index}`),
    "wait",
  ]);
  return {
    timeoutSeconds: TIMEOUT_SECONDS,
    after: [
      functions(stage.context.path),
      ...waves,
      ...names.map((name) => `report ${name}`),
      `find "$(dirname -- ${shellWord(stage.context.path)})" -name '*-context-*.tgz' ! -path ${shellWord(stage.context.path)} -mtime +7 -delete`,
      `printf '{%s}\\n' "\${references#,}"`,
    ].join("\n"),
  };
}

/**
 * Brings images to a host before anything there is replaced: a start never waits for a download. Then removes ours that are older than the last
 * two versions, unless a container uses them.
 *
 * @param stage names what the images belong to.
 */
export function pullScript(stage: string, references: readonly string[]): HostScript {
  const sorted = [...references].sort();
  const repositories = sorted.map((reference) => shellWord(reference.replace(/@.*$/, "")));
  return {
    timeoutSeconds: TIMEOUT_SECONDS,
    after: [
      "pulls=",
      `for image in ${sorted.map(shellWord).join(" ")}; do`,
      '  docker image inspect "$image" >/dev/null 2>&1 || { docker pull --quiet "$image" </dev/null >&2 & pulls+=" $!"; }',
      "done",
      'for pull in $pulls; do wait "$pull"; done',
      ...remember(versionsFile(stage), sorted, KEPT_VERSIONS),
      `kept=$(docker image inspect --format '{{.Id}}' $(cat ${versionsFile(stage)}) 2>/dev/null || true)`,
      // An image that a container uses is refused, and stays.
      `for repository in ${repositories.join(" ")}; do`,
      '  for id in $(docker image ls --no-trunc --quiet "$repository" | sort -u); do',
      `    case $kept in *"$id"*) continue ;; esac`,
      `    docker image inspect --format '{{join .RepoTags "\\n"}}{{"\\n"}}{{join .RepoDigests "\\n"}}' "$id" | grep . | xargs docker image rm >/dev/null 2>&1 || true`,
      "  done",
      "done",
    ].join("\n"),
  };
}

/**
 * Removes from the registry, and from the data host's builds, what none of the last three versions has. Runs when all hosts have their images: the registry has to start again,
 * because it remembers which layers it had, and would not take them a second time.
 *
 * @param root where the registry keeps its data, in its container.
 */
export function collectScript(stages: readonly ImageStage[], { container, root }: { container: string; root: string }): HostScript {
  const file = versionsFile("registry");
  return {
    timeoutSeconds: TIMEOUT_SECONDS,
    after: [
      ...remember(file, stages.map(stageTag), KEPT_IN_REGISTRY),
      `removed=$(docker exec --interactive --env KEPT=" $(tr '\\n' ' ' <${file})" --env REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=${root} ${container} sh -s <<'END_OF_COLLECTION'
set -eu
removed=
for tag in ${root}/docker/registry/v2/repositories/orbweaver/*/_manifests/tags/*; do
  [ -d "$tag" ] || continue
  case $KEPT in *" \${tag##*/} "*) continue ;; esac
  rm -rf -- "$tag"
  removed=1
done
[ -z "$removed" ] || registry garbage-collect --delete-untagged /etc/docker/registry/config.yml >&2
echo "$removed"
END_OF_COLLECTION
)`,
      `[ -z "$removed" ] || docker restart --time 10 ${container} </dev/null >&2`,
      // What builds left. Not on other hosts: there every image is pulled by digest, has no tag, and so would be removed too.
      "docker image prune --force </dev/null >&2",
    ].join("\n"),
  };
}

const versionsFile = (what: string) => `/var/lib/orbweaver/${what}.versions`;

/** Puts a line at the head of a file of versions, each once, the newest first. */
const remember = (file: string, words: readonly string[], count: number) => [
  "mkdir -p /var/lib/orbweaver",
  `line=${shellWord(words.join(" "))}`,
  `touch ${file}`,
  `{ printf '%s\\n' "$line"; grep -vxF -- "$line" ${file} || true; } | head -n ${count} >${file}.new`,
  `mv -f ${file}.new ${file}`,
];

/** What the next step needs is local, so it is pushed while that is made. One push at a time: a second one would send shared layers again. */
function commandsOf({ name, from }: ImageStep, stage: ImageStage): string[] {
  const reference = stageReference(stage, name);
  const make = "image" in from ? takeOver(from.image, reference) : build(from, reference, stage);
  return [...make, "wait", `publish ${name} ${reference} &`];
}

const takeOver = (image: string, reference: string) => [`have ${shellWord(image)}`, `docker tag ${shellWord(image)} ${reference}`];

function build({ folder, buildArguments }: Extract<ImageStep["from"], { folder: string }>, reference: string, stage: ImageStage): string[] {
  const textOf = (value: BuildArgument) => {
    if ("text" in value) return value.text;
    return "made" in value ? stageReference(stage, value.made) : value.image;
  };
  const pulls = Object.values(buildArguments).flatMap((value) => ("image" in value ? [`have ${shellWord(value.image)}`] : []));
  const flags = Object.entries(buildArguments).map(([key, value]) => `--build-arg ${shellWord(`${key}=${textOf(value)}`)}`);
  return [...pulls, `build ${reference} ${folder} ${flags.join(" ")}`];
}

/** A chain's messages are shown only if one of its images is missing in the end: those of chains that run at the same time would mix. */
const functions = (contextPath: string) => `export DOCKER_BUILDKIT=0
umask 022
references=
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/context" "$work/made"
tar -xzf ${shellWord(contextPath)} -C "$work/context"
has() { docker image inspect "$1" >/dev/null 2>&1; }
have() { has "$1" || docker pull --quiet "$1" || fail "The image $1 is neither on this host nor can it be pulled."; }
build() {
  local reference=$1 folder=$2
  shift 2
  has "$reference" || docker build --quiet --force-rm "$@" --file "$work/context/images/$folder/Dockerfile" --tag "$reference" "$work/context"
}
publish() {
  docker push --quiet "$2"
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$2" | grep -m 1 "^\${2%:*}@" >"$work/made/$1"
}
start() {
  while [ "$(jobs -rp | wc -l)" -ge ${MAX_AT_ONCE} ]; do wait -n || true; done
  "$1" </dev/null >"$work/$1.log" 2>&1 &
}
report() {
  [ -s "$work/made/$1" ] || { tail -n 20 "$work"/*.log >&2; fail "The image $1 cannot be made or pushed; the messages are above."; }
  references+=",\\"$1\\":\\"$(cat "$work/made/$1")\\""
}`;
