import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxLineBytes, type PhysicalLine } from '../../src/log/physical-line.ts';
import { type Decoder, LogReader } from '../../src/log/reader.ts';
import type { LogLine } from '../../src/model/log-line.ts';

/** A decoder that takes nothing off, and remembers what it was handed. */
class PlainDecoder implements Decoder {
  readonly lines: PhysicalLine[] = [];
  readonly decorations: ReadonlySet<string> = new Set(['plain']);
  gaps = 0;
  needsEveryLine = false;
  kernelLines = true;

  push(line: PhysicalLine): LogLine[] {
    this.lines.push(line);
    const { number, firstByte, endByte, bytes } = line;
    return [{ range: { firstLine: number, lastLine: number, firstByte, endByte }, text: bytes, context: '' }];
  }

  flush(): LogLine[] {
    return [];
  }

  gap(): void {
    this.gaps++;
  }
}

class Sink {
  readonly lines: LogLine[] = [];
  busy = false;

  line(line: LogLine): void {
    this.lines.push(line);
    if (line.text.includes('begin')) this.busy = true;
    if (line.text.includes('end')) this.busy = false;
  }
}

function makeReader(kernelLines = true) {
  const sink = new Sink();
  const decoder = new PlainDecoder();
  decoder.kernelLines = kernelLines;
  const reader = new LogReader({
    sink,
    decoder,
    literals: ['BUG:', 'Kernel panic'],
    decoderLiterals: ['#1 Part'],
    matters: (raw) => !raw.includes('DEBUG:'),
  });
  return { sink, decoder, reader };
}

function read(text: string | Buffer, chunkBytes = 1 << 20, kernelLines = true) {
  const made = makeReader(kernelLines);
  const data = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  for (let at = 0; at < data.length; at += chunkBytes)
    made.reader.push(Buffer.from(data.subarray(at, at + chunkBytes)));
  made.reader.end();
  return made;
}

/** Lines of about 60 bytes; the given ones stand at their numbers. */
function logOf(lines: number, special: Readonly<Record<number, string>>): string {
  const out: string[] = [];
  for (let number = 1; number <= lines; number++)
    out.push(special[number] ?? `[ ${String(number).padStart(8)}.000000] healthy line that means nothing`);
  return `${out.join('\n')}\n`;
}

function numbers(sink: Sink): number[] {
  return sink.lines.map((line) => line.range.firstLine);
}

