/** The reason why one part of an option is refused, for error texts. It names the part and never repeats a value, which may be secret. */
export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
