import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { plainEnvironment, projectRoot } from './built.ts';

/** What the kernel of a job printed. */
export type Outcome = 'crash' | 'healthy';

const logs: Readonly<Record<Outcome, string>> = { crash: 'ktsample-null-x86-64.log', healthy: 'healthy-boot.log' };
const samples = join(projectRoot, 'samples');

/** The log of a sample as LAVA keeps it, and tuxrun. */
function asLava(log: string): string {
  const lines = log.trimEnd().split(/\r?\n/);
  const items = lines.map((msg) => ({ dt: '2026-11-20T10:00:00.000001', lvl: 'target', msg }));
  return items.map((item) => `- ${JSON.stringify(item)}\n`).join('');
}

/** Programs that the jobs of recipes call: each does of what the real one does as much as the recipe needs. */
const standIns = {
  // As virtme-ng 1.35 and 1.41: the console is standard error, opened by its name.
  vng: '[ "$1 $2" = "--verbose --run" ] || exit 2; cat "$JOB/console" > /proc/self/fd/2; exit "$(cat "$JOB/status")"',
  tuxrun: 'while [ "$1" != --log-file-yaml ]; do shift; done; cp "$JOB/lava" "$2"; exit "$(cat "$JOB/status")"',
  lavacli:
    'case "$2" in submit) echo 4711;; wait) [ "$3" = 4711 ];; logs) [ "$5" = 4711 ] && cat "$JOB/lava";; *) exit 2;; esac',
  'buildkite-agent': 'echo "$*" > "$JOB/annotated"; cat > "$JOB/annotation"',
  curl: 'echo "$*" > "$JOB/sent"',
  dmesg: 'cat "$JOB/console"',
};

/** A folder in which a job of a CI runs, with a kernel's build, the source, and what boots it. */
export class CiJob {
  /** Where the repository is checked out. */
  readonly workspace: string;
  readonly #folder: string;

  constructor(folder: string, outcome: Outcome) {
    this.#folder = folder;
    this.workspace = join(folder, 'work space');
    const build = join(this.workspace, 'build');
    mkdirSync(build, { recursive: true });
    cpSync(join(samples, 'modules'), build, { recursive: true });
    cpSync(join(samples, 'ktsample'), join(this.workspace, 'ktsample'), { recursive: true });
    // A file like a vmlinux, and of another build than the samples' kernel: we have none of 200 MB.
    const image = gunzipSync(readFileSync(join(samples, 'modules', '6.1.0-50-amd64', 'ktsample.ko.gz')));
    image.writeUInt16LE(2, 16);
    writeFileSync(join(build, 'vmlinux'), image);
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const script = (path: string, text: string): void => {
      writeFileSync(path, `#!/bin/sh\n${text}\n`);
      chmodSync(path, 0o755);
    };
    script(join(bin, 'ktriage'), `exec '${process.execPath}' '${join(projectRoot, 'bin', 'ktriage.js')}' "$@"`);
    for (const [name, text] of Object.entries(standIns)) script(join(bin, name), text);
    script(join(this.workspace, 'boot-and-test.sh'), 'cat "$JOB/console"; exit "$(cat "$JOB/status")"');
    this.boot(outcome);
  }

  /** Says how the next boot goes. */
  boot(outcome: Outcome): void {
    const log = readFileSync(join(samples, logs[outcome]), 'utf8');
    const console = outcome === 'healthy' ? `${log}all tests done\n` : log;
    writeFileSync(join(this.#folder, 'console'), console);
    writeFileSync(join(this.#folder, 'lava'), asLava(console));
    // As vng does for a panic.
    writeFileSync(join(this.#folder, 'status'), outcome === 'healthy' ? '0' : '255');
  }

  /** The variables of a job, with those of its CI. */
  environment(ci: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { PATH: `${join(this.#folder, 'bin')}:${process.env.PATH}`, JOB: this.#folder, CI: 'true', ...ci };
  }

  /** Runs a script in the workspace. */
  run(shell: readonly string[], script: string, ci: Readonly<Record<string, string>> = {}, timeout = 60_000) {
    const [program = 'sh', ...flags] = shell;
    const { status, stdout, stderr } = spawnSync(program, [...flags, '-c', script], {
      cwd: this.workspace,
      env: { ...plainEnvironment(), ...this.environment(ci) },
      encoding: 'utf8',
      timeout,
    });
    return { status, stdout, stderr };
  }

  /** A file of the job: of the workspace, or what a stand-in was given. Empty if there is none. */
  read(name: string): string {
    const path = [join(this.workspace, name), join(this.#folder, name)].find((each) => existsSync(each));
    return path === undefined ? '' : readFileSync(path, 'utf8');
  }
}