describe('LogReader', () => {
  test('delivers a short log as it is', () => {
    const { sink, reader, decoder } = read('one\r\n\ntwo\nlast without end');
    expect(sink.lines.map((line) => line.text)).toEqual(['one\r', '', 'two', 'last without end']);
    expect(sink.lines.map((line) => line.range.firstByte)).toEqual([0, 5, 6, 10]);
    expect(sink.lines.at(-1)?.range).toEqual({ firstLine: 4, lastLine: 4, firstByte: 10, endByte: 26 });
    expect(reader.lines).toBe(4);
    expect(reader.bytes).toBe(26);
    expect(reader.decorations()).toEqual(['plain']);
    expect(reader.kernelLines).toBe(true);
    expect(decoder.gaps).toBe(0);
  });

  test('an empty input has no lines', () => {
    const { sink, reader } = read('');
    expect(sink.lines).toEqual([]);
    expect(reader.lines).toBe(0);
  });

  test('drops a byte order mark from the first line only', () => {
    const { sink } = read('\xef\xbb\xbfa\n\xef\xbb\xbfb\n');
    expect(sink.lines.map((line) => line.text)).toEqual(['a', '\xef\xbb\xbfb']);
    expect(sink.lines[0]?.range.endByte).toBe(5);
  });

  test('skips what does not matter, and looks back and forth where something does', () => {
    const log = logOf(50_000, { 30000: 'BUG: something' });
    const { sink, decoder, reader } = read(log);
    const seen = numbers(sink);
    const first = sink.lines.find((line) => line.afterGap)?.range.firstLine ?? 0;
    expect(first).toBe(29_000); // a thousand lines back, which are less than 128 KiB
    expect(seen).toContain(30_000);
    expect(seen.at(-1)).toBeGreaterThanOrEqual(30_200);
    expect(seen.at(-1)).toBeLessThan(31_000);
    expect(seen.indexOf(first)).toBeGreaterThan(900); // the head of 64 KiB
    expect(decoder.gaps).toBe(1);
    expect(reader.lines).toBe(50_000);
    const hit = sink.lines.find((line) => line.text === 'BUG: something');
    expect(log.slice(hit?.range.firstByte, hit?.range.endByte)).toBe('BUG: something\n');
  });

  test('noise is no reason to stop skipping, the decoder literals always are one', () => {
    expect(numbers(read(logOf(20_000, { 9000: 'DEBUG: BUG: no' })).sink)).not.toContain(9000);
    expect(numbers(read(logOf(20_000, { 9000: 'DEBUG: Oops#1 Part2' })).sink)).toContain(9000);
  });

  test('a line that matters by itself comes alone', () => {
    const sink = new Sink();
    const decoder = new PlainDecoder();
    const reader = new LogReader({
      sink,
      decoder,
      literals: ['Linux version ', 'BUG:'],
      decoderLiterals: [],
      matters: (raw) => (raw.includes('BUG:') ? true : 'line'),
    });
    const banner = 'Linux version 6.1.0';
    reader.push(Buffer.from(logOf(20_000, { 9000: banner, 9001: banner, 12000: banner, 12500: 'BUG: x' })));
    reader.lookFor(['BUG:']);
    reader.push(Buffer.from(logOf(20_000, { 9000: banner, 12000: 'BUG: y' })));
    reader.end();
    const behindHead = sink.lines.filter((line) => line.range.firstLine > 5000 && line.text !== '');
    expect(behindHead.slice(0, 4).map((line) => [line.range.firstLine, line.afterGap])).toEqual([
      [9000, true],
      [9001, undefined],
      [11_500, true],
      [11_501, undefined],
    ]);
    expect(sink.lines.filter((line) => line.range.firstLine === 12_000).length).toBe(1);
    expect(numbers(sink)).not.toContain(29_000);
    expect(numbers(sink)).toContain(32_000);
  });

  test('goes on while the sink is busy', () => {
    const { sink } = read(logOf(50_000, { 9000: 'BUG: begin', 30000: 'end' }));
    const seen = numbers(sink);
    expect(seen).toContain(29_999);
    expect(seen.at(-1)).toBe(30_000);
  });

  test('looks back no further than 128 KiB', () => {
    const special: Record<number, string> = { 2000: 'BUG: x' };
    for (let number = 1000; number < 2000; number++) special[number] = 'y'.repeat(999);
    const { sink } = read(logOf(3000, special));
    const first = sink.lines.find((line) => line.afterGap)?.range.firstLine ?? 0;
    expect(2000 - first).toBe(131);
  });

  test('two hits close together have no gap between them', () => {
    const { sink, decoder } = read(logOf(20_000, { 9000: 'BUG: x', 10500: 'BUG: y' }));
    expect(decoder.gaps).toBe(1);
    const from = numbers(sink).indexOf(9000);
    expect(numbers(sink).slice(from, from + 1501)).toEqual(Array.from({ length: 1501 }, (_, index) => 9000 + index));
  });

  test('samples lines while no kernel was heard of', () => {
    const log = logOf(100_000, {});
    expect(read(log).sink.lines.length).toBeLessThan(1500);
    const sampled = read(log, 100_000, false).sink.lines.filter((line) => line.range.firstByte > 1_048_575);
    expect(sampled.length).toBe(20 * Math.floor(log.length / 1_048_576));
  });

  test('a decoder that needs every line gets it', () => {
    const { reader, decoder, sink } = makeReader();
    decoder.needsEveryLine = true;
    reader.push(Buffer.from(logOf(20_000, {})));
    reader.end();
    expect(sink.lines.length).toBe(20_000);
  });

  test('a huge line is cut, and what comes after it is right', () => {
    const huge = 'z'.repeat(3_000_000);
    const log = `first\n${huge}\n${logOf(5000, { 4000: 'BUG: after' })}`;
    for (const chunk of [1000, 65_536, 1 << 20, 1 << 24]) {
      const { sink, reader } = read(log, chunk);
      const cut = sink.lines.find((line) => line.range.firstLine === 2);
      expect(cut?.text.length).toBe(maxLineBytes);
      expect(cut?.range.endByte).toBe(6 + huge.length + 1);
      const hit = sink.lines.find((line) => line.text === 'BUG: after');
      expect(hit?.range.firstLine).toBe(4002);
      expect(log.slice(hit?.range.firstByte, hit?.range.endByte)).toBe('BUG: after\n');
      expect(reader.lines).toBe(5002);
    }
  });

  test('flush delivers an unfinished line that matters, and keeps one that does not', () => {
    const { reader, sink } = makeReader();
    reader.push(Buffer.from(logOf(5000, {})));
    reader.push(Buffer.from('half'));
    reader.flush();
    expect(sink.lines.at(-1)?.text).not.toBe('half');
    reader.push(Buffer.from(' BUG: full'));
    reader.flush();
    expect(sink.lines.at(-1)?.text).toBe('half BUG: full');
    reader.push(Buffer.from(' more\nnext\n'));
    expect(sink.lines.slice(-2).map((line) => [line.range.firstLine, line.text])).toEqual([
      [5001, ' more'],
      [5002, 'next'],
    ]);
    reader.end();
    expect(reader.lines).toBe(5002);
  });

  test('delivers the same however the input is cut into chunks, with true positions', () => {
    const piece = fc.oneof(
      { weight: 6, arbitrary: fc.nat(400).map((count) => logOf(count, {})) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          'BUG: one\n',
          'DEBUG: BUG: noise\n',
          'x BUG: begin\n',
          'end\n',
          'Kernel ',
          'panic\n',
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom('\n\n\n', 'w'.repeat(70_000), 'v'.repeat(200_000), '\n') },
    );
    const log = fc.array(piece, { minLength: 1, maxLength: 40 }).map((pieces) => pieces.join(''));
    const chunk = fc.oneof(fc.integer({ min: 50, max: 5000 }), fc.integer({ min: 5000, max: 400_000 }));
    fc.assert(
      fc.property(log, chunk, fc.boolean(), (text, chunkBytes, kernelLines) => {
        const lines = text.split('\n');
        const whole = read(text, 1 << 26, kernelLines);
        const cut = read(text, chunkBytes, kernelLines);
        expect(cut.decoder.lines).toEqual(whole.decoder.lines);
        expect(cut.sink.lines.filter((line) => line.afterGap)).toEqual(
          whole.sink.lines.filter((line) => line.afterGap),
        );
        expect(cut.reader.lines).toBe(lines.at(-1) === '' ? lines.length - 1 : lines.length);
        let last = 0;
        for (const line of whole.decoder.lines) {
          expect(line.number).toBeGreaterThan(last);
          last = line.number;
          expect(line.bytes).toBe((lines[line.number - 1] ?? '').slice(0, maxLineBytes));
          expect(text.slice(line.firstByte, line.firstByte + line.bytes.length)).toBe(line.bytes);
          expect(line.endByte === text.length || text[line.endByte - 1] === '\n').toBe(true);
        }
        const delivered = new Set(whole.decoder.lines.map((line) => line.number));
        for (const [index, line] of lines.entries())
          if (line.slice(0, maxLineBytes).includes('BUG: one') && !line.includes('DEBUG:'))
            expect(delivered.has(index + 1)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
