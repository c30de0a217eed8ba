import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { cutTo } from '../width.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';

/** Longer lines of other programs are cut. */
const longestQuote = 160;

function taskSentence(report: CrashReport): string | undefined {
  const { task } = report;
  if (!task) return undefined;
  const parts: string[] = [];
  if (task.comm !== undefined) parts.push(task.comm);
  if (task.pid !== undefined) parts.push(`PID ${task.pid}`);
  if (task.uid !== undefined) parts.push(`UID ${task.uid}`);
  if (task.cpu !== undefined) parts.push(`CPU ${task.cpu}`);
  if (task.workqueue !== undefined) parts.push(`workqueue ${task.workqueue}`);
  if (task.preemptCount !== undefined) parts.push(`preempt count ${task.preemptCount}`);
  if (task.inAtomic === true) parts.push('in atomic context');
  if (task.irqsDisabled === true) parts.push('interrupts off');
  return parts.length === 0 ? undefined : printable(parts.join(', '));
}

function taintSentence(report: CrashReport): string | undefined {
  const { taints, taintFlags } = report;
  if (taintFlags?.length === 0) return 'Not tainted';
  const letters = taintFlags === undefined ? '' : ` (${taintFlags.join('')})`;
  if (taints && taints.length > 0) return printable(`Tainted${letters}: ${taints.join(', ')}`);
  return taintFlags === undefined ? undefined : printable(`Tainted${letters}`);
}

function runningSentences(report: CrashReport): string[] {
  const { running } = report;
  if (!running) return [];
  const sentences: string[] = [];
  if (running.test !== undefined) {
    const harness = running.harness === undefined ? 'A test' : `A test of ${running.harness}`;
    sentences.push(printable(`${harness} was running: ${running.test}`));
  } else if (running.harness !== undefined) {
    sentences.push(printable(`Tests of ${running.harness} were running`));
  }
  if (running.loadingModule !== undefined)
    sentences.push(printable(`The module ${running.loadingModule} was being loaded`));
  if (running.userLine !== undefined) {
    const line = running.userLineNumber === undefined ? '' : ` (line ${running.userLineNumber})`;
    sentences.push(cutTo(printable(`Last words of user space${line}: ${running.userLine.trim()}`), longestQuote));
  }
  return sentences;
}

/** Who ran, on which kernel and machine, and what was going on. */
export function contextSections(report: CrashReport, all: boolean): Section[] {
  const { kernel } = report;
  const sections: Section[] = [];
  const task = taskSentence(report);
  if (task !== undefined) sections.push({ label: 'Task', paragraphs: [task] });
  const kernelLines: Paragraph[] = [];
  const version = [kernel?.release, kernel?.version, kernel?.preemptModel?.replace(/^(?!PREEMPT)/, 'preempt model ')]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
  // The version of the firmware follows the machine's name; it is rarely what one needs to know.
  const machine = all ? kernel?.hardware : kernel?.hardware?.split(', BIOS ', 1)[0];
  const hardware = machine === undefined ? '' : `on ${machine}`;
  const which = [version, hardware].filter((part) => part !== '').join(' ');
  const taint = taintSentence(report);
  if (report.taintFlags?.length === 0 && which !== '') kernelLines.push(printable(`${which}, not tainted`));
  else kernelLines.push(...[printable(which), taint ?? ''].filter((line) => line !== ''));
  if (all && kernel?.commandLine !== undefined) kernelLines.push(`Command line: ${printable(kernel.commandLine)}`);
  if (all && kernel?.buildId !== undefined) kernelLines.push(`Build ID ${printable(kernel.buildId)}`);
  if (kernelLines.length > 0) sections.push({ label: 'Kernel', paragraphs: kernelLines });
  const running = runningSentences(report);
  if (running.length > 0) sections.push({ label: 'Running', paragraphs: running });
  return sections;
}
