import { entryKinds, lockKinds } from '../../model/live.ts';
import { explanationSchema, findingsSchema } from './explanation.ts';
import { address, count, flag, list, map, object, oneOf, ref, type Schema, text } from './parts.ts';

const registers = map(address('The value.'), 'Registers by the lower-case names of the architecture.');

const decoded = map(
  list(ref('decodedField'), 'Its fields: those that are set, and others worth a word.'),
  'Control and status registers in words.',
);

const entry = object('Registers that the kernel saved when it was entered.', {
  kind: oneOf(entryKinds, 'By what it was entered.'),
  ptRegs: address('Address of the pt_regs.'),
  registers,
  isUser: flag('Entered from user space.'),
  'errorCode?': address('Of x86 the error code, of arm64 ESR_EL1, where it is still known.'),
  'faultAddress?': address('CR2 or FAR_EL1, where it is still known.'),
});

const frame = object('One frame of a stack that was read in a machine.', {
  address: address('The instruction pointer, or where the call returns to.'),
  'function?': text('The function.'),
  'offset?': count("Bytes from the function's start."),
  'size?': count('Bytes to the next symbol.'),
  'module?': text('The module that the function is in.'),
  stack: text('The stack that it stands on: task, IRQ, SOFTIRQ, NMI, #DF, ENTRY, overflow.'),
  reliable: flag('False for a guess: an address found on the stack that may be stale.'),
  'source?': ref('source'),
  'inlined?': ref('inlined'),
  'variables?': list(
    object('A variable of the frame.', {
      name: text('As in the source.'),
      'type?': text('As C writes it.'),
      isArgument: flag('It is an argument of the function.'),
      'value?': address('Its value, of up to 8 bytes.'),
    }),
    'Arguments and locals, where they are known.',
  ),
  'entry?': ref('entry'),
});

const frames = list(ref('liveFrame'), 'Frames, innermost first.');
const endsBecause = text('Why the stack ends where it does, if not at its start.');

const cpu = object('A CPU.', {
  id: count('Its number.'),
  state: oneOf(['idle', 'kernel', 'user', 'firmware', 'offline', 'stopped', 'unknown'], 'What it does.'),
  'pid?': count('The task that it runs.'),
  'comm?': text('The name of that task.'),
  'interruptsOff?': flag('Interrupts are off on it.'),
  registers,
  'decoded?': decoded,
  frames,
  'endsBecause?': endsBecause,
});

const task = object('A task.', {
  pid: count('Its number.'),
  'tgid?': count("The thread group's."),
  comm: text('Its name.'),
  address: address('Of its task_struct.'),
  state: text('As ps has it: R, S, D, I, T, t, Z, X, P.'),
  'stateBits?': address('The same as the kernel has it.'),
  'cpu?': count('The CPU that it runs on, or ran on last.'),
  'onCpu?': flag('It runs on a CPU.'),
  'stack?': address('Where its stack begins.'),
  'isKernelThread?': flag('It is a thread of the kernel.'),
  frames,
  'endsBecause?': endsBecause,
});

const pageFault = object('A page fault on some stack.', {
  'cpu?': count('The CPU, of a stack of one.'),
  'pid?': count('The task.'),
  'comm?': text('The name of the task.'),
  ptRegsAddress: address('Where the pt_regs is.'),
  registers,
  isUser: flag('It was taken in user space.'),
  'faultAddress?': address('What was touched.'),
  'errorCode?': address('Of x86 the error code, of arm64 ESR_EL1.'),
  frames,
  fatal: flag('It cannot end well.'),
  why: text('Why it is fatal or not.'),
  'explanation?': explanationSchema,
});

const party = object('Who waits for something, or holds it.', {
  'cpu?': count('On which CPU.'),
  'pid?': count('Which task.'),
  'comm?': text('The name of the task.'),
  'function?': text('The function that took it or wants it.'),
  'source?': ref('source'),
  'how?': text('How it is known.'),
});

const lock = object('Something that is waited for.', {
  kind: oneOf(lockKinds, 'What it is.'),
  'address?': address('Where it is.'),
  'name?': text('A symbol, or a member of an object.'),
  'value?': text('What its words hold.'),
  holders: list(ref('party'), 'Who holds it.'),
  waiters: list(ref('party'), 'Who waits for it.'),
});

const finding = findingsSchema.items;

/** Definitions that only the document of a machine has. */
export const liveSchemas: Readonly<Record<string, Schema>> = {
  entry,
  liveFrame: frame,
  cpu,
  task,
  pageFault,
  party,
  lock,
  verdict: withLocation(isSchema(finding) ? finding : {}),
};

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}

/** A finding, with the place that it is about. */
function withLocation(schema: Schema): Schema {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const place = {
    function: text('The function.'),
    'file?': text('The file.'),
    'line?': count('The line, from 1.'),
  };
  const location = object('The place that it is about.', place);
  const otherLocations = list(object('A place.', place), 'Other places that it is about as much.');
  return { ...schema, properties: { ...properties, location, otherLocations } };
}
