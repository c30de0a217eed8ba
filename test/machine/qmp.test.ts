import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QmpClient, type QmpOptions } from '../../src/machine/qmp/client.ts';
import { examine, parseWords } from '../../src/machine/qmp/examine.ts';
import { parseInfoRegisters } from '../../src/machine/qmp/info-registers.ts';
import { type JsonEvent, JsonStream } from '../../src/machine/qmp/json-stream.ts';
import { isMemory, parseMemoryMap } from '../../src/machine/qmp/memory-map.ts';
import { humanCommand, queryCpus, queryStatus, startGdbServer } from '../../src/machine/qmp/monitor.ts';
import { member } from '../../src/machine/qmp/values.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { linePair } from './stub.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}';

interface Peer {
  readonly received: string[];
  readonly open: (options?: Partial<QmpOptions>) => Promise<QmpClient>;
}

/** A monitor: the greeting, and whatever bytes it has for a command. `undefined` is no answer. */
function peer(answer: (command: string, id: string) => string | undefined, first: string = greeting): Peer {
  const [near, far] = linePair();
  const received: string[] = [];
  far.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
      received.push(line);
      const { execute = '', id = '' } = JSON.parse(line) as { execute?: string; id?: string };
      const text = answer(execute, id);
      if (text !== undefined && !far.destroyed) far.write(text);
    }
  });
  far.on('end', () => far.end());
  far.write(`${first}\r\n`);
  return {
    received,
    open: (options = {}) => QmpClient.open(near, { peer: 'monitor', timeoutMilliseconds: 5000, ...options }),
  };
}

const answers =
  (returns: Readonly<Record<string, unknown>>) =>
  (command: string, id: string): string => {
    if (command === 'qmp_capabilities') return `{"return": {}, "id": "${id}"}\r\n`;
    return command in returns
      ? `${JSON.stringify({ return: returns[command], id })}\r\n`
      : `{"id": "${id}", "error": {"class": "CommandNotFound", "desc": "The command ${command} has not been found"}}\r\n`;
  };

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return error instanceof KtriageError ? error.code : String(error);
  }
}

describe('a monitor', () => {
  test('answers', async () => {
    const { open } = peer(
      answers({
        'query-status': { status: 'running', singlestep: false, running: true },
        'query-cpus-fast': [
          { 'thread-id': 17, 'cpu-index': 0, target: 'x86_64' },
          { 'cpu-index': 1, target: 'x86_64' },
          5,
        ],
        'human-monitor-command': 'VM status: running\r\n',
      }),
    );
    const client = await open();
    expect(client.version).toBe('7.2.22');
    expect(await queryStatus(client)).toEqual({ isRunning: true, status: 'running' });
    expect(await queryCpus(client)).toEqual([
      { index: 0, target: 'x86_64', hostThread: 17 },
      { index: 1, target: 'x86_64' },
    ]);
    expect(await humanCommand(client, 'info status')).toBe('VM status: running\n');
    expect(await codeOf(client.execute('no-such'))).toBe('KT-QMP-REFUSED');
    // What it prints in answer to this is no success.
    expect(await codeOf(startGdbServer(client, 'tcp::1'))).toBe('KT-QMP-REFUSED');
    await client.close();
    expect(await codeOf(client.execute('query-status'))).toBe('KT-QMP-CLOSED');
  });

  test('has events between its answers, and answers in another order', async () => {
    const events: string[] = [];
    let held = '';
    const { open } = peer((command, id) => {
      if (command !== 'first') return `{"event": "STOP",\r\n "data": {}}\r\n{"return": {}, "id": "${id}"}${held}`;
      held = `{"return": 1, "id": "${id}"}`;
      return undefined;
    });
    const client = await open({ onEvent: (name) => events.push(name) });
    expect(await Promise.all([client.execute('first'), client.execute('second')])).toEqual([1, {}]);
    expect(events).toEqual(['STOP', 'STOP']);
    await client.close();
  });

  test.each([
    ['says nothing', '', answers({}), 'KT-QMP-TIMEOUT'],
    ['is a gdbstub', '$T05#b9', answers({}), 'KT-QMP-TIMEOUT'],
    ['greets with something else', '{"hello": 1}', answers({}), 'KT-QMP-GARBLED'],
    ['greets with no JSON', '{hello}', answers({}), 'KT-QMP-GARBLED'],
    ['nests without end', '['.repeat(2000) + '{"a":'.repeat(2000), answers({}), 'KT-QMP-GARBLED'],
    ['never answers', greeting, () => undefined, 'KT-QMP-TIMEOUT'],
    ['answers others', greeting, () => '{"return": {}, "id": "x"}'.repeat(20_000), 'KT-QMP-GARBLED'],
  ])('that %s', async (_, first, answer, code) => {
    expect(await codeOf(peer(answer, first).open({ timeoutMilliseconds: 200 }))).toBe(code);
  });

  test('is given up at a signal, but for what must still be said', async () => {
    const abort = new AbortController();
    const { open } = peer((command, id) => (command === 'slow' ? undefined : answers({ cont: {} })(command, id)));
    const client = await open({ signal: abort.signal });
    const slow = codeOf(client.execute('slow'));
    abort.abort(new Error('stop it'));
    expect(await slow).toBe('Error: stop it');
    expect(await codeOf(client.execute('cont'))).toBe('Error: stop it');
    client.forgive();
    expect(await client.execute('cont')).toEqual({});
    await client.close();
  });

  test('memory', async () => {
    const printed =
      '0000000000001000: 0x1111111111111111 0x2222222222222222\r\n0000000000001010: 0x0807060504030201\r\n';
    const { open, received } = peer(answers({ 'human-monitor-command': printed }));
    const client = await open();
    expect(await examine(client, 'xp', 0x1004n, 12)).toBeUndefined();
    expect((await examine(client, 'xp', 0x1004n, 16))?.toString('hex')).toBe('11111111222222222222222201020304');
    expect(received.at(-1)).toContain('xp /3xg 0x1000');
    await client.close();
  });
});

