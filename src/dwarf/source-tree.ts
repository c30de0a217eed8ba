/** The directories at the top of the kernel's source (Linux 4.x to 7.x). */
const topDirectories: ReadonlySet<string> = new Set([
  ...['arch', 'block', 'certs', 'crypto', 'drivers', 'fs', 'include', 'init', 'io_uring', 'ipc', 'kernel', 'lib'],
  ...['mm', 'net', 'rust', 'samples', 'scripts', 'security', 'sound', 'tools', 'usr', 'virt'],
]);

/** Directories that every unit of a kernel includes from; what stands before them is the top of the source. */
const includeDirectory = /^(.+?)\/(?:include\/(?:uapi\/)?linux|arch\/\w+\/include\/(?:uapi\/)?asm)$/;

const mostRoots = 64;

/** A path without `.`, `..` and double slashes; leading `..` of a relative one stay. */
export function foldPath(path: string): string {
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) {
    return path;
  }
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') {
      parts.pop();
    } else if (part === '..' && path.startsWith('/')) {
      // Nothing is above the root.
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

/** A path as seen from a directory: itself if it is absolute. */
export function joinPath(directory: string | undefined, path: string): string {
  return path.startsWith('/') || directory === undefined || directory === '' ? path : `${directory}/${path}`;
}

/**
 * The name of a file below the compiler's directory. Where the build left out what is above that (`-ffile-prefix-map`),
 * and the source lies beside it, paths of the source are as if they were within: of Debian's real-time kernels
 * `debian/build/source_rt/init/main.c`, compiled in `debian/build/build_amd64_rt_amd64`.
 */
function withoutSibling(name: string, directory: string | undefined): string {
  if (directory === undefined || directory.startsWith('/')) {
    return name;
  }
  const parts = name.split('/');
  const above = directory.split('/').slice(0, -1);
  const isBeside = above.length > 0 && above.every((part, nth) => part === parts[nth]);
  return isBeside && topDirectories.has(parts[above.length + 1] ?? '') ? parts.slice(above.length + 1).join('/') : name;
}

/** The part of a path below a directory; undefined if it is not below. */
function below(path: string, directory: string | undefined): string | undefined {
  if (directory === undefined || directory === '' || directory === '/') {
    return undefined;
  }
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/**
 * Makes the names of files as the kernel's tree has them (`kernel/fork.c`), from whatever a build leaves: paths below
 * the directory the compiler ran in, which may be relative (`-ffile-prefix-map`), a build directory elsewhere
 * (`make O=`), absolute paths of units that were assembled, headers packages of modules built outside the tree.
 * The top of the source is learnt from the units; what is not below it (a module outside the tree, a compiler's
 * library) keeps its path.
 */
export class SourceTree {
  readonly #roots = new Set<string>();

  /** A folded path's name. `directories` gives the folded directories of its unit, and is called only if needed. */
  name(path: string, compilationDirectory: string | undefined, directories: () => readonly string[]): string {
    const directory = compilationDirectory === undefined ? undefined : foldPath(compilationDirectory);
    const found = below(path, directory) ?? this.#belowRoot(path);
    if (found !== undefined) {
      return withoutSibling(found, directory);
    }
    if (!path.startsWith('/')) {
      return path.replace(/^(?:\.\.\/)+/, '');
    }
    this.#learn(directories());
    return this.#belowRoot(path) ?? this.#besideDirectory(path, directory) ?? path;
  }

  #learn(directories: readonly string[]): void {
    for (const directory of directories) {
      const root = includeDirectory.exec(directory)?.[1];
      if (root?.startsWith('/') && this.#roots.size < mostRoots) {
        this.#roots.add(root);
      }
    }
  }

  #belowRoot(path: string): string | undefined {
    let shortest: string | undefined;
    for (const root of this.#roots) {
      const name = below(path, root);
      if (name !== undefined && (shortest === undefined || name.length < shortest.length)) {
        shortest = name;
      }
    }
    return shortest;
  }

  /** Where the directory lies in the source, as a distribution's build directory: what both have in common is the top. */
  #besideDirectory(path: string, directory: string | undefined): string | undefined {
    if (!directory?.startsWith('/')) {
      return undefined;
    }
    const parts = path.split('/');
    const others = directory.split('/');
    let common = 0;
    while (common < parts.length && parts[common] === others[common]) {
      common++;
    }
    return topDirectories.has(parts[common] ?? '') && common > 1 ? parts.slice(common).join('/') : undefined;
  }
}
