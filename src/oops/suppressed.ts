/**
 * Texts that put the blame on the environment and not on the kernel: the fuzzer's own programs were killed, could
 * not start, or ran out of memory (`specs/titles.md` section 11). One profile; anywhere in the log.
 */
const environment: readonly RegExp[] = [
  // Since 6.x "Out of memory: Killed process 1 (name)", before "Kill process"; lowmemorykiller is Android's.
  /(?:Out of memory|Memory cgroup out of memory): Kill(?:ed)? process [0-9]+ \((?:syz-|sshd\))/,
  /(?:low)?memorykiller: Killing '(?:syz-|sshd)/i,
  /failed to start executor|executor .{0,40}failed to start|failed to (?:create|start) .{0,20}(?:thread|executor)/i,
  /failed to (?:create|mkd?) ?(?:temp|tmp)/i,
  /SYZFAIL: (?:SIGBUS|.*SIGBUS)|\[signal SIGBUS: bus error/,
  /fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)|runtime: out of memory/,
  /panic: .*cannot allocate memory/,
  /unexpected signal during runtime execution/,
  /init\[1\]: segfault|init: .*segmentation violation|syz-manager: segmentation violation/i,
  /\*\*\* stack smashing detected \*\*\*/,
];

/** Literals for the scanner: a line that matches holds one of them. */
export const suppressingTexts: readonly string[] = [
  ' (syz-',
  ' (sshd)',
  "Killing 'syz-",
  "Killing 'sshd",
  'executor',
  'signal SIGBUS',
  'unexpected signal during',
  'stack smashing detected',
  'runtime: out of memory',
  'SIGBUS',
  'segmentation violation',
  'init[1]: segfault',
  'failed to start ',
  'failed to create t',
  'failed to mk',
];

export function isSuppressing(text: string): boolean {
  return environment.some((e) => e.test(text));
}