describe('messages', () => {
  const values = (events: readonly JsonEvent[]): unknown[] =>
    events.map((event) => (event.kind === 'message' ? event.value : event.kind));

  test('come out as they went in, in any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (messages, piece, isPretty) => {
          const bytes = Buffer.from(
            messages.map((message) => JSON.stringify(message, null, isPretty ? 4 : 0)).join('\r\n'),
          );
          const stream = new JsonStream();
          const events: JsonEvent[] = [];
          for (let at = 0; at < bytes.length; at += piece) events.push(...stream.push(bytes.subarray(at, at + piece)));
          expect(values(events)).toEqual(messages.map((message) => JSON.parse(JSON.stringify(message))));
        },
      ),
    );
  });

  test('of any bytes are found or not, and nothing fails', () => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[]"\\:1,')), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 200 }), (bytes) => {
        new JsonStream(50).push(Buffer.from(bytes));
      }),
    );
  });

  test('that are too long end it', () => {
    const stream = new JsonStream(100);
    expect(values(stream.push(Buffer.from(`{"a": "${'x'.repeat(200)}`)))).toEqual(['damaged']);
    expect(stream.push(Buffer.from('{"a": 1}'))).toEqual([]);
  });

  test('members', () => {
    expect(member({ a: 1 }, 'a')).toBe(1);
    expect(member({ a: 1 }, 'toString')).toBeUndefined();
    expect(member(JSON.parse('{"__proto__": 3}'), '__proto__')).toBe(3);
    expect(member([1], '0')).toBeUndefined();
  });
});

