import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Apt, unpack } from './apt.ts';
import { cacheFolder } from './fetch.ts';

/** A part of a kernel's source tree: all folders, what get_maintainer.pl needs to run, and some of the files. */
export interface SourceTree {
  readonly root: string;
  /** Files of it, as the tree has them, without those of the script's needs. */
  readonly files: readonly string[];
}

/** Debian's package with the source of the kernel of bookworm. */
const packageName = 'linux-source-6.1';
/** One of so many files is unpacked: 2000 of 80,000. */
const stride = 40;
/** What makes a folder the top of a kernel tree to the script, and what it reads. */
const always = /^[^/]+\/(?:MAINTAINERS|scripts\/get_maintainer\.pl|\.mailmap|COPYING|CREDITS|Kbuild|Makefile|README)$/;
const list = 'files.txt';
const longest = 600_000;

/** The tree in the cache; undefined if it is not there, or not whole. */
function cachedSource(): SourceTree | undefined {
  const folder = join(cacheFolder(), '6.1-source');
  if (!existsSync(join(folder, list))) return undefined;
  return { root: join(folder, 'tree'), files: readFileSync(join(folder, list), 'utf8').trim().split('\n') };
}

const tar = (args: readonly string[]): string =>
  execFileSync('tar', args, {
    encoding: 'utf8',
    timeout: longest,
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Unpacks the sample of the archive that the package has. */
function unpackSample(archive: string, folder: string): readonly string[] {
  const names = tar(['-tJf', archive]).trim().split('\n');
  const sample = names.filter((name) => !name.endsWith('/')).filter((_, nth) => nth % stride === 7);
  const folders = names.filter((name) => name.endsWith('/'));
  const wanted = join(folder, 'wanted');
  writeFileSync(wanted, [...new Set([...folders, ...names.filter((name) => always.test(name)), ...sample])].join('\n'));
  const tree = join(folder, 'tree');
  mkdirSync(tree, { recursive: true });
  tar(['-xJf', archive, '-C', tree, '--strip-components=1', '--no-recursion', '-T', wanted]);
  return sample.map((name) => name.slice(name.indexOf('/') + 1));
}

/** The tree, fetched where it is not in the cache yet: 140 MB, and a minute. */
export function sourceTree(): SourceTree {
  const known = cachedSource();
  if (known !== undefined) return known;
  const partial = join(cacheFolder(), '.6.1-source.partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const apt = new Apt(join(partial, 'apt'), {
      name: '6.1-source',
      suite: 'bookworm',
      architecture: 'amd64',
      metaPackage: packageName,
    });
    apt.update();
    unpack(apt.download(packageName, partial), join(partial, 'package'), ['*.tar.xz']);
    const folder = join(partial, 'package', 'usr', 'src');
    const archive = readdirSync(folder).find((name) => name.endsWith('.tar.xz'));
    if (archive === undefined) throw new Error(`${packageName} has no archive`);
    const done = join(partial, 'done');
    mkdirSync(done);
    const files = unpackSample(join(folder, archive), done);
    writeFileSync(join(done, list), `${files.join('\n')}\n`);
    const place = join(cacheFolder(), '6.1-source');
    rmSync(place, { recursive: true, force: true });
    renameSync(done, place);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const fetched = cachedSource();
  if (fetched === undefined) throw new Error(`${packageName} could not be unpacked`);
  return fetched;
}
