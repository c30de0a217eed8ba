import { describe, expect, test } from 'vitest';
import { decodeText } from '../../helpers/decorate/decode.ts';
import { formats } from '../../helpers/decorate/formats.ts';
import { labMessages, type Message } from '../../helpers/decorate/message.ts';

const logs = [
  ['x86-64', labMessages('6.12-amd64-null-read-trimmed.log')],
  ['arm64', labMessages('6.1-arm64-null-read-trimmed.log')],
  ['x86-64 with callers', labMessages('6.12-amd64-null-read-trimmed.log', true)],
] as const;

/** What is left of a message: blanks at a line's end are not told apart, pipes eat them. */
function key(context: string, text: string): string {
  return `${context}|${text.trimEnd()}`;
}

function wanted(messages: readonly Message[], vendor: boolean, keeps: string): string[] {
  return messages
    .filter((m) => m.text !== '')
    .map((m) =>
      key(keeps === 'text' ? '' : keeps === 'all' ? (m.caller ?? (vendor ? 'T1' : 'console')) : 'console', m.text),
    );
}

describe.each(logs)('%s: the same messages come out of', (_, messages) => {
  test.each(formats.map((format) => [format.name, format] as const))('%s', (name, format) => {
    const { lines, decoder } = decodeText(format.make(messages));
    const vendor = /MediaTek|Samsung|HiSilicon|CPU behind/.test(name);
    const qualcomm = name === 'Qualcomm';
    const got = lines
      .filter((line) => (format.keeps === 'text' ? line.kernel !== false : line.kernel === true) && line.text !== '')
      .map((line) =>
        key(format.keeps === 'callers-lost' && !qualcomm ? 'console' : qualcomm ? 'console' : line.context, line.text),
      );
    const want = wanted(messages, vendor, format.keeps);
    // Where nothing says what the kernel printed, the pipe's own lines are among them.
    const own = new Set(want);
    expect(format.keeps === 'text' ? got.filter((line) => own.has(line)) : got).toEqual(want);
    for (const told of format.told ?? []) expect([...decoder.decorations]).toContain(told);
    expect(decoder.kernelLines).toBe(true);
  });
});