describe('what the monitor prints', () => {
  test('memory maps', () => {
    const text = `FlatView #0
 AS "cpu-smm-0", root: memory
 Root memory region: memory
  0000000000000000-00000000000bffff (prio 0, ram): pc.ram

FlatView #1
 AS "memory", root: system
 AS "cpu-memory-0", root: system
 Root memory region: system
  0000000000000000-000000000009ffff (prio 0, ram): pc.ram
  00000000000a0000-00000000000bffff (prio 1, i/o): vga-lowmem
  00000000000c0000-00000000000c9fff (prio 0, rom): pc.ram @00000000000c0000
  00000000000ca000-000000001fffffff (prio 0, ram): pc.ram @00000000000ca000 KVM
  00000000fec00000-00000000fec00fff (prio 0, i/o): ioapic

FlatView #2
 AS "I/O", root: io
  0000000000000000-000000000000ffff (prio 0, ram): io
`;
    const map = parseMemoryMap(text);
    expect(map).toEqual([
      { start: 0n, end: 0xa0000n },
      { start: 0xc0000n, end: 0x20000000n },
    ]);
    expect(isMemory(map ?? [], 0x9f000n, 4096)).toBe(true);
    expect(isMemory(map ?? [], 0xa0000n, 4096)).toBe(false);
    expect(isMemory(map ?? [], 0xc9000n, 8192)).toBe(true);
    expect(parseMemoryMap('unknown command: info mtree')).toBeUndefined();
  });

  test('registers of x86', () => {
    const cpus =
      parseInfoRegisters(`\nCPU#0\nRAX=000000000001ad40 RBX=0000000000000000\nR8 =ffffffffffc4d2dd R9 =00000000315628ad
RIP=ffffffffb404e8cb RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
GS =0000 ffff8f4adf400000 00000000 00000000
TR =0040 fffffe0000003000 00004087 00008900 DPL=0 TSS64-avl
IDT=     fffffe0000000000 00000fff
CR0=80050033 CR2=000000000042ee70 CR3=0000000010c10000 CR4=00750ef0
DR0=0000000000000000 DR1=0000000000000001
FPR0=0000000000000000 0000 FPR1=0000000000000000 0000
\nCPU#1\nRAX=0000000000000001\n`);
    expect(Object.fromEntries(cpus.get(0) ?? [])).toMatchObject({
      rax: 0x1ad40n,
      r8: 0xffffffffffc4d2ddn,
      rip: 0xffffffffb404e8cbn,
      eflags: 0x246n,
      cpl: 0n,
      hlt: 1n,
      gs: 0n,
      gs_base: 0xffff8f4adf400000n,
      tr_base: 0xfffffe0000003000n,
      idt_base: 0xfffffe0000000000n,
      idt_limit: 0xfffn,
      cr4: 0x750ef0n,
      dr1: 1n,
    });
    expect(cpus.get(1)).toEqual(new Map([['rax', 1n]]));
  });

  test('registers of arm64', () => {
    const cpus = parseInfoRegisters(`CPU#0
 PC=ffffcb5d4bbcd8cc X00=0000000000000001 X01=ffffcb5d4e2f8bc0
X29=ffff800080003c40 X30=ffffcb5d4bbcd8c4  SP=ffff800080003c00
PSTATE=800000c5 N--- EL1h     FPCR=00000000 FPSR=00000000
Q00=2f2f2f2f2f2f2f2f:2f2f2f2f2f2f2f2f Q01=0000007065656c73:000000001521e850
`);
    expect(Object.fromEntries(cpus.get(0) ?? [])).toEqual({
      ...{ pc: 0xffffcb5d4bbcd8ccn, x0: 1n, x1: 0xffffcb5d4e2f8bc0n, x29: 0xffff800080003c40n },
      ...{ x30: 0xffffcb5d4bbcd8c4n, sp: 0xffff800080003c00n, pstate: 0x800000c5n, fpcr: 0n, fpsr: 0n },
    });
  });

  test('memory that is not there', () => {
    expect(parseWords('0000000000001000: Cannot access memory\n', 0x1000n, 1)).toBeUndefined();
    expect(parseWords('Cannot access memory\n', 0x1000n, 1)).toBeUndefined();
    expect(parseWords('0000000000001008: 0x0000000000000001\n', 0x1000n, 1)).toBeUndefined();
    expect(parseWords('', 0x1000n, 1)).toBeUndefined();
    expect(parseWords('0000000000001000: 0x0000000000000001 0x0000000000000002\n', 0x1000n, 1)).toBeUndefined();
  });

  test('anything', () => {
    const piece = fc.constantFrom(
      'CPU#0\n',
      'RAX=',
      'GDT=',
      '0000000000001000',
      ':',
      ' ',
      '0x',
      '-',
      '(prio 0, ram)',
      '\n',
      'FlatView #0\n',
      ' AS "memory"\n',
      '  ',
      'f',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        parseInfoRegisters(text);
        parseMemoryMap(text);
        parseWords(text, 0x1000n, 2);
      }),
    );
  });
});
