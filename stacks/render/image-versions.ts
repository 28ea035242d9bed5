/** Brings the images to every host, and removes old versions from the hosts and the registry. */
import { type HostScript, shellWord } from "./host-script.ts";
import { IMAGES_TIMEOUT_SECONDS, type ImageStage, stageTag } from "./image-script.ts";
import { PULL_FUNCTIONS } from "./pull-functions.ts";

/** Versions of every image that hosts keep: the running one, and the one for a rollback. */
const KEPT_VERSIONS = 2;
/** For the registry, one more: the running version can still be pulled after two failed updates. */
const KEPT_IN_REGISTRY = KEPT_VERSIONS + 1;

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
    timeoutSeconds: IMAGES_TIMEOUT_SECONDS,
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
    timeoutSeconds: IMAGES_TIMEOUT_SECONDS,
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
