import type { TestProject } from 'vitest/node';
import { ensureBuilt } from '../helpers/built.ts';
import { cached, cacheFolder, fetchKernel } from './fetch.ts';
import { type Kernel, kernelPackages } from './table.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kernels: readonly Kernel[];
  }
}

const say = (text: string): void => void process.stderr.write(`test:kernels: ${text}\n`);

/** What a child process said last, or the error's own words. */
function reason(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  const lines = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  return lines.at(-1) || (error instanceof Error ? error.message : String(error));
}

/**
 * Before all tests: the kernels they are about, fetched where they are not in the cache yet. What cannot be had is said.
 * Without any: an error, unless KTRIAGE_KERNELS_OPTIONAL=1.
 */
export function setup(project: TestProject): void {
  ensureBuilt();
  const only = process.env.KTRIAGE_KERNELS_ONLY?.split(/[\s,]+/).filter(Boolean);
  const unknown = only?.filter((name) => !kernelPackages.some((kernel) => kernel.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `KTRIAGE_KERNELS_ONLY names ${unknown.join(', ')}; there are ${kernelPackages.map(({ name }) => name).join(', ')}`,
    );
  const kernels: Kernel[] = [];
  const failures: string[] = [];
  for (const kernel of kernelPackages) {
    if (only !== undefined && !only.includes(kernel.name)) {
      say(`${kernel.name}: SKIPPED, not in KTRIAGE_KERNELS_ONLY`);
      continue;
    }
    const started = Date.now();
    try {
      const found = cached(kernel) ?? fetchKernel(kernel, say);
      kernels.push(found);
      say(`${kernel.name}: ${found.release}, ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      failures.push(`${kernel.name}: ${reason(error)}`);
      say(`${kernel.name}: SKIPPED, it cannot be fetched: ${reason(error)}`);
    }
  }
  say(`${kernels.length} kernels in ${cacheFolder()}`);
  if (failures.length > 0 && process.env.KTRIAGE_KERNELS_OPTIONAL !== '1')
    throw new Error(
      `kernels cannot be fetched (KTRIAGE_KERNELS_OPTIONAL=1 goes on without them):\n${failures.join('\n')}`,
    );
  project.provide('kernels', kernels);
}
