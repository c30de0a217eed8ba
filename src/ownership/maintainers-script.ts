import { runProcess } from '../io/process.ts';
import type { Recipient } from '../model/owners.ts';
import { parseMailbox } from './maintainers-address.ts';

/** The script's place in a tree. */
export const scriptPath = 'scripts/get_maintainer.pl';

/** It takes 0.2 s; its expressions of K: lines are Perl's, and may take for ever. */
const timeoutMilliseconds = 5000;

/**
 * All of what it prints is set here, as a `.get_maintainer.conf` may have set it otherwise. Without git: who changed a
 * file a lot in the last year is not who looks after it, and on a whole tree it takes minutes.
 */
const flags: readonly string[] = [
  ...['--email', '--m', '--r', '--n', '--l', '--no-s', '--moderated', '--roles', '--rolestats', '--multiline'],
  ...['--no-git', '--no-git-fallback', '--no-git-blame', '--no-git-chief-penguins', '--no-file-emails'],
  ...['--remove-duplicates', '--mailmap', '--keywords', '--no-scm', '--no-web', '--no-status', '--no-subsystem'],
  ...['--pattern-depth=0', '--tree'],
];

const mostLines = 200;

/** One line of the script's output, `Name <address> (role:SECTION)`; undefined for what is none. */
export function parseScriptLine(line: string): Recipient | undefined {
  // Names and sections may have parentheses too; nobody has one in an address.
  const begin = line.indexOf(' (', Math.max(line.indexOf('>'), 0));
  if (line.length > 1000 || begin === -1 || !line.endsWith(')')) return undefined;
  const box = parseMailbox(line.slice(0, begin));
  if (box === undefined || /[\x00-\x20\x7f]/.test(box.address)) return undefined;
  const [role = '', ...rest] = line.slice(begin + 2, -1).split(':');
  // Newer ones (6.16) add statuses and other sections: the first is enough.
  const section = rest.join(':').trim();
  return {
    address: box.address,
    ...(box.name !== '' && { name: box.name }),
    kind: /\blist$/.test(role) ? 'list' : 'person',
    role: role.trim(),
    ...(section !== '' && { section }),
  };
}

/** Who it named, or why it did not. */
export type ScriptAnswer = { readonly recipients: readonly Recipient[] } | { readonly failure: string };

/** Asks the script of a tree about one of its files. Runs what the tree has: only for trees that the user named. */
export async function askScript(root: string, file: string, signal?: AbortSignal): Promise<ScriptAnswer> {
  const result = await runProcess('perl', [scriptPath, ...flags, '-f', file], {
    cwd: root,
    // A .get_maintainer.conf of the user's home would change what it says; nothing asks anybody anything.
    env: { HOME: '/nonexistent', LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    signal,
    timeoutMilliseconds,
    maxOutputBytes: 1_048_576,
    // With what it starts it would be waited for, and be left behind.
    isDetached: true,
  });
  signal?.throwIfAborted();
  if (result.failure === 'ENOENT') return { failure: 'there is no perl' };
  if (result.failure !== undefined) return { failure: `get_maintainer.pl failed: ${result.failure}` };
  if (result.exitCode !== 0) {
    const why = result.stderr.trim().split('\n').at(-1) ?? '';
    return { failure: `get_maintainer.pl failed${why === '' ? '' : `: ${why.slice(0, 300)}`}` };
  }
  const recipients = result.stdout.split('\n', mostLines).flatMap((line) => parseScriptLine(line) ?? []);
  return recipients.length === 0 ? { failure: 'get_maintainer.pl named nobody' } : { recipients };
}
