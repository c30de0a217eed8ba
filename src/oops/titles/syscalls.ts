/** Prefixes of system call functions (`specs/titles.md` section 5.3). */
const prefixes = [
  'SYSC_',
  'SyS_',
  'sys_',
  '__x64_',
  '__ia32_',
  '__arm64_',
  '____sys_',
  '___sys_',
  '__sys_',
  '__se_',
  '__se_sys_',
  '__do_sys_',
  'compat_SYSC_',
  'compat_SyS_',
  'ksys_',
];

/** The prefixes that a name has, longest first. A prefix that is the whole name is none. */
function prefixesOf(name: string): string[] {
  return prefixes.filter((p) => name.startsWith(p) && name.length > p.length).sort((a, b) => b.length - a.length);
}

/** The name without the longest prefix that fits. */
export function withoutSyscallPrefix(name: string): string {
  const longest = prefixesOf(name)[0];
  return longest === undefined ? name : name.slice(longest.length);
}

/** The names that come of taking off one prefix, for every prefix that fits. */
export function syscallVariants(name: string): string[] {
  return prefixesOf(name).map((p) => name.slice(p.length));
}
