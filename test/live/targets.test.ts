import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waysOfProcess } from '../../src/live/targets/process-target.ts';
import { readQemuCommandLine } from '../../src/live/targets/qemu-command-line.ts';
import { parseTarget } from '../../src/live/targets/target.ts';
import { KtriageError } from '../../src/util/errors.ts';

const tcp = (port: number, host = '127.0.0.1') => ({ kind: 'tcp', host, port });
const unix = (path: string) => ({ kind: 'unix', path });

describe('parseTarget', () => {
  test.each([
    [':1234', { kind: 'gdb', endpoint: tcp(1234) }],
    ['1234', { kind: 'gdb', endpoint: tcp(1234) }],
    ['box:1234', { kind: 'gdb', endpoint: tcp(1234, 'box') }],
    ['[::1]:1234', { kind: 'gdb', endpoint: tcp(1234, '::1') }],
    ['/tmp/gdb', { kind: 'gdb', endpoint: unix('/tmp/gdb') }],
    ['gdb:box:1', { kind: 'gdb', endpoint: tcp(1, 'box') }],
    ['qmp:/tmp/qmp', { kind: 'qmp', endpoint: unix('/tmp/qmp') }],
    ['qmp:box:4444', { kind: 'qmp', endpoint: tcp(4444, 'box') }],
    ['libvirt:web 1', { kind: 'libvirt', domain: 'web 1' }],
    ['vng', { kind: 'vng' }],
    ['pid:42', { kind: 'process', id: 42 }],
    ['kgdb:/dev/ttyS0', { kind: 'kgdb', line: { kind: 'serial', path: '/dev/ttyS0' } }],
    ['kgdb:/dev/ttyUSB0,115200', { kind: 'kgdb', line: { kind: 'serial', path: '/dev/ttyUSB0', speed: 115_200 } }],
    ['kgdb:box:2000', { kind: 'kgdb', line: tcp(2000, 'box') }],
    ['kgdb:/tmp/console', { kind: 'kgdb', line: unix('/tmp/console') }],
  ])('takes %s', (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });

  test.each(['', 'foo', ':99999', 'pid:0', 'pid:x', 'libvirt:', 'libvirt:-a', 'qmp:', 'kgdb:/dev/ttyS0,7'])(
    'refuses %s',
    (text) => {
      expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'KT-LIVE-TARGET' }));
    },
  );

  test('refuses whatever else there is in no other way', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          return typeof parseTarget(text).kind === 'string';
        } catch (error) {
          return error instanceof KtriageError && error.code === 'KT-LIVE-TARGET';
        }
      }),
    );
  });
});

describe('readQemuCommandLine', () => {
  test.each<[string, object]>([
    ['-m 1G', {}],
    ['-s', { gdb: tcp(1234) }],
    ['-gdb tcp::1235', { gdb: tcp(1235) }],
    ['--gdb tcp:127.0.0.1:5,server=on,wait=off', { gdb: tcp(5) }],
    ['-gdb unix:/run/g,server,nowait', { gdb: unix('/run/g') }],
    ['-gdb tcp:0.0.0.0:7', { gdb: tcp(7) }],
    ['-gdb stdio', {}],
    ['-chardev socket,id=g,path=/g,server=on -gdb chardev:g', { gdb: unix('/g') }],
    ['-qmp unix:/run/q,server=on,wait=off', { qmp: unix('/run/q') }],
    ['-qmp-pretty tcp:localhost:4444,server', { qmp: tcp(4444, 'localhost') }],
    ['-mon chardev=q,mode=control -chardev socket,id=q,host=::1,port=4,server=on', { qmp: tcp(4, '::1') }],
    ['-chardev socket,id=h,path=/h,server=on -mon chardev=h,mode=readline', {}],
    ['-qmp unix:/a,,b,server=on', { qmp: unix('/a,b') }],
    ['-chardev socket,id=q,path=@x,abstract=on -mon chardev=q,mode=control', {}],
    ['-append -s -name guest=web1,debug-threads=on -s', { gdb: tcp(1234), name: 'web1' }],
    [
      '-name web2 -chardev socket,id=charmonitor,fd=21,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control',
      { name: 'web2', hasInheritedMonitor: true },
    ],
  ])('reads %s', (line, ways) => {
    expect(readQemuCommandLine(line.split(' '))).toEqual({ hasInheritedMonitor: false, ...ways });
  });

  test('reads anything', () => {
    const word = fc.oneof(
      fc.constantFrom(
        '-gdb',
        '-qmp',
        '-chardev',
        '-mon',
        '-name',
        '-s',
        'chardev:',
        'socket,id=a,path=/a',
        ',,,=',
        '-',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => typeof readQemuCommandLine(words).hasInheritedMonitor === 'boolean'),
    );
  });
});

describe('waysOfProcess', () => {
  let proc: string;
  const add = (id: number, words: readonly string[], exe = '/usr/bin/qemu-system-x86_64', root = '/'): void => {
    mkdirSync(join(proc, `${id}`));
    writeFileSync(join(proc, `${id}`, 'cmdline'), `${words.join('\0')}\0`);
    symlinkSync(exe, join(proc, `${id}`, 'exe'));
    symlinkSync('/srv/guests', join(proc, `${id}`, 'cwd'));
    symlinkSync(root, join(proc, `${id}`, 'root'));
  };
  beforeAll(() => {
    proc = mkdtempSync(join(tmpdir(), 'ktriage-proc-'));
  });
  afterAll(() => rmSync(proc, { recursive: true, force: true }));

  test('finds sockets where QEMU made them', () => {
    add(1, ['qemu-system-x86_64', '-gdb', 'unix:g,server', '-qmp', 'tcp::4444,server']);
    expect(waysOfProcess(1, proc)).toMatchObject({ gdb: unix('/srv/guests/g'), qmp: tcp(4444) });
  });

  test('finds sockets of a container below its root', () => {
    const root = join(proc, 'container');
    mkdirSync(join(root, 'run'), { recursive: true });
    writeFileSync(join(root, 'run', 'q'), '');
    add(2, ['/usr/libexec/qemu-kvm', '-qmp', 'unix:/run/q,server'], '/usr/libexec/qemu-kvm (deleted)', root);
    expect(waysOfProcess(2, proc).qmp).toEqual(unix(`${proc}/2/root/run/q`));
  });

  test.each([
    [3, ['bash', '-s'], '/bin/bash', /it runs bash, not QEMU/],
    [4, ['qemu-system-aarch64', '-m', '1'], '/usr/bin/qemu-system-aarch64', /neither a gdbstub/],
    [
      5,
      ['qemu', '-name', 'a', '-chardev', 'socket,id=m,fd=9', '-mon', 'chardev=m,mode=control'],
      '/usr/bin/qemu-system-x86_64',
      /looks like libvirt/,
    ],
  ] as const)('says why it cannot use process %i', (id, words, exe, why) => {
    add(id, words, exe);
    expect(() => waysOfProcess(id, proc)).toThrow(
      expect.objectContaining({ code: 'KT-LIVE-PROCESS', why: expect.stringMatching(why) }),
    );
  });

  test('says that there is no such process', () => {
    expect(() => waysOfProcess(99, proc)).toThrow(expect.objectContaining({ code: 'KT-LIVE-PROCESS' }));
  });
});
