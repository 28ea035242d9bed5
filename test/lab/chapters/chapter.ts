import type { LabFleet } from "../../fixtures/lab-fleet.ts";

/** What every chapter of the fleet's story is given; its tests run in the order in which they stand. */
export interface Chapter {
  /** The fleet, once it is up. */
  fleet: () => LabFleet;
  /** For `test`. */
  options: { skip: string | false; timeout: number };
}
