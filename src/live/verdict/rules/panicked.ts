import type { Evidence } from '../../../model/explanation.ts';
import type { Verdict } from '../../../model/live.ts';
import type { CrashReport } from '../../../model/report.ts';
import { isIn } from '../../frames.ts';
import type { ExplainedFault, HangFacts, HangRule } from '../facts.ts';
import { accessWords, blamed, faultFunction } from '../fault-words.ts';
import { atWords, locationOf } from '../words.ts';

export const panicking = /^(?:v?panic|nmi_panic)$/;

/** The kernel has panicked, and waits in panic(), or its CPUs were stopped by it. */
export const panicked: HangRule = {
  name: 'panicked',
  find: (facts) => {
    const { cpus, log, faults } = facts;
    const cpu = cpus.find(({ frames }) => frames.some((frame) => isIn(frame, panicking)));
    if (cpu === undefined) return [];
    const panic = log?.reports.findLast(({ panicked: is, panic: words }) => is || words !== undefined);
    const message = panic?.panic?.message;
    const evidence: Evidence[] = [
      { words: `CPU ${cpu.id} is in panic()` },
      ...(panic === undefined ? [] : [{ words: `The log says: ${panic.title}`, firstLine: panic.range.firstLine }]),
    ];
    const said = message === undefined ? '' : ` ("${message}")`;
    const stays = `The kernel has panicked${said}, and CPU ${cpu.id} stays in panic()`;
    const fault = faults.findLast(({ judgement, thread }) => judgement.fatal && thread === cpu.thread);
    if (fault !== undefined) return [byFault(fault, stays, evidence)];
    return [byLog(facts, panic, stays, evidence)];
  },
};

/** What the panicking CPU faulted on is the cause. */
function byFault(fault: ExplainedFault, stays: string, evidence: readonly Evidence[]): Omit<Verdict, 'rule'> {
  return {
    confidence: 'certain',
    sentence: `${stays}: it ${accessWords(fault)}${faultFunction(fault)}.`,
    evidence: [
      ...evidence,
      { words: `pt_regs at 0x${fault.entry.ptRegs.toString(16)}: ${fault.judgement.why}`, address: fault.entry.ptRegs },
    ],
    location: locationOf(blamed(fault)),
  };
}

function byLog(
  { log, places }: HangFacts,
  panic: CrashReport | undefined,
  stays: string,
  evidence: readonly Evidence[],
): Omit<Verdict, 'rule'> {
  const nth = panic === undefined ? -1 : (log?.reports.indexOf(panic) ?? -1);
  const incident = log?.incidents.findLast(
    ({ root, follow }) => root === nth || follow.some(({ report }) => report === nth),
  );
  const root = incident === undefined ? log?.reports[0] : log?.reports[incident.root];
  const place = root && places?.get(root);
  const began =
    root === undefined || root === panic
      ? ''
      : `; it began with "${root.title}"${place === undefined ? '' : atWords(place.at, place.inlinedInto)}`;
  const at = (root ?? panic)?.frames.find(
    ({ reliable, function: name }) => reliable && name !== undefined && !panicking.test(name),
  );
  return {
    confidence: 'certain',
    sentence: `${stays}${began}.`,
    evidence: [
      ...evidence,
      ...(root === undefined || root === panic
        ? []
        : [{ words: `Before: ${root.title}`, firstLine: root.range.firstLine }]),
    ],
    ...(place !== undefined && { location: locationOf(place.at) }),
    ...(place === undefined &&
      at?.function !== undefined && {
        location: { function: at.function, ...(at.source && { file: at.source.file, line: at.source.line }) },
      }),
  };
}
