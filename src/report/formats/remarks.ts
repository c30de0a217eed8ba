import type { DeniedLines } from '../../model/document.ts';
import type { Run, RunInput } from './run.ts';

/** Forbidden lines of one input, told one by one. */
const mostDenied = 20;

/** Something to say that is no report of a kernel. */
export interface Remark {
  readonly path: string;
  readonly line: number;
  readonly code: 'ktriage/denied-line' | 'ktriage/omitted' | 'ktriage/no-verdict';
  /** True if it makes the run fail as a crash does. */
  readonly isFailure: boolean;
  /** Has words of the log or of the user in it. */
  readonly text: string;
}

/** Lines of an input that must not be there; those of reports are told with these. */
export function deniedCount({ facts }: Pick<RunInput, 'facts'>): number {
  const { lines, omitted } = facts?.denied ?? { lines: [], omitted: 0 };
  return lines.filter(({ report }) => report === undefined).length + omitted;
}

function deniedRemarks(path: string, { lines, omitted }: DeniedLines): Remark[] {
  const code = 'ktriage/denied-line';
  const own = lines.filter(({ report }) => report === undefined).slice(0, mostDenied);
  const remarks = own.map(
    ({ line, text }): Remark => ({
      path,
      line,
      code,
      isFailure: true,
      text: `a line that must not be there: ${text.trim()}`,
    }),
  );
  const more = lines.filter(({ report }) => report === undefined).length - own.length + omitted;
  if (more === 0) return remarks;
  return [...remarks, { path, line: 1, code, isFailure: true, text: `${more} more lines that must not be there` }];
}

/** What is to be said beside the problems; what makes the run fail comes first. */
export function remarksOf({ inputs, omitted, omittedFails }: Run): Remark[] {
  const denied = inputs.flatMap(({ path, facts }) =>
    facts?.denied === undefined ? [] : deniedRemarks(path, facts.denied),
  );
  const beyond: Remark[] =
    omitted === 0
      ? []
      : [
          {
            path: inputs[0]?.path ?? '-',
            line: 1,
            code: 'ktriage/omitted',
            isFailure: omittedFails,
            text: `${omitted} more problems are not described`,
          },
        ];
  const unclear = inputs.flatMap(({ path, unclear: why }): Remark[] =>
    why === undefined
      ? []
      : [
          {
            path,
            line: 1,
            code: 'ktriage/no-verdict',
            isFailure: false,
            text: `no verdict, which is not the same as no crash: ${why}`,
          },
        ],
  );
  return [...denied, ...beyond, ...unclear];
}
