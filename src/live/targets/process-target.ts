import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Endpoint } from '../../io/socket.ts';
import { KtriageError } from '../../util/errors.ts';
import { type QemuWays, readQemuCommandLine } from './qemu-command-line.ts';

/** Programs that are QEMU system emulators, by their names in distributions. */
const qemuNames = /^(?:qemu-system-[\w-]+|qemu-kvm|kvm|qemu)$/;

function unusable(id: number, why: string, hint: string): KtriageError {
  return new KtriageError('KT-LIVE-PROCESS', `cannot reach a guest through process ${id}`, why, hint);
}

/**
 * How the guest of a QEMU that runs here is reached, by its command line. Paths of sockets are made absolute; of a QEMU
 * in a container they are found below its root.
 * @param proc where /proc is.
 * @throws KtriageError KT-LIVE-PROCESS.
 */
export function waysOfProcess(id: number, proc = '/proc'): QemuWays {
  const folder = `${proc}/${id}`;
  let words: string[];
  try {
    words = readFileSync(`${folder}/cmdline`, 'latin1').split('\0');
  } catch {
    throw unusable(id, 'there is no such process, or it is of another user', 'pgrep -a qemu lists them');
  }
  const names = [basename(words[0] ?? ''), basename(linkOf(`${folder}/exe`) ?? '')];
  if (!names.some((name) => qemuNames.test(name.replace(/ \(deleted\)$/, ''))))
    throw unusable(
      id,
      `it runs ${names[0] === '' ? 'a kernel thread' : names[0]}, not QEMU`,
      'pgrep -a qemu lists them',
    );
  const ways = readQemuCommandLine(words.slice(1));
  if (ways.gdb === undefined && ways.qmp === undefined) throw noWay(id, ways);
  const root = linkOf(`${folder}/root`) ?? '/';
  const cwd = linkOf(`${folder}/cwd`) ?? '/';
  const seen = (endpoint: Endpoint): Endpoint => {
    if (endpoint.kind !== 'unix') return endpoint;
    const path = resolve(cwd, endpoint.path);
    return { kind: 'unix', path: root !== '/' || !existsSync(path) ? inRoot(folder, path) : path };
  };
  return {
    ...ways,
    ...(ways.gdb !== undefined && { gdb: seen(ways.gdb) }),
    ...(ways.qmp !== undefined && { qmp: seen(ways.qmp) }),
  };
}

function inRoot(folder: string, path: string): string {
  const below = `${folder}/root${path}`;
  return existsSync(below) ? below : path;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function noWay(id: number, { name, hasInheritedMonitor }: QemuWays): KtriageError {
  if (hasInheritedMonitor)
    return unusable(
      id,
      'its monitor belongs to who started it, which looks like libvirt',
      `ktriage live libvirt:${name ?? 'DOMAIN'}`,
    );
  return unusable(
    id,
    'it has neither a gdbstub (-gdb, -s) nor a QMP monitor on a socket (-qmp, -mon)',
    'type gdbserver at its monitor, or start the guest with -s or -qmp unix:FILE,server=on,wait=off',
  );
}

/** Processes that are looked at. */
const mostProcesses = 65_536;

/** QEMUs of this machine that can be attached to, as targets. Those of other users may be missing. */
export function reachableProcesses(proc = '/proc'): string[] {
  const ids = readdirSync(proc).filter((name) => /^[1-9]\d{0,9}$/.test(name));
  return ids.slice(0, mostProcesses).flatMap((id) => {
    try {
      waysOfProcess(Number(id), proc);
      return [`pid:${id}`];
    } catch {
      return [];
    }
  });
}
