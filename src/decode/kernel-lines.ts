import { parseCommLine } from '../oops/extract/task.ts';
import type { KernelIdentity } from '../symbols/match.ts';
import { utf8 } from '../util/text.ts';

/** Every line that says something of the kernel has one of these. */
export const kernelTexts: readonly string[] = ['Linux version ', 'ainted', 'Kernel Offset: ', 'ommand line: '];

/** What a line says of the kernel that printed it. */
export type KernelFact =
  /** A boot begins. */
  | { readonly type: 'boot'; readonly identity: KernelIdentity }
  /** A report's line names the kernel. */
  | { readonly type: 'running'; readonly identity: KernelIdentity }
  /** How far the kernel was moved. */
  | { readonly type: 'kaslr'; readonly offset: bigint };

// init/version.c: "Linux version 6.1.0 (builder) (compiler) #1 SMP ...". Others write about versions, without all that.
const banner = /Linux version (\d\S{0,127}) \(.{1,2048}\) #\d.{0,512}/;
// Where lines begin that parseCommLine() reads: lib/dump_stack.c, lockdep's, kernel/hung_task.c.
const beginnings =
  /CPU: \d{1,5} (?:UID: \d{1,10} )?PID: |Pid: \d|(?<![\w.])\d{1,2}\.\d{1,3}\S{0,100} #\d| {6}(?:Not t|T)ainted/g;
const maxBeginnings = 8;
// arch/x86/kernel/setup.c dump_kernel_offset(), arch/arm64/kernel/setup.c and others
const kernelOffset = /Kernel Offset: (?:(disabled)|0x([0-9a-f]{1,16}) from )/;
const notMoved = /ommand line: (?:.{0,4096} )?nokaslr(?:\s|$)/;
const plainRelease = /^\d[\w.+~-]{0,127}$/;

/** Reads a line with one of `kernelTexts` in it; `text` has a char per byte. */
export function kernelFact(text: string): KernelFact | undefined {
  const begins = banner.exec(text);
  if (begins !== null)
    return { type: 'boot', identity: { release: begins[1] ?? '', banner: utf8(begins[0]).trimEnd() } };
  const moved = kernelOffset.exec(text);
  if (moved !== null) return { type: 'kaslr', offset: moved[1] === undefined ? BigInt(`0x${moved[2] ?? '0'}`) : 0n };
  if (notMoved.test(text)) return { type: 'kaslr', offset: 0n };
  const identity = text.includes('ainted') ? runningKernel(text.trimEnd()) : undefined;
  return identity === undefined ? undefined : { type: 'running', identity };
}

function runningKernel(text: string): KernelIdentity | undefined {
  let left = maxBeginnings;
  for (const { index } of text.matchAll(beginnings)) {
    if (left-- === 0) return undefined;
    const { release, version, buildId } = parseCommLine(text.slice(index))?.kernel ?? {};
    // Lines of two CPUs get mixed: a release that is cut short would be another kernel's.
    if (release === undefined || version?.startsWith('#') !== true || !plainRelease.test(release)) continue;
    return { release, version, ...(buildId !== undefined && { buildId }) };
  }
  return undefined;
}

/** The build's number, `#1`. */
const buildNumber = (version: string | undefined): string | undefined => /#\d+/.exec(version ?? '')?.[0];

/**
 * What is known of a kernel when one of its lines says more; undefined if that line is of another kernel.
 */
export function sameKernel(known: KernelIdentity, told: KernelIdentity): KernelIdentity | undefined {
  if (known.release !== told.release) return undefined;
  const number = buildNumber(told.version);
  // Of the banner the last number sign is the build's: compilers have them as well.
  const before = known.version ?? known.banner?.slice(known.banner.lastIndexOf('#'));
  if (before !== undefined && number !== undefined && buildNumber(before) !== number) return undefined;
  if (known.buildId !== undefined && told.buildId !== undefined && known.buildId !== told.buildId) return undefined;
  // The first line's words are as good as the next one's; a build ID is more.
  return {
    ...told,
    ...known,
    ...(told.buildId !== undefined && { buildId: told.buildId }),
  };
}
