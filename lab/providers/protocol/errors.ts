/** A resource was created, but did not start: the engine records it, and the next deployment removes it. */
export class HalfMadeError extends Error {
  readonly id: string;
  readonly outputs: Record<string, unknown>;

  constructor(message: string, { id, outputs }: { id: string; outputs: Record<string, unknown> }) {
    super(message);
    this.id = id;
    this.outputs = outputs;
  }
}
