import type { ResolvedFrame } from './unit-resolver.ts';

const isMangled = (frame: ResolvedFrame): boolean => frame.function !== undefined && /^_[RZ]/.test(frame.function);

/**
 * Frames with the names of Rust and C++ as in the source. What demangles is loaded only if there is such a name: most
 * kernels have few or none, and whoever asks for one address would wait longer for it than for the answer.
 */
export async function demangleFrames(frames: readonly ResolvedFrame[][]): Promise<ResolvedFrame[][]> {
  if (!frames.some((chain) => chain.some(isMangled))) {
    return [...frames];
  }
  const { demangle } = await import('../util/demangle/demangle.ts');
  return frames.map((chain) =>
    chain.map((frame) => (frame.function === undefined ? frame : { ...frame, function: demangle(frame.function) })),
  );
}
