import { KtriageError } from '../../util/errors.ts';

/** Bytes of a stub's own words that an error shows. */
const shownBytes = 64;

/** What a stub sent, in quotes and cut, for an error. */
export function shown(text: string): string {
  return text.length > shownBytes ? `"${text.slice(0, shownBytes)}..."` : `"${text}"`;
}

/** The stub did not answer in time. */
export function timeoutError(peer: string, request: string, milliseconds: number): KtriageError {
  return new KtriageError(
    'KT-GDB-TIMEOUT',
    `the gdbstub at ${peer} does not answer`,
    `no answer to ${shown(request)} within ${milliseconds / 1000} s`,
    'a stub serves one debugger at a time: detach the other one; check that the address is that of a gdbstub',
    'unvouched',
  );
}

/** The connection ended. */
export function closedError(peer: string, why: string): KtriageError {
  return new KtriageError(
    'KT-GDB-CLOSED',
    `the gdbstub at ${peer} is gone`,
    why,
    'check that the guest still runs, and attach again',
  );
}

/** The stub sent what is no answer. */
export function garbledError(peer: string, why: string): KtriageError {
  return new KtriageError(
    'KT-GDB-GARBLED',
    `cannot understand the gdbstub at ${peer}`,
    why,
    'check that the address is that of a gdbstub, and attach again',
  );
}

/** The stub answered with an error where there must be none. */
export function refusedError(peer: string, request: string, answer: string): KtriageError {
  return new KtriageError(
    'KT-GDB-REFUSED',
    `the gdbstub at ${peer} refused ${shown(request)}`,
    `it answered ${shown(answer)}`,
    'check that the guest has started, and attach again',
  );
}

/** The stub does not know a request. */
export function unsupportedError(peer: string, what: string): KtriageError {
  return new KtriageError(
    'KT-GDB-UNSUPPORTED',
    `the gdbstub at ${peer} cannot ${what}`,
    'it does not know the request for it',
    'use another way to the guest, or a newer stub',
  );
}

/** A request at a time at which the stub takes none. */
export function stateError(peer: string, why: string): KtriageError {
  return new KtriageError(
    'KT-GDB-STATE',
    `cannot ask the gdbstub at ${peer}`,
    why,
    'stop the guest first; after a close, attach again',
  );
}
