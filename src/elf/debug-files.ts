import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Where packages put debug information, below what stands in place of `/`. */
const debugFolder = '/usr/lib/debug';

const plainBuildId = /^[0-9a-f]{4,128}$/;

/** Whether there is a file: links come from files of others, and opening a pipe would wait for who writes to it. */
export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // Too long a name, a circle of links, a folder that may not be read.
    return false;
  }
}

/** Where a file with debug information is by its build ID, in hex, in the order of gdb and elfutils. */
export function buildIdFiles(buildId: string | undefined, root: string): string[] {
  if (buildId === undefined || !plainBuildId.test(buildId)) return [];
  const linked = `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
  return [`${root}${debugFolder}/${linked}`, `${root}/${linked}`];
}

/** The path without symbolic links: packages link `.build-id/xx/y.debug`, `/lib` and `/boot` files to others. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The folders of a file as it is called, and where it lies. */
function foldersOf(path: string): string[] {
  const whole = resolve(path);
  return [...new Set([dirname(whole), dirname(real(whole))])];
}

/** The folder as seen from the root that stands in place of `/`; where `/lib` is a link to `/usr/lib`, both. */
function belowRoot(folder: string, root: string): string[] {
  const base = root === '' ? '' : resolve(root);
  const inside = folder === base || folder.startsWith(`${base}/`) ? folder.slice(base.length) : folder;
  const other = inside.startsWith('/usr/lib/') ? inside.slice('/usr'.length) : `/usr${inside}`;
  return inside.startsWith('/lib/') || inside.startsWith('/usr/lib/') ? [inside, other] : [inside];
}

/**
 * Paths of the file that a stripped file's debug information may be in, the best first, without the file itself: what
 * the link in it says (gdb's manual, "Separate Debug Files"), what `eu-strip` and packages call it (`x.ko.debug`,
 * SUSE's `vmlinux-RELEASE.debug`), and a file of the same name below `/usr/lib/debug` (Debian, Ubuntu).
 * @param link the name in `.gnu_debuglink`.
 * @param root what stands in place of `/`.
 */
export function debugFilePaths(path: string, link: string | undefined, root: string): string[] {
  const plain = basename(path).replace(/\.(?:gz|xz|zst)$/, '');
  const names = [...new Set([...(link === undefined ? [] : [link]), `${plain}.debug`])];
  const found: string[] = [];
  for (const folder of foldersOf(path)) {
    for (const name of names) found.push(`${folder}/${name}`, `${folder}/.debug/${name}`);
    for (const inside of belowRoot(folder, root))
      for (const name of [...names, plain]) found.push(`${root}${debugFolder}${inside}/${name}`);
  }
  const own = new Set([resolve(path), real(resolve(path))]);
  return [...new Set(found)].filter((each) => !own.has(resolve(each)));
}

/** Paths of a file that several share parts of, by its name in `.gnu_debugaltlink` and its build ID. */
export function sharedFilePaths(path: string, link: string, buildId: string, root: string): string[] {
  const named = link.startsWith('/') ? [`${root}${link}`, link] : foldersOf(path).map((folder) => `${folder}/${link}`);
  return [...new Set([...named, ...buildIdFiles(buildId, root), `${root}${debugFolder}/.dwz/${basename(link)}`])];
}
