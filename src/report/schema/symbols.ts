import { address, list, object, oneOf, type Schema, text } from './parts.ts';

const symbolFile = object('A vmlinux or module that was held against the log.', {
  path: text('The file.'),
  'module?': text('The name of the module; absent for vmlinux.'),
  'buildId?': text('Its build ID.'),
  match: oneOf(['certain', 'likely', 'unverified', 'refused'], 'How sure it is that it is the right one.'),
  reasons: list(text('A reason.'), 'What was compared, and what came of it.'),
});

/** Where source positions come from. */
export const symbolsSchema: Schema = object('The debug information that source positions were taken from.', {
  'vmlinux?': symbolFile,
  'modules?': list(symbolFile, 'Modules.'),
  'kaslr?': object('How far the kernel was moved.', {
    offset: address('By how much.'),
    from: oneOf(['log', 'pairs', 'given'], 'Who says so.'),
  }),
  'missing?': list(text('A reason.'), 'Why frames have no position.'),
});
