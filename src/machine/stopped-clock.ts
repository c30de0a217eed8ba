/** How long a guest stood still because of us. It stands from the beginning. */
export class StoppedClock {
  #before = 0;
  #since: number | undefined = performance.now();
  #isDisregarded = false;

  get milliseconds(): number {
    if (this.#isDisregarded) return 0;
    return this.#before + (this.#since === undefined ? 0 : performance.now() - this.#since);
  }

  /** It stood already, so none of it is because of us. */
  disregard(): void {
    this.#isDisregarded = true;
  }

  run(): void {
    if (this.#since === undefined) return;
    this.#before += performance.now() - this.#since;
    this.#since = undefined;
  }

  stop(): void {
    this.#since ??= performance.now();
  }
}
