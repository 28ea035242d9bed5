/** Something was made, but did not come to life: the engine remembers it, and the next deployment takes it away. */
export class HalfMadeError extends Error {
  readonly id: string;
  readonly outputs: Record<string, unknown>;

  constructor(message: string, { id, outputs }: { id: string; outputs: Record<string, unknown> }) {
    super(message);
    this.id = id;
    this.outputs = outputs;
  }
}
