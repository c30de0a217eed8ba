import { describe, expect, test } from 'vitest';
import { gdbServerOf } from '../../src/live/targets/gdb-server.ts';
import { leaveMonitor, type Monitor, refusedByMonitor } from '../../src/machine/qmp/monitor.ts';

/** A QEMU that starts and stops its stub, and remembers what it was told. */
function fakeQemu(device?: string, refuses: (command: string) => boolean = () => false) {
  const told: string[] = [];
  let stub = device;
  const monitor: Monitor = {
    peer: 'fake',
    async execute(command, parameters) {
      if (command === 'query-chardev')
        return [
          { label: 'serial0', filename: 'pty:/dev/pts/3' },
          ...(stub === undefined ? [] : [{ label: 'gdb', filename: stub }]),
        ];
      const line = String(parameters?.['command-line'] ?? command);
      told.push(line);
      if (refuses(line)) throw refusedByMonitor('fake', line, 'no');
      if (line === 'gdbserver none') {
        stub = undefined;
        return 'Disabled gdbserver\r\n';
      }
      if (line.startsWith('gdbserver ')) {
        stub = `disconnected:${line.slice(10).replace(':0', ':38957').replace(',wait=off', '')}`;
        return `Waiting for gdb connection on device '${line.slice(10)}'\r\n`;
      }
      return '';
    },
    forgive: () => undefined,
    close: async () => void told.push('closed'),
  };
  return { monitor, told };
}

describe('gdbServerOf', () => {
  test('takes the stub that is there, and leaves it', async () => {
    const { monitor, told } = fakeQemu('disconnected:tcp:0.0.0.0:1234,server=on');
    const server = await gdbServerOf(monitor, 'local', () => true);
    expect(server.endpoint).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 1234 });
    await server.monitor.close();
    expect(told).toEqual(['closed']);
  });

  // As QEMU 7.2 has them.
  test.each(['tcp:127.0.0.1:1234,server=on <-> 127.0.0.1:40000', 'unix:/tmp/a.gdb,server=on'])(
    'says that somebody else is attached: %s',
    async (device) => {
      const { monitor } = fakeQemu(device);
      await expect(gdbServerOf(monitor, 'local', () => true)).rejects.toMatchObject({ code: 'KT-LIVE-BUSY' });
    },
  );

  test('starts one on a socket, and stops it once', async () => {
    const { monitor, told } = fakeQemu();
    const server = await gdbServerOf(monitor, 'local', () => true);
    expect(server.endpoint.kind).toBe('unix');
    await Promise.all([server.monitor.close(), server.monitor.close()]);
    expect(told).toEqual([
      expect.stringMatching(/^gdbserver unix:.*ktriage-.*\.gdb,server=on,wait=off$/),
      'gdbserver none',
      'closed',
    ]);
  });

  test('stops the stub before the guest is let go, as whoever waits for it would stop that', async () => {
    const { monitor, told } = fakeQemu();
    const { monitor: stopping } = await gdbServerOf(monitor, 'local', () => true);
    await leaveMonitor(stopping, true);
    expect(told.slice(1)).toEqual(['gdbserver none', 'query-status', 'closed']);
  });

  test('starts one on a port where it may not use the socket', async () => {
    const { monitor } = fakeQemu();
    const server = await gdbServerOf(monitor, 'local', (endpoint) => endpoint.kind !== 'unix');
    expect(server.endpoint).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 38_957 });
  });

  test('starts one on a port where QEMU refuses the socket', async () => {
    const { monitor } = fakeQemu(undefined, (line) => line.includes('unix:'));
    expect((await gdbServerOf(monitor, 'local', () => true)).endpoint.kind).toBe('tcp');
  });

  test('starts one at the monitor\u2019s host', async () => {
    const { monitor } = fakeQemu();
    const server = await gdbServerOf(monitor, '10.0.0.7', () => true);
    expect(server.endpoint).toEqual({ kind: 'tcp', host: '10.0.0.7', port: 38_957 });
  });
});
