import type { TestProject } from 'vitest/node';
import { ensureBuilt } from '../helpers/built.ts';
import { cached, cacheFolder, fetchKernel } from './fetch.ts';
import { prepareGuest } from './guest-files.ts';
import { type Guest, type Kernel, type KernelPackage, kernelPackages } from './table.ts';

declare module 'vitest' {
  interface ProvidedContext {
    kernels: readonly Kernel[];
    guests: readonly Guest[];
  }
}

const say = (text: string): void => void process.stderr.write(`test:kernels: ${text}\n`);

/** What a child process said last, or the error's own words. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ETIMEDOUT') return 'it takes too long';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return stderr.trim().split('\n').at(-1) || error.message;
}

/** The kernels that are wanted: all, or those that KTRIAGE_KERNELS_ONLY names. */
function wanted(): readonly KernelPackage[] {
  const only = process.env.KTRIAGE_KERNELS_ONLY?.split(/[\s,]+/).filter(Boolean);
  if (only === undefined) return kernelPackages;
  const names = kernelPackages.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`KTRIAGE_KERNELS_ONLY names ${unknown.join(', ')}; there are ${names.join(', ')}`);
  for (const name of names.filter((name) => !only.includes(name))) say(`${name}: SKIPPED, not in KTRIAGE_KERNELS_ONLY`);
  return kernelPackages.filter(({ name }) => only.includes(name));
}

/** When fetching must be done: KTRIAGE_KERNELS_SECONDS from now. */
function deadline(): number | undefined {
  const seconds = Number(process.env.KTRIAGE_KERNELS_SECONDS);
  return seconds > 0 ? Date.now() + seconds * 1000 : undefined;
}

/**
 * Before all tests: the kernels they are about, fetched where they are not in the cache yet. What cannot be had is said,
 * and is an error unless KTRIAGE_KERNELS_OPTIONAL=1.
 */
export function setup(project: TestProject): void {
  const kernels: Kernel[] = [];
  const guests: Guest[] = [];
  const failures: string[] = [];
  const until = deadline();
  for (const kernel of wanted()) {
    const started = Date.now();
    try {
      const found = cached(kernel) ?? fetchKernel(kernel, say, until);
      kernels.push(found);
      say(`${kernel.name}: ${found.release}, ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
      guests.push(prepareGuest(found, kernel, say, until));
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
  ensureBuilt();
  project.provide('kernels', kernels);
  project.provide('guests', guests);
}
