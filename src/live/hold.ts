import type { Attachment } from './attach.ts';

/** Called when the process ends without having come to an end: a second Ctrl-C, an exception that nobody caught. */
export interface Guard {
  /** Remembers what there is to do then; what is given back forgets it. */
  add(abandon: () => void): () => void;
}

/**
 * Takes hold of a machine, uses it, and leaves it as it was found, whatever happens meanwhile. It may be let go earlier,
 * with `close`.
 */
export async function withMachine<T>(
  attaching: Promise<Attachment>,
  guard: Guard,
  use: (attachment: Attachment) => Promise<T>,
): Promise<T> {
  let attachment: Attachment | undefined;
  // Before it is attached to there is nothing to abandon: whoever attaches puts things right by itself.
  const forget = guard.add(() => attachment?.abandon());
  try {
    attachment = await attaching;
    return await use(attachment);
  } finally {
    await attachment?.close();
    forget();
  }
}
