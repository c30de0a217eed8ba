import type { FaultingInstruction } from '../model/explanation.ts';
import type { CrashReport } from '../model/report.ts';
import { type DecodedCode, disassembleCode } from './code-dump.ts';
import { explainFault, explainUnreadable, type FaultOptions } from './explain-fault.ts';
import { trapCode } from './fault/conclude.ts';
import { kernelRegisters } from './values/report-context.ts';

export { trapCode };

/**
 * What the instruction that a report is about tried, and why it failed: of code that is disassembled already, or that of
 * the report. Undefined where there is none to be had. The disassembler is loaded only if there is kernel code.
 */
export async function explainInstruction(
  report: CrashReport,
  options: FaultOptions & { readonly decoded?: DecodedCode } = {},
): Promise<FaultingInstruction | undefined> {
  if (kernelRegisters(report) === undefined) return undefined;
  const dump = trapCode(report);
  const { address } = options;
  const decoded =
    options.decoded ??
    (dump && (await disassembleCode(dump, report.architecture, address === undefined ? {} : { address })));
  const marked = decoded?.marked === undefined ? undefined : decoded.lines[decoded.marked];
  return marked === undefined ? explainUnreadable(report, options) : explainFault(report, marked, options);
}
