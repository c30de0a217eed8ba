import type { FileResult } from '../../model/document.ts';
import type { Finding } from '../../model/explanation.ts';
import type { LiveDocument, Verdict } from '../../model/live.ts';
import type { CrashReport } from '../../model/report.ts';
import { blameOf, guiltyFile, signatureOfHang, stackTraces, type ThreadStack } from './blame.ts';
import { HangLines } from './lines.ts';
import { architectureOf, kernelOf, machineOf } from './machine.ts';
import { deadlockParties, nameOfHang } from './name.ts';
import { type HangSubject, type HangThread, involvedThreads, isSame, subjectOf, threadsOf } from './subject.ts';

/** CPUs whose stacks are shown beside those that the verdict is about. */
const mostCpus = 32;

/** A hang as a report, and its lines. */
export interface HangReport {
  readonly report: CrashReport;
  readonly lines: readonly string[];
}

/**
 * What is wrong with a machine as a report, as if its kernel had found and printed it: behind the last line of its log.
 * Undefined if nothing is wrong.
 */
export function hangReport(document: LiveDocument, log: FileResult): HangReport | undefined {
  const { verdict, findings, outcome } = document;
  if (outcome !== 'broken') return undefined;
  const involved = involvedThreads(document);
  const subject = subjectOf(document, involved);
  const name = nameOfHang(document, subject, involved);
  const text = new HangLines({ lines: log.input.lines ?? 0, bytes: log.input.bytes });
  const headline = `ktriage live: ${verdict.sentence}`;
  const begin = text.push(headline);
  const shown = stacksOf(document, subject, involved).map((thread): ThreadStack => ({ thread, ...text.stack(thread) }));
  const end = shown.at(-1)?.range ?? begin;
  const blame = blameOf(verdict, log, subject, shown[0]);
  const file = guiltyFile(blame, verdict);
  const parties = deadlockParties(document, subject, involved);
  const isParty = ({ thread }: ThreadStack): boolean => parties.some((party) => isSame(party, thread));
  const { cpu, pid, comm } = subject?.thread ?? {};
  const modules = document.modules.map((module) => module.name);
  const report: CrashReport = {
    ...name,
    severity: 'fatal',
    corrupted: false,
    suppressed: false,
    panicked: verdict.rule === 'panicked',
    unprinted: true,
    ...(blame.culprit !== undefined && { culprit: blame.culprit }),
    ...(file !== undefined && { guiltyFile: file }),
    signature: signatureOfHang(verdict, name, blame, shown.filter(isParty)),
    startLine: begin.firstLine,
    endLine: begin.firstLine,
    range: { ...begin, lastLine: end.lastLine, endByte: end.endByte },
    headline,
    reportText: `${text.lines.join('\n')}\n`,
    architecture: architectureOf(document),
    frames: blame.frames,
    stacks: stackTraces(shown, blame, subject, involved),
    ...machineOf(document, blame.ofLog === undefined ? subject : undefined, blame.frames),
    ...(modules.length > 0 && { modules }),
    task: {
      ...(cpu !== undefined && { cpu: cpu.id }),
      ...(pid !== undefined && { pid }),
      ...(comm !== undefined && { comm }),
      ...(cpu?.interruptsOff !== undefined && { irqsDisabled: cpu.interruptsOff }),
    },
    kernel: kernelOf(document),
    boot: Math.max(log.boots.length - 1, 0),
    findings: [verdict, ...findings].map(findingOf),
  };
  return { lines: text.lines, report };
}

/** The stacks that a report shows: that of the subject, those that the verdict names, and CPUs that are in the kernel. */
function stacksOf(
  document: LiveDocument,
  subject: HangSubject | undefined,
  involved: readonly HangThread[],
): readonly HangThread[] {
  const busy = threadsOf(document)
    .filter(({ cpu }) => cpu?.state === 'kernel')
    .slice(0, mostCpus);
  const wanted = [...(subject === undefined ? [] : [subject.thread]), ...involved, ...busy];
  return wanted.filter((thread, nth) => wanted.findIndex((each) => isSame(each, thread)) === nth);
}

/** A verdict without its places, which frames have. */
export function findingOf({ location: _location, otherLocations: _others, ...finding }: Verdict): Finding {
  return finding;
}
