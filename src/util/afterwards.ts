/** What there is to do when all output is out and nobody waits for more, in the order in which it came up. */
const waiting: (() => Promise<void>)[] = [];

/** Puts something off until the process would end; a process that is interrupted never does it. */
export function doAfterwards(action: () => Promise<void>): void {
  waiting.push(action);
}

/** Does what was put off. Throws what that throws. */
export async function runAfterwards(): Promise<void> {
  for (const action of waiting.splice(0)) await action();
}
