import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type InitramfsEntry, packInitramfs } from '../guest/initramfs.ts';
import { projectRoot } from '../helpers/built.ts';
import { Apt, unpack } from './apt.ts';
import { cacheFolder } from './fetch.ts';
import type { Guest, Kernel, KernelPackage } from './table.ts';

/** Where the files of a guest lie. */
const folderOf = (kernel: Kernel): string => join(cacheFolder(), kernel.name, 'guest');

/** The first file below a folder whose name begins so. */
function find(folder: string, start: string): string {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && entry.name.startsWith(start),
  );
  if (found === undefined) throw new Error(`the packages have no ${start}`);
  return join(found.parentPath, found.name);
}

/** Fetches what boots: the kernel's image, 70 to 120 MB, and busybox. */
function fetchFiles(kernel: Kernel, source: KernelPackage, say: (text: string) => void, until?: number): void {
  const partial = join(cacheFolder(), `.${kernel.name}.guest`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, 'guest'), { recursive: true });
  try {
    const apt = new Apt(join(partial, 'apt'), source, until);
    apt.update();
    // Later suites have the image without a signature under another name.
    const image = [`linux-image-${kernel.release}-unsigned`, `linux-binary-${kernel.release}`].find((name) =>
      apt.has(name),
    );
    if (image === undefined) throw new Error(`${source.suite} has no image of ${kernel.release} any more`);
    for (const [name, members] of [
      [image, ['*/vmlinuz*']],
      ['busybox-static', ['*/bin/busybox']],
    ] as const) {
      say(`${kernel.name}: fetching ${name}`);
      unpack(apt.download(name, partial), join(partial, name), members, until);
    }
    renameSync(find(join(partial, image), 'vmlinuz'), join(partial, 'guest', 'vmlinuz'));
    renameSync(find(join(partial, 'busybox-static'), 'busybox'), join(partial, 'guest', 'busybox'));
    rmSync(folderOf(kernel), { recursive: true, force: true });
    renameSync(join(partial, 'guest'), folderOf(kernel));
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The folder of modules that were built for a kernel, which has kthang.ko.gz. */
export const guestModules = (release: string): string => join(projectRoot, 'test', 'guest', 'modules', release);

/** The initramfs, made anew each time: init and the module may have changed. */
function pack(kernel: Kernel): boolean {
  const folder = folderOf(kernel);
  const module = join(guestModules(kernel.release), 'kthang.ko.gz');
  const hasModule = existsSync(module);
  const entries: InitramfsEntry[] = [
    { path: 'bin' },
    { path: 'bin/busybox', data: readFileSync(join(folder, 'busybox')), isExecutable: true },
    { path: 'init', data: readFileSync(join(projectRoot, 'test', 'guest', 'init')), isExecutable: true },
    ...(hasModule ? [{ path: 'kthang.ko', data: gunzipSync(readFileSync(module)) }] : []),
  ];
  const image = packInitramfs(entries);
  const path = join(folder, 'initrd.gz');
  if (!existsSync(path) || statSync(path).size !== image.length || !readFileSync(path).equals(image))
    writeFileSync(path, image);
  return hasModule;
}

/** What it takes to boot a kernel as a guest, fetched where it is not in the cache. */
export function prepareGuest(
  kernel: Kernel,
  source: KernelPackage,
  say: (text: string) => void,
  until?: number,
): Guest {
  if (!existsSync(join(folderOf(kernel), 'vmlinuz'))) fetchFiles(kernel, source, say, until);
  return { ...kernel, hasModule: pack(kernel) };
}
