/** The age of the fleet's images, from the day in the stack config. */

const DAY_MS = 86_400_000;
/** Debian publishes security updates several times a week. */
const OLD_DAYS = 30;
const REMEDY = "./orb upgrade images builds new ones";

const daysSince = (day: string, now: number) => Math.floor((now - Date.parse(day)) / DAY_MS);

/**
 * The warning about images older than 30 days; undefined if they are newer or their day is unknown.
 *
 * @param imagesOf `orbweaver:imagesOf`
 * @param now Unix time in ms.
 */
export function oldImagesNotice(imagesOf: string | undefined, now: number): string | undefined {
  if (imagesOf === undefined || daysSince(imagesOf, now) <= OLD_DAYS) return undefined;
  return `the images were built on ${imagesOf}, ${daysSince(imagesOf, now)} days ago: ${REMEDY}`;
}

/** A line of `./orb status`. */
export function imagesText(imagesOf: string | undefined, now: number): string {
  if (imagesOf === undefined) return `images   built at the first deployment: ${REMEDY}`;
  return `images   of ${imagesOf}${oldImagesNotice(imagesOf, now) === undefined ? "" : `, ${daysSince(imagesOf, now)} days ago: ${REMEDY}`}`;
}
