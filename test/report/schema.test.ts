import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { JsonDocumentWriter } from '../../src/report/json.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { crashReport, fileResult, frame, lines } from './make.ts';

const ajv = new Ajv2020({ allErrors: true, strict: true });
const validate = ajv.compile(reportSchema);

function parsed(file: ReturnType<typeof fileResult>): unknown {
  const writer = new JsonDocumentWriter();
  return JSON.parse([...writer.begin(), ...writer.file(file), ...writer.end()].join(''));
}

/** A report with every key that the model has. */
const everything = crashReport({
  corruptedReason: 'two reports are mixed',
  guiltyFile: 'drivers/frob/frob.c',
  executor: { proc: 1, id: 2 },
  culprit: { function: 'a', module: 'm', range: lines(1), passed: [{ function: 'kasan_report', rule: 'reports' }] },
  frames: [
    frame('a+0x1/0x2 [m]', 7, {
      source: { file: 'a.c', line: 3, column: 4 },
      inlined: [{ function: 'b', source: { file: 'b.h', line: 1 } }],
      moduleBuildId: 'ab12',
      address: 0xffff_ffff_8100_0000n,
      section: 'IRQ',
    }),
  ],
  stacks: [{ role: 'freed', label: 'Freed by task 9:', frames: [], cpu: 1, pid: 9, comm: 'x', range: lines(3, 4) }],
  pageTable: [{ level: 'pgd', value: 0x2a7d067n }],
  linkedModules: [{ name: 'm', flags: 'OE', buildId: 'ab' }],
  details: { of: 'something', with: { whatever: [1n] } } as never,
  panic: { message: 'Fatal exception', range: lines(9) },
  running: { harness: 'ktap', test: 't', loadingModule: 'm', userLine: 'x', userLineNumber: 2 },
  repeats: 3,
});

describe('reportSchema', () => {
  test('holds for a full, a usual and an empty result', () => {
    for (const file of [
      fileResult([everything, crashReport()], {
        incidents: [
          { root: 0, follow: [{ report: 1, why: 'repeat' }], ending: [{ text: 'x', range: lines(1) }], boot: 0 },
        ],
        boots: [
          {
            firstLine: 1,
            lastLine: 2,
            reason: 'watchdog',
            evidenceLine: 1,
            release: 'r',
            banner: 'b',
            commandLine: 'c',
          },
        ],
        notices: [{ kind: 'user/segfault', title: 't', range: lines(1), seconds: 1.5 }],
        input: {
          bytes: 1,
          lines: 1,
          decorations: ['gzip'],
          kernelLines: true,
          cutOff: true,
          damaged: 'it ends too early',
          omittedReports: 2,
        },
      }),
      fileResult([crashReport()]),
      fileResult([], { boots: [] }),
    ]) {
      expect(validate(parsed(file)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test('refuses keys that it does not know and values that are none', () => {
    const file = fileResult([crashReport()]);
    expect(validate(parsed({ ...file, input: { ...file.input, more: 1 } as never }))).toBe(false);
    expect(validate(parsed(fileResult([crashReport({ signature: 'no hash' })])))).toBe(false);
    expect(validate(parsed(fileResult([crashReport({ severity: 'bad' as never })])))).toBe(false);
  });
});
