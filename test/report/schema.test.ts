import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { InputFacts } from '../../src/model/document.ts';
import type { Incident } from '../../src/model/incident.ts';
import type { CrashReport, Frame, RegisterSet, SourceLocation } from '../../src/model/report.ts';
import type { Suspects } from '../../src/model/suspects.ts';
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
      source: {
        file: 'a.c',
        line: 3,
        column: 4,
        md5: '0123456789abcdef0123456789abcdef',
        unverified: true,
        excerpt: { path: '/s/a.c', firstLine: 3, lines: ['x'], column: 1, state: 'likely', note: 'n' },
      },
      inlined: [{ function: 'b', source: { file: 'b.h', line: 1 } }],
      moduleBuildId: 'ab12',
      address: 0xffff_ffff_8100_0000n,
      section: 'IRQ',
      initText: true,
      printedFunction: 'behind',
    }),
  ],
  stacks: [{ role: 'freed', label: 'Freed by task 9:', frames: [], cpu: 1, pid: 9, comm: 'x', range: lines(3, 4) }],
  pageTable: [{ level: 'pgd', value: 0x2a7d067n, fields: [{ name: 'P', value: '1', meaning: 'present' }] }],
  pageMapping: {
    state: 'mapped',
    level: 'pte',
    words: 'w',
    size: 4096,
    physical: 1n,
    writable: true,
    executable: false,
    user: false,
  },
  linkedModules: [{ name: 'm', flags: 'OE', buildId: 'ab' }],
  details: { of: 'something', with: { whatever: [1n] } } as never,
  panic: { message: 'Fatal exception', range: lines(9) },
  running: { harness: 'ktap', test: 't', loadingModule: 'm', userLine: 'x', userLineNumber: 2 },
  repeats: 3,
  unfinished: true,
  unprinted: true,
  history: {
    status: 'changed',
    matchedBy: 'similarity',
    similarity: 0.8,
    changes: [{ what: 'title', from: 'a', to: 'b' }],
    seen: { runs: 1, of: 2, first: 'a.json', last: 'a.json' },
    follows: true,
  },
  knownIssue: { reason: 'r', link: 'l', expires: '2026-12-31', entry: 'known.json, entry 1' },
  owners: {
    file: 'drivers/frob/frob.c',
    why: 'a() is to blame',
    from: 'MAINTAINERS',
    note: 'there is no perl',
    sections: [{ title: 'FROB DRIVER', status: 'Maintained', by: 'F' }],
    recipients: [
      { address: 'f@example.com', name: 'F', kind: 'person', role: 'maintainer', section: 'FROB DRIVER' },
      { address: 'l@example.com', kind: 'list', role: 'open list' },
    ],
  },
  symbols: {
    vmlinux: { path: 'vmlinux', buildId: 'ab', match: 'certain', reasons: ['the build ID is the same'] },
    refused: { path: 'other', symbolsOnly: true, match: 'refused', reasons: ['r'] },
    modules: [{ path: 'm.ko', module: 'm', match: 'refused', reasons: ['r'] }],
    kaslr: { offset: 0x1000n, from: 'pairs' },
    systemMap: { path: 'System.map', match: 'likely', reasons: ['r'] },
    missing: ['m'],
    mentioned: [
      { function: 'f', offset: 1, module: 'm', source: { file: 'a.c', line: 1 }, inlined: [], candidates: [] },
    ],
    notFound: { release: '6.1', places: 11, how: { distribution: 'Debian', commands: ['apt'], notes: ['n'] } },
  },
  explanation: {
    disassembly: [
      {
        code: 0,
        lines: [{ offset: -2, bytes: '31c0', text: 'xor %eax,%eax' }],
        skippedBytes: 1,
        differences: [{ offset: 0, log: '90', file: 'cc', cause: 'kprobe' }],
      },
    ],
    instruction: {
      line: { offset: 0, bytes: '8b7020', text: 'mov 0x20(%rax),%esi', marked: true },
      mnemonic: 'mov',
      operands: [
        {
          text: '0x20(%rax)',
          access: 'read',
          size: 4,
          base: 'rax',
          index: 'rbx',
          scale: 1,
          displacement: -1n,
          segment: 'gs',
          address: 0x20n,
        },
      ],
      faulting: 0,
      verdict: 'equal',
      words: 'the operand makes that address',
      register: 'rax',
      reads: ['rax'],
      writes: ['rsi'],
    },
    values: [{ register: 'rax', value: 0n, class: 'zero', words: 'NULL', certain: true, target: 'a', address: 0n }],
    variables: [{ name: 'a', function: 'f', kind: 'local', missing: 'optimized-out' }],
    accessed: { name: 'a->b', type: 'int', function: 'f', kind: 'member', alternatives: ['a->c'], certain: false },
    wrong: {
      name: 'a',
      function: 'f',
      kind: 'parameter',
      location: 'rax',
      value: 0n,
      meaning: { value: 0n, class: 'zero', words: 'NULL', certain: true },
    },
    origins: [{ words: 'first argument', kind: 'argument', offset: -2, certain: true }],
    passed: [{ by: 'f', to: 'g', index: 0, parameter: 'x', expression: 'p->q', value: 0n }],
    lock: {
      name: 'a->lock',
      by: { function: 'f', file: 'a.c', line: 2 },
      through: '_raw_spin_lock',
      taken: { function: 'f', file: 'a.c', line: 1, calls: 0, certain: true },
    },
    missing: ['variables: the file is damaged'],
  },
  findings: [
    {
      rule: 'null-member',
      confidence: 'certain',
      sentence: 's',
      evidence: [{ words: 'w', firstLine: 1, lastLine: 2, register: 'rax', address: 0n }],
      drawing: ['CPU0 CPU1'],
      circumstance: true,
      against: ['a'],
    },
  ],
});

