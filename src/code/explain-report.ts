import { dwarfRegisters } from '../arch/dwarf-registers.ts';
import type { AddressVerdict, Explanation, FaultingInstruction, WantedLock } from '../model/explanation.ts';
import type { CrashReport } from '../model/report.ts';
import type { CodeLocations } from '../symbols/code-locations.ts';
import { KtriageError } from '../util/errors.ts';
import { isCount } from './count-register.ts';
import { type ExplainedCode, explainCode } from './explain-code.ts';
import { explainFault, explainUnreadable, type FaultOptions } from './explain-fault.ts';
import { trapCode } from './fault/conclude.ts';
import { instructionOfFile } from './file-instruction.ts';
import { loadDisassembler } from './load-disassembler.ts';
import { mayWantLock } from './locks/waiting-stack.ts';
import { nameAddresses, runtimeAddress } from './runtime-addresses.ts';
import { explainRegisters } from './values/registers.ts';
import { kernelRegisters, type NameAddress } from './values/report-context.ts';

/**
 * What a report's machine state says: its code disassembled, the instruction that faulted, values, variables and where
 * the wrong value came from; with what could not be found out. The disassembler is loaded only if there is code, the
 * readers of debug information only if there is a file.
 * @param withVariables false leaves out the variables of the frames, which take some milliseconds to read.
 */
export async function explainReport(
  report: CrashReport,
  locations?: CodeLocations,
  withVariables = true,
): Promise<Explanation> {
  const parts = new Parts();
  const nameAddress = locations && nameAddresses(locations);
  const values = parts.take('values', () => explainRegisters(report, nameAddress));
  const code = await parts.later('code', () => codeOf(report, locations));
  const instruction = parts.take('the instruction', () => instructionOf(report, code, locations, nameAddress));
  const named =
    code === undefined && locations === undefined
      ? undefined
      : await parts.later('variables', async () => {
          const { explainNames } = await import('./explain-names.ts');
          return explainNames({ report, code, instruction, locations, nameAddress, withVariables });
        });
  // What faults does not wait.
  const needsLock = report.fault === undefined && mayWantLock(report);
  const lock = locations && needsLock ? await parts.later('the lock', () => lockOf(report, locations)) : undefined;
  const { missing } = parts;
  return {
    ...(code !== undefined && code.disassembly.length > 0 && { disassembly: code.disassembly }),
    ...(instruction !== undefined && { instruction }),
    ...(values !== undefined && values.length > 0 && { values }),
    ...named,
    ...(lock !== undefined && { lock }),
    ...(missing.length > 0 && { missing }),
  };
}

/** Takes what does not fail, and notes what does. */
class Parts {
  readonly missing: string[] = [];

  take<Part>(name: string, make: () => Part): Part | undefined {
    try {
      return make();
    } catch (error) {
      return this.#note(name, error);
    }
  }

  async later<Part>(name: string, make: () => Promise<Part>): Promise<Part | undefined> {
    try {
      return await make();
    } catch (error) {
      return this.#note(name, error);
    }
  }

  /** Not even our own mistakes may cost somebody the report. */
  #note(name: string, error: unknown): undefined {
    const why = error instanceof KtriageError ? `${error.message}: ${error.why}` : `internal error: ${String(error)}`;
    this.missing.push(`${name}: ${why}`);
    return undefined;
  }
}

async function lockOf(report: CrashReport, locations: CodeLocations): Promise<WantedLock | undefined> {
  const registers = dwarfRegisters(report.architecture);
  const disassembler = await loadDisassembler(report.architecture);
  if (registers === undefined || disassembler === undefined) return undefined;
  const [{ wantedLock }, { namesIn }] = await Promise.all([import('./explain-lock.ts'), import('./explain-names.ts')]);
  return wantedLock({ report, locations, disassembler, namesIn: (code) => namesIn(code, { registers, report }) });
}

async function codeOf(report: CrashReport, locations: CodeLocations | undefined): Promise<ExplainedCode | undefined> {
  const hasCode = report.code !== undefined && report.code.length > 0;
  if (!hasCode) return undefined;
  const disassembler = await loadDisassembler(report.architecture);
  return disassembler && explainCode(report, disassembler, locations);
}

/** Verdicts of an address that is the one of the fault. */
const fitting: ReadonlySet<AddressVerdict> = new Set(['equal', 'within', 'not-canonical']);

function instructionOf(
  report: CrashReport,
  code: ExplainedCode | undefined,
  locations: CodeLocations | undefined,
  nameAddress: NameAddress | undefined,
): FaultingInstruction | undefined {
  if (kernelRegisters(report) === undefined) return undefined;
  const address = locations && code?.fault?.location && runtimeAddress(code.fault.location, locations);
  const fault = code?.fault;
  const options: FaultOptions = {
    ...(address !== undefined && { address }),
    ...(nameAddress && { nameAddress }),
    ...(fault && { isCount: (register) => isCount(fault, register) }),
  };
  const decoded = code?.decoded;
  const marked = decoded?.marked === undefined ? undefined : decoded.lines[decoded.marked];
  const ofFile = trapCode(report) !== undefined || fault === undefined ? undefined : instructionOfFile(fault);
  const byFile = ofFile && explainFault(report, ofFile, options);
  // Nothing but the address that it makes tells that it is the one that ran.
  if (byFile !== undefined && fitting.has(byFile.verdict)) return { ...byFile, isOfFile: true };
  return marked === undefined ? explainUnreadable(report, options) : explainFault(report, marked, options);
}
