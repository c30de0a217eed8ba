import type { FileResult, InputFacts } from '../../src/model/document.ts';
import type { Incident } from '../../src/model/incident.ts';
import type { TextRange } from '../../src/model/position.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import type { TextOptions } from '../../src/report/text/options.ts';
import { plainPainter } from '../../src/report/text/style.ts';

/** A range of whole lines; the bytes are made up. */
export function lines(first: number, last = first): TextRange {
  return { firstLine: first, lastLine: last, firstByte: (first - 1) * 80, endByte: last * 80 };
}

/** A frame from its printed form: `? foo+0x1/0x2 [mod]`. */
export function frame(printed: string, line: number, more: Partial<Frame> = {}): Frame {
  const match = /^(\? )?([\w.$]+)\+0x([0-9a-f]+)\/0x([0-9a-f]+)(?: \[(\w+)\])?$/.exec(printed);
  if (!match) throw new Error(`no frame: ${printed}`);
  const [, question, name = '', offset = '0', size = '0', module] = match;
  return {
    function: name,
    offset: Number.parseInt(offset, 16),
    size: Number.parseInt(size, 16),
    ...(module === undefined ? {} : { module }),
    reliable: question === undefined,
    range: lines(line),
    ...more,
  };
}

const trapFrames: readonly Frame[] = [
  frame('frob_read+0xe/0x19 [frob]', 104),
  frame('frob_write+0x18/0x2f [frob]', 120, { section: 'TASK' }),
  frame('proc_reg_write+0x56/0xa0', 121, { section: 'TASK' }),
  frame('vfs_write+0xc7/0x3f0', 122, { section: 'TASK' }),
  frame('? do_set_pte+0x189/0x1d0', 123, { section: 'TASK' }),
  frame('ksys_write+0x6b/0xf0', 124, { section: 'TASK' }),
  frame('do_syscall_64+0x5d/0xb0', 125, { section: 'TASK' }),
  frame('entry_SYSCALL_64_after_hwframe+0x6e/0xd8', 126, { section: 'TASK' }),
];

/** A NULL dereference in a module, as complete as a report gets; parts can be replaced. */
export function crashReport(more: Partial<CrashReport> = {}): CrashReport {
  return {
    title: 'BUG: unable to handle kernel NULL pointer dereference in frob_read',
    altTitles: ['bad-access in frob_read'],
    type: 'NULL-POINTER-DEREFERENCE',
    kind: 'oops/null-deref',
    severity: 'error',
    corrupted: false,
    suppressed: false,
    panicked: false,
    frame: 'frob_read',
    culprit: { function: 'frob_read', module: 'frob', range: lines(104), passed: [] },
    signature: '0123456789abcdef',
    startLine: 100,
    endLine: 100,
    range: lines(100, 140),
    headline: 'BUG: kernel NULL pointer dereference, address: 0000000000000020',
    reportText: 'BUG: kernel NULL pointer dereference, address: 0000000000000020\n',
    architecture: 'x86_64',
    frames: trapFrames,
    stacks: [{ role: 'trap', label: 'Call Trace:', frames: trapFrames, range: lines(104, 126) }],
    fault: {
      address: 0x20n,
      access: 'read',
      mode: 'kernel',
      errorCode: 0n,
      fields: [{ name: 'P', value: '0', meaning: 'not-present page' }],
      oopsCount: 1,
      oopsFlags: ['PREEMPT', 'SMP'],
    },
    registers: [
      {
        mode: 'kernel',
        values: { rax: 0n, rbx: 0xffff_ffff_c02d_d160n, cr2: 0x20n },
        ranges: { rax: lines(106), rbx: lines(106), cr2: lines(115) },
        range: lines(104, 115),
      },
    ],
    code: [{ units: ['31', 'c0', '8b', '70'], unitSize: 1, marked: 2, mode: 'kernel', range: lines(105) }],
    modules: ['frob'],
    taintFlags: ['O', 'E'],
    taints: ['out-of-tree module loaded', 'unsigned module loaded'],
    task: { cpu: 1, pid: 96, comm: 'init' },
    kernel: { release: '6.1.0-50-amd64', version: '#1 Debian 6.1.176-1', hardware: 'QEMU Standard PC' },
    seconds: 2.53,
    boot: 0,
    incident: 0,
    ...more,
  };
}

export const inputFacts: InputFacts = {
  bytes: 28_661,
  lines: 1204,
  decorations: [],
  kernelLines: true,
  cutOff: false,
};

/** The result of one input whose reports are each an incident of their own unless told otherwise. */
export function fileResult(reports: readonly CrashReport[], more: Partial<FileResult> = {}): FileResult {
  const incidents: Incident[] = reports.map((_, root) => ({ root, follow: [], ending: [], boot: 0 }));
  return {
    path: 'boot.log',
    reports,
    incidents,
    boots: [{ firstLine: 1, lastLine: 1204, reason: 'log-start', release: '6.1.0-50-amd64' }],
    notices: [],
    input: inputFacts,
    ...more,
  };
}

/** How a test wants its text: plain, 80 columns. */
export function plainOptions(more: Partial<TextOptions> = {}): TextOptions {
  return { width: 80, painter: plainPainter, all: false, limit: 20, program: 'ktriage', ...more };
}