/** Suspects with every key that the model has. */
const everySuspect: Required<Suspects> = {
  range: 'v6.1..v6.2',
  good: 'a'.repeat(40),
  bad: 'b'.repeat(40),
  commitCount: 12,
  commits: [
    {
      commit: 'c'.repeat(40),
      subject: 's',
      author: 'a',
      date: '2026-01-02T03:04:05+00:00',
      strength: 'strong',
      score: 0.9,
      reasons: [{ what: 'line', role: 'culprit', file: 'a.c', function: 'f', line: 1, words: 'w' }],
    },
  ],
  omitted: 1,
  complete: false,
  notes: ['n'],
};

describe('reportSchema', () => {
  test('holds for a full, a usual and an empty result', () => {
    for (const file of [
      fileResult([everything, crashReport()], {
        incidents: [
          {
            root: 0,
            follow: [{ report: 1, why: 'repeat' }],
            ending: [{ text: 'x', range: lines(1) }],
            boot: 0,
            suspects: everySuspect,
          },
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
        command: {
          program: 'qemu',
          milliseconds: 9,
          exitCode: 1,
          signal: 'SIGTERM',
          stopped: 'quiet',
          silentMilliseconds: 1,
          last: { state: 'testing', lines: ['x'], kernelSeconds: 1.5, harness: 'kunit', test: 't' },
          guest: { outcome: 'broken', rule: 'lock-cycle', sentence: 's' },
        },
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

/**
 * The keys of the model, written down so that the compiler refuses both a key too many and one too few: adding a key
 * to the model without adding it to the schema fails here.
 */
type Keys<T> = Readonly<Record<keyof T, true>>;

const reportKeys: Keys<CrashReport> = {
  title: true,
  altTitles: true,
  type: true,
  kind: true,
  severity: true,
  corrupted: true,
  corruptedReason: true,
  suppressed: true,
  panicked: true,
  frame: true,
  culprit: true,
  signature: true,
  executor: true,
  startLine: true,
  endLine: true,
  range: true,
  headline: true,
  reportText: true,
  guiltyFile: true,
  architecture: true,
  frames: true,
  stacks: true,
  registers: true,
  fault: true,
  pageTable: true,
  pageMapping: true,
  code: true,
  modules: true,
  linkedModules: true,
  taintFlags: true,
  taints: true,
  task: true,
  kernel: true,
  seconds: true,
  details: true,
  panic: true,
  running: true,
  boot: true,
  incident: true,
  repeats: true,
  unfinished: true,
  unprinted: true,
  symbols: true,
  explanation: true,
  findings: true,
  owners: true,
  history: true,
  knownIssue: true,
};

const incidentKeys: Keys<Incident> = { root: true, follow: true, ending: true, boot: true, suspects: true };

const frameKeys: Keys<Frame> = {
  function: true,
  offset: true,
  size: true,
  module: true,
  moduleBuildId: true,
  address: true,
  reliable: true,
  section: true,
  source: true,
  inlined: true,
  candidates: true,
  initText: true,
  printedFunction: true,
  range: true,
};

const sourceKeys: Keys<SourceLocation> = {
  file: true,
  line: true,
  column: true,
  md5: true,
  unverified: true,
  excerpt: true,
};

const registerKeys: Keys<RegisterSet> = {
  mode: true,
  values: true,
  ranges: true,
  ip: true,
  lr: true,
  codeSegment: true,
  words: true,
  decoded: true,
  cpu: true,
  range: true,
};

const inputKeys: Keys<InputFacts> = {
  bytes: true,
  lines: true,
  decorations: true,
  kernelLines: true,
  cutOff: true,
  damaged: true,
  omittedReports: true,
  endMark: true,
  denied: true,
};

test.each([
  // What output adds to the model.
  ['report', { ...reportKeys, fingerprints: true }],
  ['frame', frameKeys],
  ['source', sourceKeys],
  ['registers', registerKeys],
  ['input', inputKeys],
  ['incident', incidentKeys],
])('the schema of %s has the keys of the model', (name, keys) => {
  const definitions: Record<string, { properties: object }> = JSON.parse(JSON.stringify(reportSchema.$defs));
  expect(Object.keys(definitions[name]?.properties ?? {}).sort()).toEqual(Object.keys(keys).sort());
});
