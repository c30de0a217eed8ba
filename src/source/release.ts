/** What a kernel says of the source that it was built from. */
export interface KernelOrigin {
  readonly release?: string;
  /** `#1 SMP Debian 6.1.176-1 (2026-07-02)`: of a `Comm:` line, or the end of the `Linux version` line. */
  readonly version?: string;
}

/** A name that git may know the source by. */
export interface Revision {
  readonly name: string;
  /** False if the kernel was built from it with changes: a distribution's patches, or what was not committed. */
  readonly exact: boolean;
}

const releaseNumbers = /^(\d{1,3})\.(\d{1,4})(?:\.(\d{1,4}))?(-rc\d{1,2})?/;
/** Debian's release has the number of its interface (`6.1.0-50`), its version that of the source. */
const debianVersion = /\bDebian (\d{1,3}\.\d{1,4}(?:\.\d{1,4})?)(?=[-~+])/;

/** `6.1.176`, `6.2-rc3`, `6.2`: as kernel.org's archives are called. */
export function upstreamVersion(origin: KernelOrigin): string | undefined {
  const debian = debianVersion.exec(origin.version ?? '')?.[1];
  if (debian !== undefined) return debian;
  const [, version, patchLevel, sublevel, candidate = ''] = releaseNumbers.exec(origin.release ?? '') ?? [];
  if (version === undefined) return undefined;
  const minor = sublevel === undefined || sublevel === '0' ? '' : `.${sublevel}`;
  return `${version}.${patchLevel}${minor}${candidate}`;
}

/** True if the third number of the version may be one of a distribution's own. */
function isVague({ release = '', version = '' }: KernelOrigin): boolean {
  return !debianVersion.test(version) && /^\d+\.\d+\.0-(?!rc\d+(?:$|-))/.test(release);
}

/**
 * What git may know the source by, the surest first: the commit that scripts/setlocalversion appends
 * (`-00123-gabcdef123456`), else the tag of the release. `-dirty`, and `+` for lack of a tag, say that there was more.
 */
export function revisionsOf(origin: KernelOrigin): readonly Revision[] {
  const { release = '' } = origin;
  const isDirty = /(?:-dirty|\+)$/.test(release);
  const commit = /-g([0-9a-f]{7,40})(?=$|[-+])/.exec(release)?.[1];
  const upstream = upstreamVersion(origin);
  const isPlain = /^\d+\.\d+(?:\.\d+)?(?:-rc\d+)?$/.test(release);
  return [
    ...(commit === undefined ? [] : [{ name: commit, exact: !isDirty }]),
    ...(upstream === undefined || commit !== undefined ? [] : [{ name: `v${upstream}`, exact: isPlain }]),
  ];
}

/** `6.1.176` of the variables that the kernel's Makefile begins with; undefined if it is no kernel's. */
export function makefileVersion(text: string): string | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name} = ?(\\S{0,32})$`, 'm').exec(text)?.[1];
  const [version, patchLevel, sublevel] = [value('VERSION'), value('PATCHLEVEL'), value('SUBLEVEL')];
  if (!/^\d+$/.test(version ?? '') || !/^\d+$/.test(patchLevel ?? '')) return undefined;
  const minor = sublevel === undefined || sublevel === '' || sublevel === '0' ? '' : `.${sublevel}`;
  const candidate = /^-rc\d+$/.exec(value('EXTRAVERSION') ?? '')?.[0] ?? '';
  return `${version}.${patchLevel}${minor}${candidate}`;
}

/** Whether a tree's version can be that of a kernel. */
export function isOfRelease(treeVersion: string, origin: KernelOrigin): boolean | undefined {
  const upstream = upstreamVersion(origin);
  if (upstream === undefined) return undefined;
  if (!isVague(origin)) return treeVersion === upstream;
  const series = /^\d+\.\d+/.exec(upstream)?.[0] ?? upstream;
  return treeVersion === series || treeVersion.startsWith(`${series}.`);
}
