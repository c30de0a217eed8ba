import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../helpers/built.ts';
import { cacheFolder } from '../../kernels/fetch.ts';

/** A kernel with KGDB, and what it boots with. */
export interface KgdbKernel {
  readonly vmlinux: string;
  readonly image: string;
  readonly initrd: string;
}

const source = join(projectRoot, 'test', 'guest', 'kgdb');
/** What was built with: another one is built anew. */
const recipe = 'recipe';

const folder = (): string => join(cacheFolder(), '6.1-amd64-kgdb');

function recipeNow(): string {
  const hash = createHash('sha256');
  for (const name of ['build', 'config', 'init.c']) hash.update(readFileSync(join(source, name)));
  return hash.digest('hex');
}

/** The kernel as it lies in the cache of kernels, if it does. */
export function cachedKgdbKernel(): KgdbKernel | undefined {
  const file = (name: string): string => join(folder(), name);
  if (!existsSync(file(recipe)) || readFileSync(file(recipe), 'utf8') !== recipeNow()) return undefined;
  return { vmlinux: file('vmlinux'), image: file('bzImage'), initrd: file('initrd') };
}

/** The kernel, built if it has to be: some minutes. */
export function kgdbKernel(): KgdbKernel {
  const known = cachedKgdbKernel();
  if (known !== undefined) return known;
  rmSync(folder(), { recursive: true, force: true });
  execFileSync(join(source, 'build'), [folder()], { stdio: ['ignore', 'ignore', 'inherit'] });
  // Written last: what is in the folder is whole.
  writeFileSync(join(folder(), recipe), recipeNow());
  const built = cachedKgdbKernel();
  if (built === undefined) throw new Error('the kernel with KGDB was built, but is not there');
  return built;
}
