import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type DecodeOptions, LogDecoder } from '../../src/decode/log-decoder.ts';
import type { DecodeProblem } from '../../src/decode/problem.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { hasCompiler, makeKernel, place } from '../symbols/own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-decode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Decoded {
  readonly text: string;
  readonly problems: readonly DecodeProblem[];
}

/** Decodes a log that comes in pieces; text has a char per byte. */
async function decode(pieces: readonly string[], options: DecodeOptions): Promise<Decoded> {
  const problems: DecodeProblem[] = [];
  const decoder = await LogDecoder.open({ onProblem: (problem) => problems.push(problem), ...options });
  const out: Uint8Array[] = [];
  try {
    for (const piece of pieces) out.push(Buffer.from(await decoder.push(Buffer.from(piece, 'latin1'))));
    out.push(await decoder.end());
  } finally {
    decoder.close();
  }
  return { text: Buffer.concat(out).toString('latin1'), problems };
}

const text = async (log: string, options: DecodeOptions): Promise<string> => (await decode([log], options)).text;

describe('without a vmlinux', () => {
  const nowhere = { debugDir: folder, home: folder };

  test('any bytes come out as they are, however they come', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        '\n',
        '\r\n',
        'foo+0x1/0x2',
        '[<ffffffff81234567>]',
        'Linux version 6.9.9 (a) (b) #1 x',
        'Code: 90',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
        expect((await decode(pieces, nowhere)).text).toBe(pieces.join(''));
      }),
      { numRuns: 60 },
    );
  });

  test('it is told why symbols stay', async () => {
    const lines = ' foo+0x1/0x2\n bar+0x1/0x2\n';
    expect((await decode([lines], nowhere)).problems).toEqual([{ type: 'unknown kernel' }]);
    const banner = 'Linux version 6.9.9 (a) (b) #1 SMP x\n';
    expect((await decode([banner, lines], nowhere)).problems).toEqual([
      {
        type: 'no vmlinux',
        release: '6.9.9',
        notFetched: undefined,
        how: expect.objectContaining({ distribution: 'self-built' }),
      },
    ]);
    // Nothing is missing where there is nothing to look up.
    expect((await decode([banner], nowhere)).problems).toEqual([]);
  });

  test('what was named must be there', async () => {
    await expect(LogDecoder.open({ vmlinux: join(folder, 'gone') })).rejects.toMatchObject({ code: 'KT-FILE-MISSING' });
    const release = LogDecoder.open({ ...nowhere, release: '6.9.9' });
    await expect(release).rejects.toBeInstanceOf(KtriageError);
    await expect(release).rejects.toMatchObject({ code: 'KT-SYMBOLS-NO-VMLINUX' });
    writeFileSync(join(folder, 'log'), 'a log');
    await expect(LogDecoder.open({ vmlinux: join(folder, 'log') })).rejects.toMatchObject({ code: 'KT-ELF-NOT-ELF' });
  });
});

