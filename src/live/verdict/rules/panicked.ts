import { isIn } from '../../frames.ts';
import type { HangRule } from '../facts.ts';

/** The kernel has panicked, and waits in panic(), or its CPUs were stopped by it. */
export const panicked: HangRule = {
  name: 'panicked',
  find: ({ cpus, log }) => {
    const cpu = cpus.find(({ frames }) => frames.some((frame) => isIn(frame, /^(?:v?panic|nmi_panic)$/)));
    const panic = log?.reports.findLast(({ panicked: is, panic: words }) => is || words !== undefined);
    if (cpu === undefined) return [];
    const [root] = log?.reports ?? [];
    const message = panic?.panic?.message ?? panic?.title;
    const place = root?.frames[0];
    return [
      {
        confidence: 'certain',
        sentence: `The kernel has panicked${message === undefined ? '' : ` ("${message}")`}, and CPU ${cpu.id} stays in panic()${root === undefined || root === panic ? '' : `; it began with "${root.title}"`}.`,
        evidence: [
          { words: `CPU ${cpu.id} is in panic()` },
          ...(panic === undefined ? [] : [{ words: `The log says: ${panic.title}`, firstLine: panic.range.firstLine }]),
        ],
        ...(place?.function !== undefined && {
          location: {
            function: place.function,
            ...(place.source && { file: place.source.file, line: place.source.line }),
          },
        }),
      },
    ];
  },
};
