import { address, count, flag, list, object, oneOf, ref, type Schema, text } from './parts.ts';

/** A file of debug information. */
export const symbolFileSchema = object('A vmlinux or module that was held against the log.', {
  path: text('The file.'),
  'module?': text('The name of the module; absent for vmlinux.'),
  'buildId?': text('Its build ID.'),
  'symbolsOnly?': flag('It has no debug information: functions are found in it, and no lines.'),
  match: oneOf(['certain', 'likely', 'unverified', 'refused'], 'How sure it is that it is the right one.'),
  reasons: list(text('A reason.'), 'What was compared, and what came of it.'),
});

/** How one comes by debug information. */
export const howToGet = object('How one comes by the debug information.', {
  distribution: text('Who made the kernel; self-built where nobody is known.'),
  commands: list(text('A command.'), 'Commands, the one that does it first.'),
  notes: list(text('A sentence.'), 'What else one needs to know.'),
});

/** Where source positions come from. */
export const symbolsSchema: Schema = object('The debug information that source positions were taken from.', {
  'vmlinux?': symbolFileSchema,
  'refused?': symbolFileSchema,
  'modules?': list(symbolFileSchema, 'Modules.'),
  'systemMap?': symbolFileSchema,
  'kaslr?': object('How far the kernel was moved.', {
    offset: address('By how much.'),
    from: oneOf(['log', 'pairs', 'given', 'kallsyms'], 'Who says so.'),
  }),
  'missing?': list(text('A reason.'), 'Why frames have no position.'),
  'mentioned?': list(
    object('A function named with an offset elsewhere than on a stack.', {
      function: text('Its name.'),
      offset: count('Bytes from its start.'),
      'module?': text('Its module.'),
      'source?': ref('source'),
      'inlined?': ref('inlined'),
      'candidates?': list(ref('source'), 'Where it may be, if several functions fit.'),
    }),
    "Functions named in the report's own words: where a lock was taken, which callback.",
  ),
  'notFound?': object("The kernel's debug information was not found.", {
    'release?': text('Its release.'),
    places: count('How many paths were looked at.'),
    how: howToGet,
  }),
});
