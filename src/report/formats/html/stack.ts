import { culpritIndex } from '../../../model/blame.ts';
import type { CrashReport, Frame, StackTrace } from '../../../model/report.ts';
import { frameText, sourceText } from '../../text/frame-words.ts';
import { noiseOf } from '../../text/noise.ts';
import { count } from '../../text/words.ts';
import { folded, html } from './parts.ts';

const mostFrames = 200;
const mostStacks = 60;

function where(frame: Pick<Frame, 'source' | 'candidates'>): string {
  const { source, candidates = [] } = frame;
  if (source !== undefined) return ` <span class="where">${html(sourceText(source))}</span>`;
  if (candidates.length === 0) return '';
  return ` <span class="where">one of ${candidates
    .slice(0, 3)
    .map((place) => html(sourceText(place)))
    .join(', ')}</span>`;
}

function frameRows(frame: Frame, isCulprit: boolean): string {
  const inner = (frame.inlined ?? []).map(
    (inline) =>
      `<li class="inline">${html(inline.function)}${where(inline)} <span class="quiet">inlined into</span></li>\n`,
  );
  const words = isCulprit ? ' <span class="error">culprit</span>' : '';
  const doubt = frame.reliable ? '' : '? ';
  const section =
    frame.section === undefined || frame.section === 'TASK' ? '' : ` <span class="quiet">${html(frame.section)}</span>`;
  return `${inner.join('')}<li${isCulprit ? ' class="culprit"' : ''}>${doubt}${html(frameText(frame))}${section}${where(frame)}${words}</li>\n`;
}

/** The trap's stack: frames that say little are folded where they stand. */
export function trapStack(report: CrashReport): string {
  const culprit = culpritIndex(report);
  const noise = noiseOf(report);
  const frames = report.frames.slice(0, mostFrames);
  let out = '';
  let quiet = '';
  let quietFrames = 0;
  const flush = (): void => {
    if (quietFrames > 0) {
      out += `<li>${folded(`${count(quietFrames, 'frame')} of entry code, generic code or unreliable`, `<ol class="stack">\n${quiet}</ol>\n`)}</li>\n`;
    }
    quiet = '';
    quietFrames = 0;
  };
  for (const [index, frame] of frames.entries()) {
    const row = frameRows(frame, index === culprit);
    if (noise[index] === undefined) {
      flush();
      out += row;
    } else {
      quiet += row;
      quietFrames += 1;
    }
  }
  flush();
  const beyond = report.frames.length - frames.length;
  if (beyond > 0) out += `<li class="quiet">and ${count(beyond, 'more frame')}</li>\n`;
  return out === '' ? '' : `<ol class="stack">\n${out}</ol>\n`;
}

function otherStack(stack: StackTrace): string {
  const rows = stack.frames.slice(0, mostFrames).map((frame) => frameRows(frame, false));
  const beyond = stack.frames.length - rows.length;
  const more = beyond > 0 ? `<li class="quiet">and ${count(beyond, 'more frame')}</li>\n` : '';
  return folded(html(stack.label.trim() || stack.role), `<ol class="stack">\n${rows.join('')}${more}</ol>\n`);
}

/** All other stacks of a report, each folded. */
export function otherStacks(report: CrashReport): string {
  const others = report.stacks.filter(({ role, frames }) => role !== 'trap' && frames.length > 0);
  const shown = others.slice(0, mostStacks).map(otherStack).join('');
  const beyond = others.length - mostStacks;
  return beyond > 0 ? `${shown}<p class="quiet">and ${count(beyond, 'more stack')}</p>\n` : shown;
}