describe.skipIf(!hasCompiler)('a log of a kernel of our own (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(join(folder, 'kernel'));
  const other = makeKernel(join(folder, 'other'), '#8');
  const options: DecodeOptions = { vmlinux: kernel.vmlinux, debugDir: folder };
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const symbol = (name: string, offset: number, nth = 0): string =>
    `${name}+${hex(offset)}/${hex(kernel.symbol(name, nth).size)}`;
  const afterCall = symbol('caller', kernel.afterCall('caller'));
  const call = kernel.line('calls outer');
  const behind = kernel.line('after the call');
  const comm = (build = '#7', release = '6.9.0-made'): string =>
    `CPU: 0 PID: 1 Comm: init Not tainted ${release} ${build} Made\n`;

  test('calls, and where a processor was', async () => {
    const lines = (of: (line: string) => string): string =>
      [
        `[    1.5][  T96] RIP: 0010:${of(afterCall)}\r`,
        'Call Trace:\r',
        ` <TASK> ${of(symbol('in_library', 0))}\r`,
        `[<ffffffff8100000f>]   ? ${of(symbol('last', kernel.afterCall('last')))}`,
        '\xff\xfe no symbol \x00',
      ].join('\n');
    // Its own address in the trace is no return address.
    expect(await text(`${lines((line) => line)}\n ${afterCall}`, options)).toContain(`\n caller (kernel.c:${behind})`);
    expect(await text(` ${afterCall}`, options)).toBe(` caller (kernel.c:${call})`);
    expect(await text(` ${afterCall}`, { ...options, asPrinted: true })).toBe(` caller (kernel.c:${behind})`);
    expect(
      await text(
        lines((line) => line),
        options,
      ),
    ).toBe(
      [
        `[    1.5][  T96] RIP: 0010:caller (kernel.c:${behind})\r`,
        'Call Trace:\r',
        ' <TASK> in_library (lib/library.c:3)\r',
        `   ? last (kernel.c:${kernel.line('does not return')})`,
        '\xff\xfe no symbol \x00',
      ].join('\n'),
    );
  });

  test('inlined functions, innermost first', async () => {
    const places = ['the store', 'calls inner', 'calls middle'].map((words) => `kernel.c:${kernel.line(words)}`);
    const { size } = kernel.symbol('outer');
    const answers = await Promise.all(
      Array.from({ length: size }, (_, offset) => text(`RIP: 0010:${symbol('outer', offset)}`, options)),
    );
    expect(answers).toContain(`RIP: 0010:outer (${places.join(' ')})`);
    expect(await text(`RIP: 0010:${symbol('in_library', 0)}`, { ...options, basePath: 'lib' })).toBe(
      'RIP: 0010:in_library (library.c:3)',
    );
  });

  test('functions of one name are told apart by size, or all shown', async () => {
    expect(await text(`RIP: ${symbol('twin', 0, 0)}\nRIP: ${symbol('twin', 0, 1)}`, options)).toBe(
      'RIP: twin (twin1.c:3)\nRIP: twin (twin2.c:3)',
    );
    expect(await text('RIP: twin+0x0/0x7777', { ...options, force: true })).toBe('RIP: twin (twin1.c:3 or twin2.c:3)');
  });

  test('what is in no file, or has another size, stays as it is', async () => {
    const lines = ' gone+0x1/0x2\n caller+0x1/0x9999\n foo+0x1/0x2 [mod]\n bpf_prog_6deef7357e7b4530+0x36/0x600\n';
    const { text: decoded, problems } = await decode([lines], options);
    expect(decoded).toBe(lines);
    expect(problems).toEqual([{ type: 'no module', module: 'mod', why: 'no file of it was found' }]);
  });

  test('however the log comes, the same comes out, each line at once', async () => {
    const log = `${kernel.banner}\n ${afterCall}\r\n[<ffffffff81000000>] ${symbol('outer', 0)}\nplain\n ${afterCall}`;
    const whole = await text(log, options);
    expect(whole).toContain(`\n caller (kernel.c:${call})\r\n outer (kernel.c:`);
    for (const size of [1, 7, 64]) {
      const pieces = log.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect((await decode(pieces, options)).text).toBe(whole);
    }
    const decoder = await LogDecoder.open(options);
    expect(Buffer.from(await decoder.push(Buffer.from(` ${afterCall}\n half`))).toString()).toBe(
      ` caller (kernel.c:${call})\n`,
    );
    expect(Buffer.from(decoder.rest()).toString()).toBe(' half');
    decoder.close();
  });

  test('any bytes around symbols stay, and lines stay lines', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        '\n',
        '\n',
        ' ',
        afterCall,
        `[<ffffffff81000000>] (${afterCall})`,
        '0010:',
        ' [mod]',
        comm(),
        '(P)',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const before = pieces.join('').split('\n');
        const after = (await decode(pieces, options)).text.split('\n');
        expect(after).toHaveLength(before.length);
        for (const [nth, line] of before.entries()) if (!line.includes('+0x')) expect(after[nth]).toBe(line);
      }),
      { numRuns: 60 },
    );
  });

  describe('another build', () => {
    const decoded = ` caller (kernel.c:${call})\n`;
    const line = ` ${afterCall}\n`;

    test('is refused from where the log says so, and taken up again', async () => {
      const { text: out, problems } = await decode([line, comm('#8'), line, comm(), line, comm('#8'), line], options);
      expect(out).toBe(`${decoded}${comm('#8')}${line}${comm()}${decoded}${comm('#8')}${line}`);
      expect(problems).toMatchObject([{ type: 'other build', path: kernel.vmlinux, release: '6.9.0-made' }]);
      const forced = await decode([comm('#8'), line], { ...options, force: true });
      expect(forced).toMatchObject({
        text: comm('#8') + decoded,
        problems: [{ type: 'forced', path: kernel.vmlinux }],
      });
      expect((await decode([`${other.banner}\n`, line], options)).text).toBe(`${other.banner}\n${line}`);
    });

    test('is found out by sizes where the log says nothing', async () => {
      const wrong = ['outer', 'last', 'end', 'call_twin_1'].map((name) => ` ${name}+0x0/0x7770\n`).join('');
      const { text: out, problems } = await decode([line, wrong, ` ${symbol('in_library', 0)}\n`, line], options);
      expect(out).toBe(`${decoded}${wrong} ${symbol('in_library', 0)}\n${line}`);
      expect(problems).toMatchObject([{ type: 'other build' }]);
      // One damaged line is not enough.
      expect((await decode([' outer+0x0/0x7770\n', line], options)).text).toBe(` outer+0x0/0x7770\n${decoded}`);
    });

    test('of several kernels each has its own', async () => {
      const root = join(folder, 'root');
      place(kernel.vmlinux, join(root, 'usr/lib/debug/boot/vmlinux-6.9.0-made'));
      const usual = { debugDir: root };
      expect((await decode([kernel.banner, '\n', line], usual)).text).toBe(`${kernel.banner}\n${decoded}`);
      expect((await decode([comm(), line], { ...usual, release: '6.9.0-made' })).text).toBe(comm() + decoded);
      // Before the log says whose they are, lines stay.
      const { text: out, problems } = await decode([line, comm(), line, comm('#1', '5.5.5'), line], usual);
      expect(out).toBe(`${line}${comm()}${decoded}${comm('#1', '5.5.5')}${line}`);
      expect(problems).toMatchObject([{ type: 'no vmlinux', release: '5.5.5' }]);
    });
  });

  test('addresses that stand alone, once it is known how far the kernel was moved', async () => {
    const move = 0x1c00_0000n;
    const at = (name: string, offset: number): string =>
      `[<${(kernel.symbol(name).address + BigInt(offset) + move).toString(16)}>]`;
    const alone = `pc : ${at('caller', kernel.afterCall('caller'))}    lr : ${at('caller', kernel.afterCall('caller'))}\n`;
    const answer = `pc : caller (kernel.c:${behind})    lr : caller (kernel.c:${call})\n`;
    const data = '[<0000000000000010>] [<ffffffffa0000000>]\n';
    expect(await text(alone + data, { ...options, kaslrOffset: move })).toBe(answer + data);
    expect(await text(`${alone}Kernel Offset: 0x1c000000 from 0xffffffff81000000\n${alone}`, options)).toBe(
      `${alone}Kernel Offset: 0x1c000000 from 0xffffffff81000000\n${answer}`,
    );
    const pairs = [' ', ' '].map((_, n) => `${at('outer', n)} ${symbol('outer', n)}\n`).join('');
    expect((await text(pairs + alone, options)).endsWith(answer)).toBe(true);
    // Another boot is elsewhere.
    expect((await text(`${pairs}${kernel.banner}\n${alone}`, options)).endsWith(alone)).toBe(true);
    expect(
      await text(
        `${kernel.banner}\nCommand line: nokaslr\n[<${kernel.symbol('caller').address.toString(16)}>]`,
        options,
      ),
    ).toMatch(/\ncaller \(kernel\.c:\d+\)$/);
  });

  test('Code: lines are for others', async () => {
    const log = `RIP: 0010:${symbol('caller', 0)}\nCode: 90 <0f> 0b\n`;
    expect(await text(log, options)).toContain('\nCode: 90 <0f> 0b\n');
    const decodeCode = async (line: string): Promise<string> => `${line} (ud2)`;
    expect(await text(log, { ...options, decodeCode })).toContain('\nCode: 90 <0f> 0b (ud2)\n');
  });

  test('a damaged file is told, and its lines stay', async () => {
    const path = join(folder, 'damaged');
    const bytes = readFileSync(kernel.vmlinux);
    // The table of symbols says that it is elsewhere: its header is the one with type 2 (SHT_SYMTAB).
    const headers = Number(bytes.readBigUInt64LE(0x28));
    for (let at = headers; at + 64 <= bytes.length; at += 64)
      if (bytes.readUInt32LE(at + 4) === 2) bytes.writeBigUInt64LE(0x7fff_ffffn, at + 0x18);
    writeFileSync(path, bytes);
    const lines = ` ${afterCall}\n plain\n`;
    const { text: out, problems } = await decode([lines], { ...options, vmlinux: path });
    expect(out).toBe(lines);
    expect(problems).toMatchObject([{ type: 'damaged', path }]);
  });
});
