/** The directories at the top of the kernel's source (Linux 4.x to 7.x). */
const topDirectories: ReadonlySet<string> = new Set([
  ...['arch', 'block', 'certs', 'crypto', 'drivers', 'fs', 'include', 'init', 'io_uring', 'ipc', 'kernel', 'lib'],
  ...['mm', 'net', 'rust', 'samples', 'scripts', 'security', 'sound', 'tools', 'usr', 'virt'],
]);

/** PATH_MAX of Linux. */
const longestPath = 4096;
const mostParts = 64;

/**
 * The parts of a path of debug information or of a log; undefined for what no source file is called. Nothing before a
 * `..` counts: where that leads is not known here.
 */
export function pathParts(file: string): readonly string[] | undefined {
  if (file.length > longestPath || /[\x00-\x1f\x7f]/.test(file)) return undefined;
  const parts = file.split('/');
  const own = parts.slice(parts.lastIndexOf('..') + 1).filter((part) => part !== '' && part !== '.');
  return own.length === 0 || own.length > mostParts ? undefined : own;
}

/** True for a file that is named as the kernel's own tree has it. */
export function isInTree(file: string): boolean {
  const [top, below] = file.split('/', 2);
  return top !== undefined && below !== undefined && topDirectories.has(top);
}

/**
 * The paths below a folder that a file may have there, the one that keeps most of its own path first. Names like
 * `main.c` are in every other folder: of a file of the kernel's tree only what the folder itself stands for may be
 * missing (`drivers/net/tun.c` in `.../drivers/net`); a module that was built elsewhere may have been moved.
 */
export function suffixes(file: string, parts: readonly string[], folder: string): string[] {
  const folderParts = folder.split('/').filter((part) => part !== '');
  const free = !isInTree(file);
  return parts.flatMap((_, dropped) => {
    const before = parts.slice(0, dropped);
    const kept = parts.slice(dropped).join('/');
    const isTail = before.every((part, nth) => folderParts[folderParts.length - dropped + nth] === part);
    return isTail || free ? [kept] : [];
  });
}
