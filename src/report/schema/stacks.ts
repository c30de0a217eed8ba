import { excerptStates } from '../../model/excerpt.ts';
import { stackRoles } from '../../model/report.ts';
import { address, count, flag, list, map, object, oneOf, ref, type Schema, text } from './parts.ts';

/** Definitions of what stands on stacks and in registers. */
export const stackSchemas: Readonly<Record<string, Schema>> = {
  range: object('A place in the input (after decompression). Lines count from 1, bytes from 0; endByte is exclusive.', {
    firstLine: count('First line.'),
    lastLine: count('Last line.'),
    firstByte: count('Offset of the first byte.'),
    endByte: count('Offset of the byte after the last one.'),
  }),
  source: object('A position in source code.', {
    file: text('Path as printed.'),
    line: count('Line, from 1.'),
    'column?': count('Column, from 1.'),
    'md5?': text('MD5 of the file when it was compiled, where debug information has it.'),
    'unverified?': flag('True if the debug information may be of another build: it was used because of --force.'),
    'excerpt?': object('The lines around it, where source was given and the frame matters.', {
      'path?': text('The file that was read.'),
      firstLine: count('Number of the first of the lines.'),
      lines: list(text('A line.'), 'The lines, with tabs expanded; empty if there is nothing to show.'),
      'column?': count('The character of the line that is meant, from 1.'),
      state: oneOf(excerptStates, 'How sure it is that this is what was compiled.'),
      note: text('What was compared, and what came of it.'),
    }),
  }),
  inlined: list(
    object('A function inlined into the frame.', { function: text('Its name.'), 'source?': ref('source') }),
    'Functions inlined here, innermost first.',
  ),
  frame: object('One frame of a stack, as printed.', {
    'function?': text('The function with its compiler suffixes; absent for a bare address.'),
    'offset?': count("Bytes from the function's start."),
    'size?': count('Bytes of the function.'),
    'module?': text('The module that the function is in; absent for the kernel itself.'),
    'moduleBuildId?': text('Build ID of the module, where printed.'),
    'address?': address('The address, where printed.'),
    reliable: flag('False for frames marked `?`: an address found on the stack that may be stale.'),
    'section?': text('The part of the stack (IRQ, NMI, TASK, SOFTIRQ ...), where marked.'),
    'source?': ref('source'),
    'inlined?': ref('inlined'),
    'candidates?': list(ref('source'), 'Where it may be, if several functions of that name and size exist.'),
    'printedFunction?': text('What is printed instead of `function`, where a call that does not return ends it.'),
    'initText?': { const: true, description: 'In code of __init functions, which is freed after boot.' },
    range: ref('range'),
  }),
  stack: object('One labelled stack.', {
    role: oneOf(stackRoles, 'What the stack is about.'),
    label: text('The line that introduces it, as printed.'),
    frames: list(ref('frame'), 'Its frames, innermost first.'),
    'cpu?': count('The CPU it belongs to.'),
    'pid?': count('The task it belongs to.'),
    'comm?': text('The name of that task.'),
    range: ref('range'),
  }),
  registers: object('The registers of one pt_regs, as printed.', {
    mode: oneOf(['kernel', 'user'], 'Whose registers.'),
    values: map(address('The value.'), 'Values by the lower-case names of the architecture.'),
    ranges: map(ref('range'), 'Where each register was printed.'),
    'ip?': ref('frame'),
    'lr?': ref('frame'),
    'codeSegment?': count('The code segment of the IP line (x86).'),
    'words?': map(text('Words.'), 'What is printed in words behind a register.'),
    'decoded?': map(
      list(ref('decodedField'), 'Its fields: those that are set, and others worth a word.'),
      'Control, status and segment registers in words.',
    ),
    'cpu?': count('The CPU, where it is another one than that of the report.'),
    range: ref('range'),
  }),
  decodedField: object('A field of a register, an error code or a page-table entry.', {
    name: text('Its name in the manual.'),
    value: text('Its value.'),
    'meaning?': text('The value in words.'),
  }),
  code: object('A `Code:` line.', {
    units: list(text('Hex digits of one unit.'), 'Units in the order of memory.'),
    unitSize: count('Bytes per unit.'),
    'marked?': count('Index of the unit at the instruction pointer.'),
    mode: oneOf(['kernel', 'user'], 'Whose code.'),
    range: ref('range'),
  }),
};
