import type { LockdepDetails } from '../../model/details-locking.ts';
import { lockWords, taskWords } from '../phrases.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

const most = 6;
const longestDrawing = 24;

function heldEvidence(subject: Subject, { wanted, held, chain, chainExists }: LockdepDetails) {
  return [
    subject.headline(),
    wanted?.function === undefined ? undefined : subject.said(`wanted: ${lockWords(wanted)}`),
    held.length === 0
      ? undefined
      : subject.said(
          `held: ${held.slice(0, 4).map(lockWords).join(', ')}${held.length > 4 ? ` and ${held.length - 4} more` : ''}`,
        ),
    chain.length > 0
      ? subject.said(
          `the order known before, in reverse: ${chain
            .slice(0, most)
            .map(({ lock }) => lock.name)
            .join(' <- ')}`,
        )
      : chainExists !== undefined && chainExists.length > 0
        ? subject.said(`the order known before: ${chainExists.slice(0, most).join(' -> ')}`)
        : undefined,
  ];
}

/** The kernel's own two columns, without what is empty before and behind. */
function drawing({ scenario = [] }: LockdepDetails): { readonly drawing?: readonly string[] } {
  const lines = scenario.slice(0, longestDrawing).map((line) => line.trimEnd());
  const from = lines.findIndex((line) => line.trim() !== '');
  return from < 0 ? {} : { drawing: lines.slice(from) };
}

function circular(subject: Subject, details: LockdepDetails): Conclusion {
  const task = taskWords(details.task, details.pid) ?? 'A task';
  const wanted = details.wanted === undefined ? 'a lock' : details.wanted.name;
  const held = details.held.filter(({ name, address }) => name !== wanted || address !== details.wanted?.address);
  const holds = held.at(-1) ?? details.held.at(-1);
  const where = details.wanted?.function === undefined ? subject.inBlamed : ` in ${details.wanted.function}()`;
  return {
    confidence: 'certain',
    sentence: `${task} takes ${wanted}${where} while it holds ${holds?.name ?? 'another lock'}, and elsewhere they are taken the other way round: both at once deadlock.`,
    evidence: heldEvidence(subject, details),
    ...drawing(details),
    against: [
      'Lockdep knows classes of locks: two locks of a class that never meet are a false alarm, for which there are lock subclasses.',
    ],
  };
}

function recursive(subject: Subject, details: LockdepDetails): Conclusion {
  const task = taskWords(details.task, details.pid) ?? 'A task';
  const wanted = details.wanted?.name ?? 'a lock';
  const same = details.held.find(
    ({ address, name }) =>
      name === details.wanted?.name && address !== undefined && address === details.wanted?.address,
  );
  return {
    confidence: same === undefined ? 'likely' : 'certain',
    sentence:
      same === undefined
        ? `${task} takes ${wanted}${subject.inBlamed} while it holds a lock of that class: a deadlock if it is the same lock, or if another task takes both the other way round.`
        : `${task} takes ${wanted}${subject.inBlamed}, which it holds already: it waits for itself.`,
    evidence: heldEvidence(subject, details),
    ...drawing(details),
    against: [
      same === undefined
        ? 'The locks may be two of one class whose order is well defined, and only lack a lock subclass.'
        : undefined,
    ],
  };
}

function interrupts(subject: Subject, details: LockdepDetails): Conclusion {
  const lock = details.wanted?.name ?? 'A lock';
  const { usageChange } = details;
  const change = usageChange === undefined ? '' : ` (${usageChange.from} -> ${usageChange.to})`;
  const inNmi = /NMI/.test(`${usageChange?.from} ${usageChange?.to}`);
  const words = subject.isKind('lockdep/inconsistent-state')
    ? inNmi
      ? `${lock} is taken in an NMI and elsewhere too${change}: an NMI on the CPU that holds it waits for ever`
      : `${lock} is taken in interrupts, and elsewhere with interrupts on${change}: an interrupt on the CPU that holds it waits for ever`
    : subject.isKind('lockdep/unsafe-order')
      ? `${lock}, which is not safe from interrupts, is taken while a lock is held that interrupts take${change}`
      : `${lock} is taken in interrupts and depends on one that is held with interrupts on${change}`;
  return {
    confidence: 'certain',
    sentence: `${words}${subject.inBlamed === '' ? '' : `; found${subject.inBlamed}`}.`,
    evidence: heldEvidence(subject, details),
    ...drawing(details),
  };
}

/** Lockdep: orders of locks that can deadlock. */
export const lockOrder: Rule = {
  name: 'lock-order',
  tier: 'cause',
  find(subject) {
    const details = subject.details('lockdep');
    if (details === undefined) return undefined;
    if (subject.isKind('lockdep/circular')) return circular(subject, details);
    if (subject.isKind('lockdep/recursive')) return recursive(subject, details);
    return subject.isKind('lockdep/irq-inversion', 'lockdep/unsafe-order', 'lockdep/inconsistent-state')
      ? interrupts(subject, details)
      : undefined;
  },
};
