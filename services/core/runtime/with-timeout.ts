/** The result of `work`; rejects with `late()` if it takes longer than `ms`. The work itself continues, and its later rejection is ignored. */
export async function withTimeout<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const tooLate = Promise.withResolvers<never>();
  const timer = setTimeout(() => tooLate.reject(late()), Math.max(0, ms));
  return await Promise.race([work, tooLate.promise]).finally(() => clearTimeout(timer));
}
