import { describe, expect, test } from 'vitest';
import { GdbClient, type GdbOptions } from '../../src/machine/gdb/client.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { type Answer, memoryAt, packet, qemuLike, ScriptedStub } from './stub.ts';

const thread = { text: 'p01.01', process: 1n, thread: 1n };

function attach(stub: ScriptedStub, options: Partial<GdbOptions> = {}): Promise<GdbClient> {
  return GdbClient.open(stub.line, { peer: 'stub', timeoutMilliseconds: 5000, ...options });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return error instanceof KtriageError ? error.code : String(error);
  }
}

describe('attaching', () => {
  test('a stub that stops its guest says so before anything else', async () => {
    const stub = qemuLike((request, self) => {
      if (request.startsWith('qSupported')) self.send(packet('T02thread:01;'));
      return 'default';
    });
    const client = await attach(stub);
    expect(client.wasRunning).toBe(true);
    expect(client.features).toMatchObject({ packetSize: 4096, hasMultiprocess: true });
    expect(await client.threads()).toEqual([thread]);
    expect(await client.threadText(thread)).toBe('CPU#0 [halted ]');
    await client.close('running');
    expect(stub.requests.at(-1)).toBe('D;1');
    expect(stub.isEnded).toBe(true);
  });

  test('one whose guest stood still does not', async () => {
    const client = await attach(qemuLike());
    expect(client.wasRunning).toBeUndefined();
    await client.close('stopped');
  });

  test('acknowledgements end where that is agreed', async () => {
    const stub = qemuLike((request, self) => {
      if (request.startsWith('qSupported')) return 'PacketSize=400;QStartNoAckMode+';
      if (request !== 'QStartNoAckMode') return 'default';
      setImmediate(() => {
        self.doesAcknowledge = false;
      });
      return 'OK';
    });
    const client = await attach(stub);
    const before = stub.acknowledgements;
    expect(await client.readMemory(thread, 0x1000n, 2000)).toEqual(memoryAt(0x1000n, 2000));
    expect(stub.acknowledgements - before).toBeLessThan(2);
    await client.close('running');
    expect(stub.requests.at(-1)).toBe('D');
  });

  test.each<[string, (request: string) => Answer | 'default', string]>([
    ['never answers', () => undefined, 'KT-GDB-TIMEOUT'],
    ['answers garbage', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'KT-GDB-TIMEOUT'],
    ['answers garbage without end', () => Buffer.alloc(3_000_000, 'x'), 'KT-GDB-GARBLED'],
    ['sends a packet without end', () => Buffer.alloc(3_000_000, '$x'.slice(0, 1)), 'KT-GDB-GARBLED'],
    ['damages what it sends, again and again', () => Buffer.from('$OK#00'.repeat(5)), 'KT-GDB-GARBLED'],
    ['refuses everything', () => 'E01', 'KT-GDB-REFUSED'],
    ['has no guest any more', (request) => (request === '?' ? 'W00' : 'default'), 'KT-GDB-STATE'],
    ['cuts a packet', (request) => (request === '?' ? Buffer.from('$T05thr') : 'default'), 'KT-GDB-TIMEOUT'],
    ['complains about every packet', () => Buffer.from('----'), 'KT-GDB-GARBLED'],
  ])('a stub that %s: %s', async (_, answer, code) => {
    const stub = qemuLike(answer);
    const started = performance.now();
    expect(await codeOf(attach(stub, { timeoutMilliseconds: 300 }))).toBe(code);
    expect(performance.now() - started).toBeLessThan(10_000);
    // Whatever happened, the guest is asked to run on.
    expect(stub.received).toMatch(/\+\$D(?:;1#b0|#44)$/);
    expect(stub.line.destroyed).toBe(true);
  });

  test('a stub that dies', async () => {
    const stub = qemuLike((request, self) => {
      if (request !== '?') return 'default';
      self.die();
      return undefined;
    });
    expect(await codeOf(attach(stub))).toBe('KT-GDB-CLOSED');
  });

  test('is given up at a signal, and the guest left as it was', async () => {
    const stub = qemuLike((request) => (request === '?' ? undefined : 'default'));
    const abort = new AbortController();
    const attaching = attach(stub, { signal: abort.signal, timeoutMilliseconds: 60_000 });
    setTimeout(() => abort.abort(new Error('stop it')), 20);
    expect(await codeOf(attaching)).toBe('Error: stop it');
    expect(stub.received).toContain('$D;1#b0');
  });

  test('a stub that describes itself in pieces without end', async () => {
    const stub = qemuLike((request) => {
      if (request.startsWith('qSupported')) return 'PacketSize=100000;qXfer:features:read+';
      return request.startsWith('qXfer') ? `m${'<'.repeat(900_000)}` : 'default';
    });
    expect(await codeOf(attach(stub, { timeoutMilliseconds: 5000 }))).toBe('KT-GDB-GARBLED');
  });

  test('a list of threads in a circle has an end', async () => {
    const client = await attach(qemuLike((request) => (request === 'qsThreadInfo' ? 'm1,2' : 'default')));
    expect((await client.threads()).map(({ text }) => text)).toEqual(['p01.01', '1', '2']);
    await client.close('running');
  });

  test('a stub without lists has one thread', async () => {
    const client = await attach(qemuLike((request) => (request === 'qfThreadInfo' ? '' : 'default')));
    expect((await client.threads()).map(({ text }) => text)).toEqual(['1']);
    await client.close('running');
  });
});

describe('reading', () => {
  test('registers of two threads at once, of which some are asked for one by one', async () => {
    const names = [...Array.from({ length: 31 }, (_, nth) => `x${nth}`), 'sp', 'pc'];
    const registers = names.map((name) => `<reg name="${name}" bitsize="64"/>`).join('');
    const system = '<reg name="TPIDR_EL1" bitsize="64" regnum="100"/>';
    const features = `<feature name="core">${registers}<reg name="cpsr" bitsize="32"/>${system}</feature>`;
    const xml = `<?xml version="1.0"?><target><architecture>aarch64</architecture>${features}</target>`;
    let selected = 0;
    const stub = qemuLike((request) => {
      if (request.startsWith('qSupported')) return 'PacketSize=10000;qXfer:features:read+;multiprocess+';
      if (request.startsWith('qXfer:features:read:target.xml:')) return `l${xml}`;
      if (request.startsWith('Hgp01.')) selected = Number.parseInt(request.slice(6), 16);
      if (request === 'g') return `0${selected}`.padEnd(268 * 2, '0');
      return request === 'p64' ? `0${selected}`.padEnd(16, '0') : 'default';
    });
    const client = await attach(stub);
    const threads = [1n, 2n, 3n].map((number) => ({ text: `p01.0${number}`, process: 1n, thread: number }));
    const values = await Promise.all(threads.map((each) => client.registers(each)));
    expect(values.map((each) => [each.get('x0'), each.get('TPIDR_EL1')])).toEqual([
      [1n, 1n],
      [2n, 2n],
      [3n, 3n],
    ]);
    await client.close('running');
  });

  test('registers', async () => {
    const client = await attach(qemuLike());
    const values = await client.registers(thread);
    expect(values.get('rax')).toBe(1n);
    expect(values.get('rip')).toBe(17n);
    expect(values.get('gs')).toBe(24n);
    expect(values.size).toBe(24);
    await client.close('running');
  });

  test('registers in run lengths, described ones asked for one by one', async () => {
    const stub = qemuLike((request) => {
      if (request.startsWith('qSupported')) return 'PacketSize=400;qXfer:features:read+';
      if (request.startsWith('qXfer:features:read:target.xml:0,'))
        return 'l<target><architecture>aarch64</architecture><feature name="f"><reg name="pc" bitsize="64"/><reg name="SP_EL0" bitsize="64" regnum="40"/><reg name="v0" bitsize="128"/><reg name="gone" bitsize="64"/></feature></target>';
      if (request === 'g') return "80*'ffff";
      if (request === 'p28') return '00000080ffffffff';
      return request === 'p2a' ? 'E14' : 'default';
    });
    const client = await attach(stub);
    expect([...(await client.registers(thread))]).toEqual([
      ['pc', 0xffff000000000080n],
      ['SP_EL0', 0xffffffff80000000n],
    ]);
    // The second time it is known how far the packet goes.
    expect((await client.registers(thread, (name) => name !== 'SP_EL0')).size).toBe(1);
    expect(stub.requests.filter((request) => request === 'p28')).toHaveLength(1);
    expect(stub.requests.filter((request) => request === 'p29')).toHaveLength(0);
    await client.close('running');
  });

  test('a register packet that fits nothing', async () => {
    const client = await attach(qemuLike((request) => (request === 'g' ? '00112233' : 'default')));
    expect(await codeOf(client.registers(thread))).toBe('KT-GDB-GARBLED');
    expect(await client.readMemory(thread, 0x1000n, 4)).toBeDefined();
    await client.close('running');
  });

  test('a thread that is not there', async () => {
    const client = await attach(qemuLike((request) => (request.startsWith('Hgp01.07') ? 'E22' : 'default')));
    const gone = { text: 'p01.07', thread: 7n };
    expect(await codeOf(client.registers(gone))).toBe('KT-GDB-REFUSED');
    expect(await codeOf(client.readMemory(gone, 0x1000n, 4))).toBe('KT-GDB-REFUSED');
    expect(await client.readMemory(thread, 0x1000n, 4)).toEqual(memoryAt(0x1000n, 4));
    await client.close('running');
  });

  test('memory of any size, many reads at once, both kinds of addresses', async () => {
    const stub = qemuLike();
    const client = await attach(stub);
    const reads = Array.from({ length: 300 }, (_, i) => {
      const address = 0x10000n + BigInt(i * 997);
      return i % 3 === 0 ? client.readPhysical(address, i * 13) : client.readMemory(thread, address, i * 13);
    });
    for (const [i, bytes] of (await Promise.all(reads)).entries())
      expect(bytes).toEqual(memoryAt(0x10000n + BigInt(i * 997) + (i % 3 === 0 ? 1n : 0n), i * 13));
    await client.readPhysical(0n, 8);
    await client.close('running');
    expect(stub.requests.slice(-2)).toEqual(['Qqemu.PhyMemMode:0', 'D;1']);
  });

  test('memory that is not there', async () => {
    const client = await attach(qemuLike());
    expect(await client.readMemory(thread, 0n, 8)).toBeUndefined();
    expect(await client.readMemory(thread, 0n, 8192)).toBeUndefined();
    expect(await client.readMemory(thread, 0xfffffffffffffff8n, 16)).toBeUndefined();
    expect(await client.readMemory(thread, -8n, 4)).toBeUndefined();
    expect(await client.readMemory(thread, 0x1000n, 2 ** 40)).toBeUndefined();
    expect(await client.readMemory(thread, 0x1000n, 0)).toHaveLength(0);
    expect(await client.readMemory(thread, 0xfffffffffffffff8n, 8)).toHaveLength(8);
    await client.close('running');
  });

  test('memory of which a stub gives as much as it likes', async () => {
    const stub = qemuLike((request) => {
      const match = /^m([0-9a-f]+),([0-9a-f]+)$/.exec(request);
      if (match === null) return 'default';
      return memoryAt(BigInt(`0x${match[1]}`), Math.min(3, Number.parseInt(match[2] ?? '', 16)))?.toString('hex');
    });
    const client = await attach(stub);
    expect(await client.readMemory(thread, 0x1000n, 100)).toEqual(memoryAt(0x1000n, 100));
    await client.close('running');
  });

  test.each([
    ['more than was asked for', '00'.repeat(9)],
    ['half a byte', '000'],
    ['no digits', 'zz'],
    ['text', 'hello, world'],
  ])('memory that is %s', async (_, answer) => {
    const client = await attach(qemuLike((request) => (request.startsWith('m') ? answer : 'default')));
    expect(await codeOf(client.readMemory(thread, 0x1000n, 8))).toBe('KT-GDB-GARBLED');
    await client.close('running');
  });

  test('memory in binary', async () => {
    const bytes = packet(Buffer.from('b}\x03}\x04}\x5d}\x0aabcd', 'latin1'));
    const framed = await attach(
      qemuLike((request) => {
        if (request.startsWith('qSupported')) return 'PacketSize=400;binary-upload+';
        if (request === 'x1000,8') return bytes;
        return request === 'x0,8' ? 'E01' : 'default';
      }),
    );
    expect((await framed.readMemory(thread, 0x1000n, 8))?.toString('latin1')).toBe('#$}*abcd');
    expect(await framed.readMemory(thread, 0n, 8)).toBeUndefined();
    await framed.close('running');
  });

  test('a monitor', async () => {
    const hex = (text: string): string => Buffer.from(text).toString('hex');
    const client = await attach(
      qemuLike((request) => {
        if (request === `qRcmd,${hex('info status')}`) return [`O${hex('VM status: ')}`, `O${hex('paused\r\n')}`, 'OK'];
        if (request === `qRcmd,${hex('short')}`) return hex('at once');
        return request === `qRcmd,${hex('wrong')}` ? 'E22' : 'default';
      }),
    );
    expect(await client.monitor('info status')).toBe('VM status: paused\r\n');
    expect(await client.monitor('short')).toBe('at once');
    expect(await codeOf(client.monitor('wrong'))).toBe('KT-GDB-REFUSED');
    expect(await codeOf(client.monitor('unknown'))).toBe('KT-GDB-UNSUPPORTED');
    await client.close('running');
  });

  test('a monitor that never stops', async () => {
    const line = packet(`O${'61'.repeat(500_000)}`);
    const stub = qemuLike((request) =>
      request.startsWith('qRcmd') ? Array.from({ length: 20 }, () => line) : 'default',
    );
    const client = await attach(stub);
    expect(await codeOf(client.monitor('info all'))).toBe('KT-GDB-GARBLED');
    await client.close('running');
  });

  test('what is asked of a stub that hangs fails, all of it', async () => {
    const stub = qemuLike((request) => (request.startsWith('m3000') ? undefined : 'default'));
    const client = await attach(stub, { timeoutMilliseconds: 500 });
    const codes = await Promise.all(
      [0x1000n, 0x2000n, 0x3000n].map((address) => codeOf(client.readMemory(thread, address, 8))),
    );
    expect(codes).toEqual(['no error', 'no error', 'KT-GDB-TIMEOUT']);
    expect(await codeOf(client.threads())).toBe('KT-GDB-TIMEOUT');
    await client.close('running');
    expect(stub.received.endsWith('+$D;1#b0')).toBe(true);
  });
});

describe('a line that loses bytes', () => {
  const lossy = { isLossy: true, timeoutMilliseconds: 50 };

  test('answers that are damaged or lost are sent again', async () => {
    let count = 0;
    let last: Buffer = Buffer.alloc(0);
    const stub: ScriptedStub = new ScriptedStub((request) => {
      count++;
      if (request === '?') last = packet('S05');
      else if (request.startsWith('m')) last = packet('11223344');
      else last = packet('');
      // Every third answer loses a byte, every fourth is lost.
      if (count % 4 === 3) return undefined;
      return count % 3 === 0 ? last.subarray(1) : last;
    });
    const again = setInterval(() => {
      const complaints = stub.received.split('-').length - 1;
      if (complaints <= answered) return;
      answered = complaints;
      stub.send(last);
    }, 5);
    let answered = 0;
    const client = await attach(stub, lossy);
    for (let i = 0; i < 10; i++) expect(await client.readMemory({ text: '1', thread: 1n }, 0x1000n, 4)).toHaveLength(4);
    clearInterval(again);
    await client.close('stopped');
  });

  test('one that is dead is given up', async () => {
    const stub = new ScriptedStub(() => undefined);
    expect(await codeOf(attach(stub, lossy))).toBe('KT-GDB-TIMEOUT');
    expect(stub.received.split('-').length).toBeGreaterThan(2);
  });
});

describe('running', () => {
  test('till it stops by itself', async () => {
    const stub = qemuLike((request) => (request === 'vCont;c' ? 'T05thread:p01.01;hwbreak:;' : 'default'));
    const client = await attach(stub);
    expect(await client.insertBreakpoint('execute', 0xffffffff81000000n)).toBe(true);
    expect(await client.insertBreakpoint('write', 0x2000n, 8)).toBe(true);
    const { stopped } = await client.resume();
    expect(await stopped).toEqual({ kind: 'signal', signal: 5, thread: 'p01.01', reason: 'hwbreak' });
    expect(client.isRunning).toBe(false);
    await client.removeBreakpoint('write', 0x2000n, 8);
    await client.close('running');
    expect(stub.requests.slice(-3)).toEqual(['z2,2000,8', 'z1,ffffffff81000000,1', 'D;1']);
  });

  test('till it is stopped; nothing can be asked meanwhile', async () => {
    const client = await attach(qemuLike());
    const { stopped } = await client.resume();
    expect(client.isRunning).toBe(true);
    expect(await codeOf(client.readMemory(thread, 0x1000n, 8))).toBe('KT-GDB-STATE');
    await client.interrupt();
    expect((await stopped).kind).toBe('signal');
    expect(await client.readMemory(thread, 0x1000n, 8)).toHaveLength(8);
    await client.close('running');
  });

  test('what is under way is answered before it goes', async () => {
    const stub = qemuLike();
    const client = await attach(stub);
    const reads = Promise.all(
      Array.from({ length: 50 }, (_, i) => client.readMemory(thread, BigInt(0x1000 * (i + 1)), 64)),
    );
    const { stopped } = await client.resume();
    expect((await reads).every((bytes) => bytes?.length === 64)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Every answer is acknowledged before: what comes when the guest runs stops it.
    expect(stub.received.endsWith('vCont;c#a8')).toBe(true);
    await client.interrupt();
    await stopped;
    await client.close('running');
  });

  test('a guest that runs is stopped to be detached from, and runs on', async () => {
    const stub = qemuLike();
    const client = await attach(stub);
    await client.insertBreakpoint('execute', 0x1000n);
    const { stopped } = await client.resume();
    stopped.catch(() => undefined);
    await client.close('running');
    expect(stub.received).toMatch(/\x03\+?\$z1,1000,1#\w\w\+\$D;1#b0$/);
  });

  test('the same after a signal', async () => {
    const stub = qemuLike();
    const abort = new AbortController();
    const client = await attach(stub, { signal: abort.signal });
    const { stopped } = await client.resume();
    abort.abort(new Error('stop it'));
    expect(await codeOf(stopped)).toBe('Error: stop it');
    await client.close('running');
    expect(stub.received).toMatch(/\x03\+?\$D;1#b0$/);
  });

  test('a signal while much is being read', async () => {
    const stub = qemuLike();
    const abort = new AbortController();
    const client = await attach(stub, { signal: abort.signal });
    const codes = Promise.all(
      Array.from({ length: 20 }, (_, i) => codeOf(client.readPhysical(BigInt(0x100000 * (i + 1)), 65_536))),
    );
    setImmediate(() => abort.abort(new Error('stop it')));
    expect(new Set(await codes)).toEqual(new Set(['Error: stop it']));
    await client.close('running');
    expect(stub.requests.slice(-2)).toEqual(['Qqemu.PhyMemMode:0', 'D;1']);
    // The answer to the last one is not acknowledged: the guest runs by then.
    expect(stub.received.endsWith('$D;1#b0')).toBe(true);
    expect(await codeOf(client.threads())).toBe('KT-GDB-STATE');
  });

  test('nothing is left to wait for where the process ends', async () => {
    const stub = qemuLike();
    const client = await attach(stub);
    await client.readPhysical(0x1000n, 8);
    client.abandon('running');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stub.requests.slice(-2)).toEqual(['Qqemu.PhyMemMode:0', 'D;1']);
  });

  test('closing is bounded, and what it has to say is said', async () => {
    const stub = qemuLike((request) => (request.startsWith('D') ? undefined : 'default'));
    const client = await attach(stub);
    const started = performance.now();
    await client.close('running');
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(stub.requests.slice(-2)).toEqual(['D;1', 'D;1']);
  });
});

test('nothing is ever written', async () => {
  const stub = qemuLike();
  const client = await attach(stub);
  await Promise.all([
    client.registers(thread),
    client.readMemory(thread, 0x1000n, 9),
    client.readPhysical(0n, 9),
    client.threads(),
  ]);
  await client.step(thread);
  await client.close('running');
  expect(stub.requests.filter((request) => /^[MXGPk]|^Z0|^vFlash|^vKill|^R|^r/.test(request))).toEqual([]);
});
