import { KtriageError } from '../../util/errors.ts';

export function snapshotNotOne(name: string): KtriageError {
  return new KtriageError(
    'KT-SNAPSHOT-UNKNOWN',
    `${name} is no snapshot`,
    'it does not begin as one',
    'give a file that ktriage has saved of a guest',
  );
}

export function snapshotVersion(name: string, given: number, known: number): KtriageError {
  return new KtriageError(
    'KT-SNAPSHOT-VERSION',
    `cannot read the snapshot ${name}`,
    `it is of format ${given}, and this ktriage knows format ${known}`,
    'use the ktriage that saved it, or save it again',
  );
}

export function snapshotDamaged(name: string, why: string): KtriageError {
  return new KtriageError(
    'KT-SNAPSHOT-DAMAGED',
    `the snapshot ${name} is damaged`,
    why,
    'copy it again from where it was saved, or save it again',
  );
}

export function snapshotTooLarge(name: string, most: number): KtriageError {
  return new KtriageError(
    'KT-SNAPSHOT-TOO-LARGE',
    `cannot read the snapshot ${name}`,
    `it holds more than ${most / 2 ** 20} MiB`,
    'snapshots that ktriage saves are smaller; check where it comes from',
  );
}
