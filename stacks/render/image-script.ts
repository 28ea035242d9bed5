/** Builds the fleet's images on the data host, with its own Docker, and distributes them through the registry on the mesh. */
import { createHash } from "node:crypto";
import { type HostScript, shellWord } from "./host-script.ts";
import { PULL_FUNCTIONS } from "./pull-functions.ts";

export interface ImageStep {
  /** In the registry: `orbweaver/<name>`. */
  name: string;
  /** An image that the host has or can pull is used unchanged; a folder of `images/` is built. */
  from: { image: string } | { folder: string; buildArguments: Record<string, BuildArgument> };
}

/** `image`: one that the host has or can pull; `made`: an earlier image of the same chain. */
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
  /** The day on which images and packages are fetched again, once; undefined: uses the host's versions. */
  imagesOf?: string | undefined;
  /** Waves follow each other. The chains of a wave are built concurrently; within a chain, each image may use those before it. */
  waves: ImageStep[][][];
}

/** On a data host with 2 GiB, builds may use only what the databases leave. */
const MAX_AT_ONCE = 3;
/** Versions of every image that hosts and the registry keep: the running one, and the one for a rollback. */
const KEPT_VERSIONS = 2;
const TIMEOUT_SECONDS = 1_800;
/** A registry's start: its image is pulled meanwhile. */
const REGISTRY_SECONDS = 300;
/** For the registry, one more: the running version can still be pulled after two failed updates. */
const KEPT_IN_REGISTRY = KEPT_VERSIONS + 1;
/** The tag of a stage's images: the same for the same context and the same settings. */
export const stageTag = ({ registry, context, imagesOf, waves }: ImageStage): string =>
  createHash("sha256")
    .update(JSON.stringify([registry, context.hash, waves, imagesOf]))
    .digest("hex")
    .slice(0, 16);

/** How another stage refers to an image of this one. */
export const stageReference = (stage: ImageStage, name: string): string => `${stage.registry}/orbweaver/${name}:${stageTag(stage)}`;

/** Prints one line: a JSON object of image references by name, each with its digest. An image with an unchanged context is not built again. */
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
      functions(stage),
      ...waves,
      ...names.map((name) => `report ${name}`),
      `find "$(dirname -- ${shellWord(stage.context.path)})" -name '*-context-*.tgz' ! -path ${shellWord(stage.context.path)} -mtime +7 -delete`,
      `printf '{%s}\\n' "\${references#,}"`,
    ].join("\n"),
  };
}

/**
 * Pulls images to a host before anything there is replaced, so that no start waits for a download. Then removes ours that are older than the
 * last two versions, unless a container uses them.
 *
 * @param stage the stage of the images.
 */
export function pullScript(stage: string, references: readonly string[]): HostScript {
  const sorted = [...references].sort();
  const repositories = sorted.map((reference) => shellWord(reference.replace(/@.*$/, "")));
  return {
    timeoutSeconds: TIMEOUT_SECONDS,
    after: [
      PULL_FUNCTIONS,
      "pulls=",
      `for image in ${sorted.map(shellWord).join(" ")}; do`,
      '  has "$image" || { pull "$image" & pulls+=" $!"; }',
      "done",
      'for pull in $pulls; do wait "$pull"; done',
      ...remember(versionsFile(stage), sorted, KEPT_VERSIONS),
      `kept=$(docker image inspect --format '{{.Id}}' $(cat ${versionsFile(stage)}) 2>/dev/null || true)`,
      // Docker refuses to remove an image that a container uses.
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
 * Removes images from the registry, and from the data host's builds, that none of the last three versions uses. Runs when all hosts have their
 * images. The registry must restart, because it caches which layers it had, and would not accept them a second time.
 *
 * @param root the registry's data folder, in its container.
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
      // Build leftovers. Not on other hosts: there every image is pulled by digest, has no tag, and so would be removed too.
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

/** The next step needs only local images, so the push runs at the same time. One push at a time: a second one would send shared layers again. */
function commandsOf({ name, from }: ImageStep, stage: ImageStage): string[] {
  const reference = stageReference(stage, name);
  const make = "image" in from ? takeOver(from.image, reference, stage) : build(from, reference, stage);
  return [...make, "wait", `publish ${name} ${reference} &`];
}

/** A tag that its project moves is followed only for another day. */
const takeOver = (image: string, reference: string, stage: ImageStage) => [
  `has ${reference} || { ${fetchCommand(stage)} ${shellWord(image)}; docker tag ${shellWord(image)} ${reference}; }`,
];

const fetchCommand = ({ imagesOf }: ImageStage) => (imagesOf === undefined ? "have" : "renew");

function build({ folder, buildArguments }: Extract<ImageStep["from"], { folder: string }>, reference: string, stage: ImageStage): string[] {
  const textOf = (value: BuildArgument) => {
    if ("text" in value) return value.text;
    return "made" in value ? stageReference(stage, value.made) : value.image;
  };
  const pulls = Object.values(buildArguments).flatMap((value) =>
    "image" in value ? [`has ${reference} || ${fetchCommand(stage)} ${shellWord(value.image)}`] : [],
  );
  const day = stage.imagesOf === undefined ? {} : { IMAGES_OF: { text: stage.imagesOf } };
  const flags = Object.entries({ ...buildArguments, ...day }).map(([key, value]) => `--build-arg ${shellWord(`${key}=${textOf(value)}`)}`);
  return [...pulls, `build ${reference} ${folder} ${flags.join(" ")}`];
}

/** A chain's messages are shown only if one of its images is missing at the end: those of concurrent chains would mix. */
const functions = ({ context, registry }: ImageStage) => `export DOCKER_BUILDKIT=0
umask 022
references=
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/context" "$work/made"
tar -xzf ${shellWord(context.path)} -C "$work/context"
${PULL_FUNCTIONS}
build() {
  local reference=$1 folder=$2
  shift 2
  has "$reference" || docker build --quiet --force-rm "$@" --file "$work/context/images/$folder/Dockerfile" --tag "$reference" "$work/context"
}
registry_answers() { timeout 5 bash -c 'exec 3<>"/dev/tcp/\${1%:*}/\${1##*:}"' answers ${shellWord(registry)} 2>/dev/null; }
# A registry that starts, or is being replaced, does not answer. One that answers and refuses twice has a reason.
push() {
  local message refusals=0 end=$((SECONDS + ${REGISTRY_SECONDS}))
  until message=$(docker push --quiet "$1" 2>&1); do
    if registry_answers; then refusals=$((refusals + 1)); fi
    if [ "$refusals" -ge 2 ] || [ "$SECONDS" -ge "$end" ]; then printf '%s\\n' "$message"; return 1; fi
    sleep 0.5
  done
}
publish() {
  push "$2"
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
