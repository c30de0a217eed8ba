import { KtriageError } from '../util/errors.ts';

interface Reason {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
}

/** What the errors of the system mean to somebody who wants a file read. */
const reasons: Readonly<Record<string, Reason>> = {
  ENOENT: {
    code: 'KT-INPUT-MISSING',
    why: 'there is no such file',
    hint: 'check the path; use - to read standard input',
  },
  ENOTDIR: {
    code: 'KT-INPUT-MISSING',
    why: 'a part of the path is no folder',
    hint: 'check the path',
  },
  EISDIR: {
    code: 'KT-INPUT-DIRECTORY',
    why: 'it is a folder',
    hint: 'name the file in it that is meant',
  },
  EACCES: {
    code: 'KT-INPUT-UNREADABLE',
    why: 'permission was denied',
    hint: 'run as a user that may read it, or read it elsewhere and pipe it in with -',
  },
  EPERM: {
    code: 'KT-INPUT-UNREADABLE',
    why: 'the system does not permit it',
    hint: 'reading the kernel log may need root, or kernel.dmesg_restrict=0',
  },
  ELOOP: {
    code: 'KT-INPUT-UNREADABLE',
    why: 'its symbolic links lead in a circle',
    hint: 'name the file that the link should point to',
  },
  EIO: {
    code: 'KT-INPUT-UNREADABLE',
    why: 'the device that it is on failed to read it (input/output error)',
    hint: 'copy what can be read, for example with dd conv=noerror, and analyse the copy',
  },
  ENOMEM: {
    code: 'KT-INPUT-UNREADABLE',
    why: 'the system has no memory left to read it',
    hint: 'free memory and run again; ktriage itself needs less than 200 MB whatever the size of the log',
  },
  EMFILE: {
    code: 'KT-INPUT-UNREADABLE',
    why: 'too many files are open',
    hint: 'raise the limit with ulimit -n',
  },
};

/** The system's code of an error (`ENOENT`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** An error of the file system as one that a user can act on. */
export function inputError(path: string, error: unknown): KtriageError {
  if (error instanceof KtriageError) return error;
  const name = path === '-' ? 'standard input' : path;
  const reason = reasons[systemCode(error) ?? ''];
  if (reason !== undefined) return new KtriageError(reason.code, `cannot read ${name}`, reason.why, reason.hint);
  const why = error instanceof Error ? error.message : String(error);
  return new KtriageError('KT-INPUT-UNREADABLE', `cannot read ${name}`, why, 'check that it is a readable file');
}
