import { confidences } from '../../model/explanation.ts';
import { address, count, flag, list, number, object, oneOf, ref, type Schema, text } from './parts.ts';

const register = text("A register, by the names of the report's register set.");

const instructionLine = object('One line of a disassembly.', {
  offset: number('Bytes from the marked instruction; negative before it.'),
  bytes: text("The instruction's bytes in the order of memory, in hex; of arm64 the word."),
  text: text('In the syntax of GNU tools: AT&T for x86. `(bad)` where it is none.'),
  'marked?': { const: true, description: 'The instruction that the processor was at.' },
});

const memoryOperand = object('An operand in memory.', {
  text: text('As the disassembly prints it.'),
  access: oneOf(['read', 'write', 'read-write', 'execute', 'none'], 'How the instruction uses it.'),
  size: count('Bytes.'),
  'base?': register,
  'index?': register,
  'scale?': count('What the index is multiplied by.'),
  displacement: address('What is added.'),
  'segment?': text('`fs`, `gs`: a base was added that the report may not print.'),
  'address?': address("The effective address by the report's registers."),
});

const meaning = {
  value: address('The value.'),
  class: oneOf(
    [
      'zero',
      'null-offset',
      'errno',
      'small',
      'list-poison',
      'slab-poison',
      'page-poison',
      'stack-poison',
      'init-poison',
      'other-poison',
      'kasan-shadow',
      'user',
      'non-canonical',
      'per-cpu',
      'direct-map',
      'vmalloc',
      'vmemmap',
      'fixmap',
      'module',
      'kernel-text',
      'kernel-data',
      'init-text',
      'stack',
      'stack-guard',
      'text-string',
      'bit-flip',
      'refcount-saturated',
      'kernel-pointer',
      'number',
    ],
    'What sort of value it is.',
  ),
  words: text('The same in words.'),
  certain: flag('False where it may be by chance.'),
  'target?': text('What it points to.'),
  'address?': address('The address that it stands for: without a tag, with a flipped bit put right.'),
};

const variable = object('A variable or parameter, or a member that is reached through one.', {
  name: text('As in the source: `ring`, `ring->slot[2]`.'),
  'type?': text('As C writes it.'),
  function: text('The function that it belongs to, which may be inlined.'),
  kind: oneOf(['parameter', 'local', 'member'], 'What it is.'),
  'location?': text('Where it was: a register, a place in memory; absent if it was optimized out.'),
  'value?': address('Its value.'),
  'meaning?': object('What the value means.', meaning),
  'missing?': oneOf(['optimized-out', 'not-here', 'not-in-log'], 'Why it has no value.'),
  'alternatives?': list(text('An expression.'), 'Other names for the same bytes: members of a union.'),
  'certain?': flag('False of a name found by following the code back, where the value may have come another way.'),
});

const instruction = object('The instruction that the processor was at, and what it tried.', {
  line: ref('instructionLine'),
  mnemonic: text('Without operands and size suffixes.'),
  operands: list(memoryOperand, 'Operands in memory.'),
  'faulting?': count('The operand that faulted, an index into `operands`.'),
  verdict: oneOf(
    ['equal', 'within', 'not-canonical', 'shadow', 'fetch', 'different', 'unknown'],
    'What the effective address says about the address that the processor complained of.',
  ),
  words: text('The verdict in words.'),
  'register?': register,
  reads: list(register, 'Registers read.'),
  writes: list(register, 'Registers written.'),
  'isOfFile?': flag('The log has no code of it: it is what the vmlinux or module has at that place.'),
});

const disassembly = object('A `Code:` line disassembled.', {
  code: count("Index into the report's `code`."),
  lines: list(ref('instructionLine'), 'Its instructions.'),
  skippedBytes: count('Leading bytes left out because no instruction begins there.'),
  'differences?': list(
    object('A range of bytes that the log and the file have differently.', {
      offset: number('Bytes from the marked instruction.'),
      log: text('Bytes of the log, in hex.'),
      file: text('Bytes of the file, in hex.'),
      cause: oneOf(
        ['alternative', 'ftrace', 'static-key', 'static-call', 'paravirt', 'kprobe', 'int3', 'unknown'],
        'What may have changed it.',
      ),
    }),
    'Against the vmlinux or module, where there is one.',
  ),
});

const codePlace = {
  function: text('The function.'),
  'file?': text('Its source file.'),
  'line?': count('The line.'),
};

/** Definitions that the explanation refers to. */
export const explanationSchemas: Readonly<Record<string, Schema>> = { instructionLine, variable };

/** What a report's machine state says. */
export const explanationSchema: Schema = object("What a report's machine state says.", {
  'disassembly?': list(disassembly, 'The dumps of machine code, disassembled.'),
  'instruction?': instruction,
  'values?': list(
    object('What a register means.', { register, ...meaning }),
    "Registers of the report's first kernel register set that there is a word to say about.",
  ),
  'variables?': list(ref('variable'), 'Variables of the frames, where debug information knows them.'),
  'accessed?': ref('variable'),
  'wrong?': ref('variable'),
  'origins?': list(
    object("One step of a value's way to the place where it hurt.", {
      words: text('The step in words.'),
      kind: oneOf(['load', 'call', 'argument', 'constant', 'arithmetic', 'copy', 'unknown'], 'What sort of step.'),
      'offset?': number('Bytes from the marked instruction, where the step is one.'),
      certain: flag('False where it is a guess.'),
    }),
    "The value's way to the place where it hurt, the last step first.",
  ),
  'passed?': list(
    object('A value that a function passed to another.', {
      by: text('Who called.'),
      to: text('Whom.'),
      index: count('As which argument, from 0 on.'),
      'parameter?': text("That argument's name in the called function."),
      'expression?': text('What the caller passed, as in its source.'),
      'value?': address('Its value.'),
    }),
    'Arguments by which the wrong value came from caller to caller, the innermost call first.',
  ),
  'lock?': object('The lock that the stack waits for.', {
    'name?': text('As in the source.'),
    by: object('Who asks for it, and where.', codePlace),
    through: text('The function that it calls for that.'),
    'taken?': object('Where the same task took it before and, by the code, has not given it back.', {
      ...codePlace,
      calls: count('Functions that it called since, one of which may have given it back.'),
      certain: flag('False where the code may have come another way.'),
    }),
  }),
  'missing?': list(text('What, and why.'), 'What could not be found out.'),
});

/** What rules conclude. */
export const findingsSchema: Schema = list(
  object('What a rule concludes.', {
    rule: text("The rule's name, of the list that `ktriage explain --list` prints."),
    confidence: oneOf(confidences, 'How sure it is.'),
    sentence: text('What is concluded, in a sentence.'),
    evidence: list(
      object('Something that it rests on.', {
        words: text('In words.'),
        'firstLine?': count('First line of the log that says so.'),
        'lastLine?': count('Last line of the log that says so.'),
        'register?': register,
        'address?': address('An address.'),
      }),
      'What it rests on.',
    ),
    'drawing?': list(text('A line.'), 'Lines to be shown as they are: the two columns of a deadlock.'),
    'circumstance?': { const: true, description: 'It is no cause: what else matters.' },
    'against?': list(text('A sentence.'), 'What speaks against it.'),
  }),
  'What rules conclude, the best first.',
);
