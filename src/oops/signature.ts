import { createHash } from 'node:crypto';
import type { Culprit, Frame } from '../model/report.ts';
import { baseName, signatureName } from '../util/function-name.ts';
import { passRuleFor } from './culprit-rules/rules.ts';

/** Functions that go into a signature: more tell bugs apart better, fewer survive more differences of builds. */
const nameCount = 3;

/**
 * Thin wrappers that compilers inline or not and releases rename: one build's stack has them, the next one's has not.
 * fs/read_write.c, fs/ioctl.c, fs/open.c, fs/namei.c, net/socket.c.
 */
const thinWrappers: ReadonlySet<string> = new Set([
  'vfs_read',
  'vfs_write',
  'new_sync_read',
  'new_sync_write',
  'call_read_iter',
  'call_write_iter',
  'iter_readv_writev',
  'vfs_ioctl',
  'vfs_fsync',
  'vfs_fsync_range',
  'vfs_open',
  'dentry_open',
  'sock_sendmsg',
  'sock_sendmsg_nosec',
  'sock_recvmsg',
  'sock_recvmsg_nosec',
  'sock_release',
  'sock_close',
  'sock_write_iter',
  'sock_read_iter',
  'fput',
  'call_mmap',
  'mmap_file',
]);

/**
 * The signature of a report: 16 lower-case hex digits by which the same bug is known again on another build or
 * architecture, through whatever pipe its log came. Anyone can compute it:
 *
 * 1. Of the trap's frames take the reliable ones that have a function, from the culprit's frame on (the frame into which
 *    it is inlined, if it is; without a culprit there are none). Offsets, sizes, addresses, modules, sections and
 *    inlined functions do not count, so that a symbolized log and the bare one have the same signature.
 * 2. Make each name plain (`signatureName`): demangled, compiler suffixes (`.isra.0`, `.cold`) and padding prefixes
 *    (`__pfx_`) removed; every syscall wrapper (`__x64_sys_`, `__arm64_sys_`, `__se_sys_`, `__do_sys_`, `ksys_`,
 *    `__sys_` ...) becomes `sys_`; of other names leading underscores and then a `do_` are removed; Rust's closure
 *    numbers go.
 * 3. Leave out, except for the first one, what some rule of the culprit passes over (entry code, dispatch, locks,
 *    allocators ...) and thin wrappers of the VFS and of sockets.
 * 4. Collapse equal neighbours into one (`foo.part.0` called by `foo`; `foo` by `__foo`), and keep the first 3 names.
 * 5. Take the first 64 bits of the SHA-256 of the UTF-8 text `kind`, line feed, names joined by line feeds.
 *
 * Without names, the text is `kind`, line feed, `title:`, and the title with every number (decimal, or hex with `0x`)
 * replaced by `#`.
 *
 * It is a compromise: a function of the first three that one compiler inlined and the other did not changes the
 * signature, for a log does not tell; what lies further down does not.
 */
export function signatureOf(
  kind: string,
  frames: readonly Frame[],
  culprit: Culprit | undefined,
  title: string,
): string {
  const names = culprit === undefined ? [] : significantNames(kind, frames, culprit);
  const text = names.length > 0 ? names.join('\n') : `title:${title.replace(/0x[0-9a-f]+|\d+/gi, '#')}`;
  return createHash('sha256').update(`${kind}\n${text}`, 'utf8').digest('hex').slice(0, 16);
}

function significantNames(kind: string, frames: readonly Frame[], culprit: Culprit): readonly string[] {
  const start = frames.findIndex((frame) => frame.reliable && standsFor(frame, culprit.function));
  const names: string[] = [];
  for (const frame of frames.slice(Math.max(start, 0))) {
    if (!frame.reliable || frame.function === undefined) {
      continue;
    }
    const name = signatureName(frame.function);
    const significant =
      names.length === 0 || (passRuleFor(frame.function, kind) === undefined && !thinWrappers.has(name));
    if (significant && names.at(-1) !== name) {
      names.push(name);
    }
    if (names.length === nameCount) {
      break;
    }
  }
  return names;
}

function standsFor(frame: Frame, name: string): boolean {
  return (
    (frame.function !== undefined && baseName(frame.function) === name) ||
    frame.inlined?.some((inner) => baseName(inner.function) === name) === true
  );
}
