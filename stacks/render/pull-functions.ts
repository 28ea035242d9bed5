/**
 * Shell functions for an image by its reference. They print nothing to standard output, leave standard input alone, and need `fail`.
 *
 * - `has`: whether the host has it
 * - `have`: pulls it if the host does not have it
 * - `renew`: pulls it in any case; if that fails, the host's own is enough
 */
export const PULL_FUNCTIONS = `has() { docker image inspect "$1" >/dev/null 2>&1; }
pull() { docker pull --quiet "$1" </dev/null >&2; }
no_image() { fail "The image $1 is neither on this host nor can it be pulled; its message is above."; }
have() { has "$1" || pull "$1" || no_image "$1"; }
# An image that was loaded by hand is in no registry, and stays.
renew() { pull "$1" || has "$1" || no_image "$1"; }`;
