import type { CrashReport } from '../../model/report.ts';
import { count } from '../text/words.ts';
import { isForeign, type MailRecipients } from './mail-recipients.ts';
import type { MailFacts } from './options.ts';
import type { Problem } from './run.ts';

/** What distributions write into releases and versions of their kernels. */
const distribution =
  /Debian|Ubuntu|\.el\d|\.fc\d|\.amzn|\.oe\d|\.an\d|-(?:generic|default|lts|arch\d|amd64|arm64|azure|aws|gcp|pve|cloud)\b/;

/** A kernel that developers have left behind, or may have. */
function releaseNote({ kernel }: CrashReport): string {
  const { release, version = '' } = kernel ?? {};
  if (release === undefined) return 'The log does not say which kernel it is; the mail must.';
  if (distribution.test(`${release} ${version}`))
    return `${release} is a distribution's kernel. Developers want to hear of the newest mainline, without patches: see whether it happens there, or report it to the distribution.`;
  if (/^\d+\.\d+\.[1-9]/.test(release))
    return `${release} is a stable release, not mainline: see whether it happens on the newest mainline too, and say so.`;
  return `Whether ${release} is recent cannot be known here: compare it with https://kernel.org, and say if you changed it.`;
}

function taintNote({ taints = [], taintFlags = [] }: CrashReport): string | undefined {
  if (taintFlags.length === 0 && taints.length === 0) return undefined;
  const words = taints.length === 0 ? '' : `: ${taints.join(', ')}`;
  return `The kernel was tainted (${taintFlags.join('')}${words}). Reproduce it without, or say why that does not matter.`;
}

function stackNotes(report: CrashReport): string[] {
  const { frames, symbols } = report;
  const notes: string[] = [];
  const known = frames.filter(({ reliable }) => reliable);
  if (frames.length === 0) notes.push('The report has no stack.');
  else if (known.length === 0)
    notes.push('All functions of the stack have a ? before them: they may be leftovers of other calls.');
  const placed = frames.filter(({ source }) => source !== undefined);
  if (frames.length > 0 && placed.length === 0)
    notes.push('The stack has no source lines. Name the vmlinux of that build (--vmlinux), with debug information.');
  const bare = known.filter(({ source }) => source === undefined).length;
  if (placed.length > 0 && bare > 0)
    notes.push(
      `${bare} of ${count(known.length, 'function')} on the stack have no source lines: name the vmlinux of that build (--vmlinux).`,
    );
  const forced = placed.some(({ source }) => source?.unverified === true);
  if (forced || (symbols?.vmlinux !== undefined && symbols.vmlinux.match === 'refused'))
    notes.push('It is not verified that the vmlinux is of the kernel that crashed: source lines may be wrong.');
  return notes;
}

function ownerNotes(report: CrashReport, { to, omitted }: MailRecipients): string[] {
  if (isForeign(report))
    return [
      `${report.culprit?.module ?? 'The module'} is not of the kernel's tree, so no recipients are named: report it to who makes it.`,
    ];
  const { owners, culprit, linkedModules, taintFlags = [] } = report;
  const notes: string[] = [];
  // A report of a hang has no list of modules.
  if (culprit?.module !== undefined && linkedModules === undefined && taintFlags.includes('O'))
    notes.push(
      `Modules that are not of the kernel's tree were loaded: if ${culprit.module} is one, report it to who makes it.`,
    );
  if (owners === undefined)
    notes.push(
      'Whose code it is, is not known: that takes source lines (--vmlinux), and --source with the tree that has the file and a MAINTAINERS.',
    );
  else {
    notes.push(`Recipients are those of ${owners.file}, as ${owners.why} (${owners.from}). See that they are right.`);
    if (to.length === 0) notes.push('Nobody maintains that file: the lists are all there is.');
  }
  if (omitted > 0) notes.push(`${count(omitted, 'recipient')} left out.`);
  return notes;
}

function wantedNotes({ configUrl, logUrl, reproducerUrl }: MailFacts): string[] {
  const wanted = [
    configUrl === undefined ? '--config-url' : '',
    logUrl === undefined ? '--log-url' : '',
    reproducerUrl === undefined ? '--reproducer-url' : '',
  ].filter((option) => option !== '');
  return wanted.length === 0
    ? []
    : [`Developers will ask for the configuration, the whole log and how to make it happen: ${wanted.join(', ')}.`];
}

/** What the sender should know, or still has to do, before the mail is fit to be sent. */
export function mailNotes(
  { report }: Problem,
  facts: MailFacts,
  recipients: MailRecipients,
  more: number,
): readonly string[] {
  const { corrupted, corruptedReason, unfinished, suppressed, history, knownIssue } = report;
  const isOld = history !== undefined && history.status !== 'new';
  return [
    'Put it into your own words: what you ran, how often it happens, what it does to you.',
    ...ownerNotes(report, recipients),
    releaseNote(report),
    ...[taintNote(report) ?? []].flat(),
    ...stackNotes(report),
    ...(corrupted
      ? [`The report is damaged (${corruptedReason ?? 'other lines are in it'}): its title may be wrong.`]
      : []),
    ...(unfinished === true ? ['The report breaks off: lines of it are missing.'] : []),
    ...(suppressed ? ['The log blames the test environment, not the kernel.'] : []),
    ...(isOld ? ['Earlier runs had it too: it may have been reported.'] : []),
    ...(knownIssue === undefined ? [] : [`It is a known issue: ${knownIssue.reason}`]),
    ...wantedNotes(facts),
    ...(more > 0
      ? [`${count(more, 'other problem')} of the run ${more === 1 ? 'is' : 'are'} not in it: one mail is about one.`]
      : []),
    'If others could use it to do harm, write to security@kernel.org first, and to no list.',
  ];
}
