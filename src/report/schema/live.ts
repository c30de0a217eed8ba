import { liveOutcomes } from '../../model/live.ts';
import { explanationSchemas } from './explanation.ts';
import { liveSchemas } from './live-parts.ts';
import { address, count, flag, list, object, oneOf, ref, type Schema, text } from './parts.ts';
import { stackSchemas } from './stacks.ts';
import { symbolFileSchema } from './symbols.ts';

/** The name of the form of what `ktriage live` prints; additions do not change it. */
export const liveSchemaName = 'ktriage/live/v1';

const kernel = object('Which kernel it is, and where it lies.', {
  architecture: text('Of the machine.'),
  'release?': text('As uname -r has it.'),
  'banner?': text('The `Linux version` line.'),
  'buildId?': text('Lower case hex digits.'),
  'slide?': address('What KASLR moved it by; modulo 2^64.'),
  'physicalBase?': address('Physical address of _text.'),
  'how?': text('What told where it is.'),
});

const trigger = object('What it was let run until.', {
  words: text('In words.'),
  'function?': text('The function that it stopped in.'),
  'address?': address('The address that it stopped at.'),
  'cpu?': count('The CPU that stopped.'),
});

const module = object('A loaded module.', {
  name: text('Its name.'),
  address: address('Where its code is.'),
  bytes: count('How much memory it takes.'),
  'state?': oneOf(['live', 'coming', 'going', 'unformed'], 'Whether it is in use.'),
  'file?': symbolFileSchema,
});

/** The JSON Schema (draft 2020-12) of the document that `ktriage live --format json` prints. */
export function liveSchema(fileSchemas: Readonly<Record<string, Schema>>): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'ktriage live',
    description:
      'What was found in a machine that stood still. Keys whose value is not known are absent. Addresses are hex strings.',
    ...object('The document.', {
      schema: { const: liveSchemaName, description: 'Name and version of this form.' },
      target: text('What was looked at, as given.'),
      outcome: oneOf(liveOutcomes, 'Whether something is wrong with it.'),
      'trigger?': trigger,
      verdict: ref('verdict'),
      findings: list(ref('verdict'), 'Further findings, the likelier first.'),
      kernel,
      'symbols?': object('Where names come from.', {
        'vmlinux?': symbolFileSchema,
        'missing?': list(text('What, and why.'), 'What has no names.'),
      }),
      cpus: list(ref('cpu'), 'All CPUs.'),
      tasks: list(ref('task'), 'All tasks.'),
      pageFaults: list(ref('pageFault'), 'The page faults on all stacks.'),
      locks: list(ref('lock'), 'What is waited for.'),
      modules: list(module, 'Loaded modules.'),
      'log?': object('The printk buffer.', {
        lines: list(text('As dmesg prints it.'), 'All of it.'),
        'neverPrinted?': count('How many of the last lines no console has printed.'),
        'result?': ref('file'),
      }),
      stoppedMs: { type: 'number', minimum: 0, description: 'Milliseconds that it stood still because of us.' },
      'isLeftRunning?': flag('It runs on: false if it stood before, or is held. Absent of what was saved.'),
      problems: list(text('What, and why.'), 'What could not be read or found out.'),
    }),
    $defs: { ...stackSchemas, ...explanationSchemas, ...liveSchemas, ...fileSchemas },
  };
}
