import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Apt, unpack } from './apt.ts';
import { type Kernel, type KernelPackage, moduleNames } from './table.ts';

/** Where kernels are kept from run to run. */
export function cacheFolder(): string {
  const { KTRIAGE_KERNELS: own, XDG_CACHE_HOME: xdg } = process.env;
  return own || join(xdg || join(homedir(), '.cache'), 'ktriage-kernels');
}

/** Written last: what is in the folder is whole. */
const marker = 'package';

/** The kernel as it lies in the cache; undefined if it does not, or not whole. */
export function cached({ name, architecture }: KernelPackage): Kernel | undefined {
  const folder = join(cacheFolder(), name);
  if (!existsSync(join(folder, marker))) return undefined;
  const release = /^linux-image-(.+)-dbg$/.exec(readFileSync(join(folder, marker), 'utf8').trim())?.[1];
  if (release === undefined) return undefined;
  const debug = join(folder, 'usr', 'lib', 'debug');
  const vmlinux = [join(debug, 'boot', `vmlinux-${release}`), join(debug, 'lib', 'modules', release, 'vmlinux')].find(
    (path) => existsSync(path) && statSync(path).isFile(),
  );
  const moduleFolder = join(debug, 'lib', 'modules', release);
  if (vmlinux === undefined || !existsSync(moduleFolder)) return undefined;
  const modules = readdirSync(moduleFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ko'))
    .sort()
    .map((path) => join(moduleFolder, path));
  return { name, architecture, release, vmlinux, modules };
}

/**
 * Fetches a kernel into the cache. Takes a minute and up to 2 GB; the package itself is not kept. `until` is when it must
 * be done, in milliseconds as Date.now() has them.
 */
export function fetchKernel(kernel: KernelPackage, say: (text: string) => void, until?: number): Kernel {
  const partial = join(cacheFolder(), `.${kernel.name}.partial`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const apt = new Apt(join(partial, 'apt'), kernel, until);
    apt.update();
    const name = apt.packageName();
    say(`${kernel.name}: fetching ${name}`);
    const deb = apt.download(name, partial);
    say(`${kernel.name}: unpacking ${Math.round(statSync(deb).size / 1e6)} MB`);
    const files = join(partial, 'files');
    // vmlinux itself lies under boot/ (6.1) or under lib/modules/ (7.2), with links to it.
    unpack(deb, files, ['*/vmlinux*', ...moduleNames.map((module) => `*/${module}.ko`)], until);
    writeFileSync(join(files, marker), `${name}\n`);
    const place = join(cacheFolder(), kernel.name);
    rmSync(place, { recursive: true, force: true });
    renameSync(files, place);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const fetched = cached(kernel);
  if (fetched === undefined) throw new Error(`the package of ${kernel.name} has no vmlinux where it is expected`);
  return fetched;
}
