import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checksum,
  expandRuns,
  framePacket,
  type PacketEvent,
  PacketParser,
  unescapeBinary,
} from '../../src/machine/gdb/packet-parser.ts';
import { packet } from './stub.ts';

function parse(text: string | Buffer, most?: number): PacketEvent[] {
  return new PacketParser(most).push(Buffer.from(text as string, 'latin1'));
}

const words = (events: readonly PacketEvent[]): string[] =>
  events.map((event) => ('payload' in event ? `${event.kind} ${event.payload.toString('latin1')}` : event.kind));

describe('packets', () => {
  test.each([
    ['$OK#9a', ['packet OK']],
    ['+$OK#9a', ['ack', 'packet OK']],
    ['$#00', ['packet ']],
    ['-', ['nak']],
    ['%Stop:T05#99', ['notification Stop:T05']],
    ['console text$OK#9A+', ['packet OK', 'ack']],
    ['$OK#9b', ['damaged']],
    ['$OK#zz$OK#9a', ['damaged', 'packet OK']],
    // Cut off, and sent again.
    ['$1234$OK#9a', ['packet OK']],
    ['%Stop$OK#9a', ['packet OK']],
    // "0* " is four zeros: the first, and 32 - 29 more (the manual's own example).
    ['$0* #7a', ['packet 0000']],
    ['$* #4a', ['damaged']],
    ['$0*#5a', ['damaged']],
    ['$0*\x1c#76', ['damaged']],
  ])('%j', (text, expected) => {
    expect(words(parse(text))).toEqual(expected);
  });

  test('a packet that has no end is dropped, and the next one found', () => {
    expect(words(parse(`$${'a'.repeat(101)}#00$OK#9a`, 100))).toEqual(['damaged', 'packet OK']);
    expect(words(parse(packet('0*~'), 81))).toEqual(['damaged']);
    expect(words(parse(packet('0*~'), 98))).toEqual([`packet ${'0'.repeat(98)}`]);
  });

  test('what belongs to no packet is counted till one comes', () => {
    const parser = new PacketParser();
    parser.push(Buffer.from('abc'));
    expect(parser.junkBytes).toBe(3);
    parser.push(Buffer.from('$OK#9a'));
    expect(parser.junkBytes).toBe(0);
  });

  test('a checksum of 00 is none, where that is agreed', () => {
    const parser = new PacketParser();
    parser.zeroChecksumIsNone = true;
    expect(words(parser.push(Buffer.from('$OK#00')))).toEqual(['packet OK']);
  });

  test('in any pieces, packets come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.array(fc.nat(60), { maxLength: 20 }),
        (bodies, cuts) => {
          // As a stub writes binary data: `#`, `$`, `*` and `}` are escaped.
          const escaped = bodies.map((body) =>
            Buffer.from(
              [...body].flatMap((byte) => ([0x23, 0x24, 0x2a, 0x7d].includes(byte) ? [0x7d, byte ^ 0x20] : [byte])),
            ),
          );
          const stream = Buffer.concat(escaped.map((body) => packet(body)));
          const parser = new PacketParser();
          const events: PacketEvent[] = [];
          let at = 0;
          for (const cut of cuts) {
            events.push(...parser.push(stream.subarray(at, at + cut)));
            at += cut;
          }
          events.push(...parser.push(stream.subarray(at)));
          const got = events.map((event) =>
            event.kind === 'packet' ? [...unescapeBinary(event.payload)] : event.kind,
          );
          expect(got).toEqual(bodies.map((body) => [...body]));
        },
      ),
    );
  });

  test('any bytes in any pieces give the same, and nothing fails', () => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('$#+-%*}0a')), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 200 }), fc.nat(10), (bytes, piece) => {
        const whole = parse(Buffer.from(bytes), 64);
        const parser = new PacketParser(64);
        const events: PacketEvent[] = [];
        for (let at = 0; at < bytes.length; at += piece + 1)
          events.push(...parser.push(Buffer.from(bytes.slice(at, at + piece + 1))));
        expect(words(events)).toEqual(words(whole));
      }),
    );
  });

  test('single bytes without end cost no more than what they are', () => {
    const parser = new PacketParser(100_000);
    parser.push(Buffer.from('$'));
    const one = Buffer.from('a');
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 99_000; i++) parser.push(one);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });
});

test('framing', () => {
  expect(framePacket('OK').toString()).toBe('$OK#9a');
  expect(framePacket('').toString()).toBe('$#00');
  expect(checksum(Buffer.alloc(3, 0xff))).toBe(0xfd);
});

test('runs', () => {
  expect(expandRuns(Buffer.from('0*"1*~'))?.toString()).toBe(`000000${'1'.repeat(98)}`);
  // A run of what a run ended with.
  expect(expandRuns(Buffer.from('0* * '))?.toString()).toBe('0000000');
  expect(expandRuns(Buffer.from('0*~*~*~'), 200)).toBeUndefined();
});

test('escapes', () => {
  expect(unescapeBinary(Buffer.from('a}\x03}]b}', 'latin1'))).toEqual(Buffer.from('a#}b'));
});
