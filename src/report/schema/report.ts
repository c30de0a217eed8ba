import { severities } from '../../model/severity.ts';
import { historySchema, knownIssueSchema } from './comparison.ts';
import { explanationSchema, findingsSchema } from './explanation.ts';
import { ownersSchema } from './owners.ts';
import { address, count, flag, list, number, object, oneOf, ref, type Schema, text } from './parts.ts';
import { symbolsSchema } from './symbols.ts';

const fault = object("The processor's word on why it trapped.", {
  'address?': address('The address that could not be accessed.'),
  'access?': oneOf(['read', 'write', 'execute'], 'How it was accessed.'),
  'mode?': oneOf(['kernel', 'user'], 'From where.'),
  'errorCode?': address('The x86 error code, or the number behind `Oops:`.'),
  'esr?': address('ESR_EL1 of arm64.'),
  'fields?': list(ref('decodedField'), 'Fields of the error code or syndrome register, in words.'),
  'oopsCount?': count('The number behind `[#`.'),
  'oopsFlags?': list(text('A word.'), 'Words behind the oops counter (PREEMPT, SMP, KASAN ...).'),
});

const task = object('Who was running.', {
  'cpu?': count('CPU.'),
  'pid?': count('PID.'),
  'tgid?': count('Thread group ID.'),
  'uid?': count('UID.'),
  'comm?': text('Name of the task.'),
  'workqueue?': text('Workqueue and work function, as printed.'),
  'preemptCount?': number('Preempt count.'),
  'inAtomic?': flag('in_atomic() as printed.'),
  'irqsDisabled?': flag('irqs_disabled() as printed.'),
  'interruptState?': text('The interrupt state in words, as printed.'),
});

const kernel = object('Which kernel on which machine.', {
  'release?': text('`uname -r`.'),
  'version?': text('The build: number, flags, date or package.'),
  'buildId?': text('Build ID of vmlinux, where printed.'),
  'preemptModel?': text('Preempt model, where printed.'),
  'hardware?': text('The `Hardware name`.'),
  'kaslrOffset?': address('How far KASLR moved the kernel; 0x0 if it is off.'),
  'commandLine?': text('The kernel command line.'),
});

const culprit = object('The function to blame.', {
  function: text('Its name.'),
  'module?': text('Its module.'),
  'range?': ref('range'),
  passed: list(
    object('A candidate that was passed over.', { function: text('Its name.'), rule: text('Why, in words.') }),
    'Candidates before it that were passed over.',
  ),
});

const running = object('What ran when it happened.', {
  'harness?': text('Test harness.'),
  'test?': text('Test.'),
  'loadingModule?': text('Module that was being loaded.'),
  'userLine?': text('Last line of another program.'),
  'userLineNumber?': count('Its line number.'),
});

/** Definition of a crash report. */
export const crashReportSchema: Schema = object('One crash report.', {
  title: text('One line that names the crash the same way on every machine.'),
  altTitles: list(text('A title.'), 'Titles under which other systems may know it.'),
  type: text('Crash category, UNKNOWN where there is none.'),
  kind: {
    type: 'string',
    pattern: '^[a-z0-9-]+/[a-z0-9-]+$',
    description: 'family/variant; see `ktriage explain --list`.',
  },
  severity: oneOf(severities, 'How bad it is.'),
  corrupted: flag('The report is damaged.'),
  'corruptedReason?': text('How.'),
  suppressed: flag('The log blames the test environment, not the kernel.'),
  panicked: flag('The kernel panicked somewhere in this log.'),
  'frame?': text('The function of the title.'),
  'culprit?': culprit,
  'fingerprints?': object('Ids that other systems give it.', {
    nipa: text("That of netdev's NIPA: the first five functions of the trace, apart by colons."),
  }),
  signature: { type: 'string', pattern: '^[0-9a-f]{16}$', description: 'Hash of kind and normalized frames.' },
  'executor?': object('The executor of syzkaller.', { proc: count('Process.'), id: count('Program.') }),
  startLine: count('Line of the headline.'),
  endLine: count('Line of the last headline of any kind in the log.'),
  range: ref('range'),
  headline: text('The line that begins the report.'),
  reportText: text('The lines of the report, without what pipes added.'),
  'guiltyFile?': text('Source file to blame, in symbolized logs.'),
  architecture: oneOf(
    ['x86_64', 'i386', 'arm64', 'arm', 'riscv64', 'ppc64', 's390x', 'mips', 'loongarch64', 'unknown'],
    'Architecture.',
  ),
  frames: list(ref('frame'), "The trap's stack: the instruction pointer's frame first, then every frame in order."),
  stacks: list(ref('stack'), 'Every stack of the report.'),
  'registers?': list(ref('registers'), 'Registers of the kernel and of user space.'),
  'fault?': fault,
  'pageTable?': list(
    object('An entry.', {
      level: text('pgd, p4d, pud, pmd or pte.'),
      value: address('Its value.'),
      'fields?': list(ref('decodedField'), 'Its bits in words.'),
    }),
    'Page-table entries, outermost first.',
  ),
  'pageMapping?': object('What these entries come to.', {
    state: oneOf(['mapped', 'unmapped', 'guarded', 'swapped', 'reserved', 'incomplete'], 'Whether there is a page.'),
    level: text('The level at which the walk ended.'),
    words: text('In words.'),
    'size?': count('Bytes of the page.'),
    'physical?': address('Its physical address.'),
    'writable?': flag('All levels allow writing.'),
    'executable?': flag('All levels allow the kernel to execute it.'),
    'user?': flag('User space can access it.'),
  }),
  'code?': list(ref('code'), 'Dumps of machine code.'),
  'modules?': list(text('A name.'), 'Modules linked in.'),
  'linkedModules?': list(
    object('A module.', { name: text('Its name.'), 'flags?': text('Its letters.'), 'buildId?': text('Its build ID.') }),
    'The same with flags.',
  ),
  'taintFlags?': list(text('A letter.'), 'Taint letters.'),
  'taints?': list(text('A reason.'), 'Taint in words.'),
  'task?': task,
  'kernel?': kernel,
  'seconds?': number('Seconds since boot.'),
  'details?': {
    type: 'object',
    description: 'What the kind has of its own; `of` names the family. Keys are added as kinds are.',
    properties: { of: { type: 'string' } },
    required: ['of'],
    additionalProperties: true,
  },
  'panic?': object('The panic that the report ended in.', { message: text('Its message.'), range: ref('range') }),
  'running?': running,
  'boot?': count("Index into the file's boots."),
  'incident?': count("Index into the file's incidents."),
  'unfinished?': { const: true, description: 'The report breaks off in the middle.' },
  'unprinted?': {
    const: true,
    description: 'No kernel printed it: it was found in a guest that hangs, and its lines are those of ktriage.',
  },
  'repeats?': count('How often the same came again and was counted here.'),
  'symbols?': symbolsSchema,
  'explanation?': explanationSchema,
  'findings?': findingsSchema,
  'owners?': ownersSchema,
  'history?': historySchema,
  'knownIssue?': knownIssueSchema,
});
