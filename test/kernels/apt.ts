import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelPackage } from './table.ts';

/** The keys of Debian's archive, of the package debian-archive-keyring. */
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** One command's time, where no other limit is set: a download of 1 GB over a slow line. */
const longest = 1_800_000;

/** Runs a command; `until` is when it must have ended, in milliseconds as Date.now() has them. */
const run = (command: string, args: readonly string[], until?: number, cwd?: string): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    timeout: until === undefined ? longest : Math.max(until - Date.now(), 1),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd !== undefined && { cwd }),
  });

/** The mirror of Debian that this machine uses, or `KTRIAGE_DEBIAN_MIRROR`. */
function mirror(): string {
  const { KTRIAGE_DEBIAN_MIRROR: named = '' } = process.env;
  if (named !== '') return named;
  // The label is known only after an update; what is for security has none of the debug symbols.
  for (const filters of [['Created-By: Packages', 'Label: Debian'], ['Created-By: Packages']]) {
    const targets = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...filters]).split('\n');
    const found = targets.find((target) => target !== '' && !target.includes('security'));
    if (found !== undefined) return found;
  }
  throw new Error('apt of this machine names no mirror of Debian; KTRIAGE_DEBIAN_MIRROR can');
}

/**
 * apt with lists of its own below `folder`, for one suite and architecture: nothing of the machine's own is read or
 * changed, and nobody needs to be root.
 */
export class Apt {
  readonly #settings: readonly string[];
  readonly #kernel: KernelPackage;
  readonly #until: number | undefined;

  constructor(folder: string, kernel: KernelPackage, until?: number) {
    this.#kernel = kernel;
    this.#until = until;
    for (const name of ['lists/partial', 'cache/archives/partial', 'etc'])
      mkdirSync(join(folder, name), { recursive: true });
    const sources = join(folder, 'etc', 'sources.list');
    const status = join(folder, 'etc', 'status');
    const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
    writeFileSync(sources, `deb ${signed}${mirror()} ${kernel.suite} main\n`);
    writeFileSync(status, '');
    const isRoot = process.getuid?.() === 0;
    this.#settings = [
      `Dir::State::lists=${join(folder, 'lists')}`,
      `Dir::State::status=${status}`,
      `Dir::Cache=${join(folder, 'cache')}`,
      `Dir::Etc::sourcelist=${sources}`,
      'Dir::Etc::sourceparts=/dev/null',
      'Dir::Etc::preferencesparts=/dev/null',
      `APT::Architecture=${kernel.architecture}`,
      `APT::Architectures=${kernel.architecture}`,
      'APT::Update::Error-Mode=any',
      'Acquire::Languages=none',
      'Acquire::Check-Valid-Until=false',
      'Acquire::Retries=2',
      'Acquire::http::Timeout=30',
      ...(isRoot ? ['APT::Sandbox::User=root'] : []),
    ].flatMap((setting) => ['-o', setting]);
  }

  update(): void {
    run('apt-get', [...this.#settings, '-qq', 'update'], this.#until);
  }

  /** The package that the suite's meta package leads to now. */
  packageName(): string {
    const { metaPackage, architecture, suite } = this.#kernel;
    const text = run('apt-cache', [...this.#settings, 'depends', metaPackage]);
    const name = /Depends: (linux-image-\d[^\s:]*-dbg)/.exec(text)?.[1];
    if (name === undefined) throw new Error(`${suite} has no ${metaPackage} for ${architecture}`);
    return name;
  }

  /** Whether the suite has a package of this name. */
  has(name: string): boolean {
    // Of a name that it does not know, apt-cache prints nothing, or fails, by its version.
    try {
      return run('apt-cache', [...this.#settings, '-q', 'show', name]).includes(`Package: ${name}\n`);
    } catch {
      return false;
    }
  }

  /** Downloads a package into a folder, its checksum compared; gives the path. */
  download(name: string, folder: string): string {
    run('apt-get', [...this.#settings, '-qq', 'download', name], this.#until, folder);
    const file = readdirSync(folder).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
    if (file === undefined) throw new Error(`apt-get left no file of ${name}`);
    return join(folder, file);
  }
}

/** Unpacks members of a package, by patterns of tar. */
export function unpack(deb: string, folder: string, patterns: readonly string[], until?: number): void {
  mkdirSync(folder, { recursive: true });
  const script =
    'set -o pipefail; deb=$1 folder=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar x -C "$folder" --wildcards "$@"';
  run('bash', ['-c', script, 'bash', deb, folder, ...patterns], until);
}
