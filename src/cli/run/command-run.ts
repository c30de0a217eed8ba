import { isatty } from 'node:tty';
import type { CommandFacts } from '../../model/command.ts';
import { commandOutput, type FileResult } from '../../model/document.ts';
import type { RangeNames } from '../../ownership/range-names.ts';
import { liveText } from '../../report/live.ts';
import { commandSentence } from '../../report/text/command.ts';
import { ciOf } from '../ci.ts';
import { StartError } from '../command/child.ts';
import type { CommandFlags } from '../command/command-flags.ts';
import { exitCodeOf } from '../command/exit-code.ts';
import { freshLine } from '../command/fresh-line.ts';
import { guestPlace, lookAtGuest, withGuest } from '../command/guest.ts';
import { type EndedCommand, superviseCommand } from '../command/run-command.ts';
import { LogCopy } from '../command/save-log.ts';
import { guardCommand } from '../command/signals.ts';
import type { Patience } from '../command/supervisor.ts';
import { isInBackground, keepTerminal } from '../command/terminal-state.ts';
import { type Engine, loadEngine } from '../engine.ts';
import { errorText } from '../errors.ts';
import { ExitStatus } from '../exit-codes.ts';
import { countsFor, parseFailOn } from '../fail-on.ts';
import { type Output, openOutputFile, StreamOutput } from '../output.ts';
import type { PolicyFlags } from '../policy-flags.ts';
import type { ReportFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { refusedNamed } from './analyze-run.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { eachFile } from './each-file.ts';
import type { OpenPolicy } from './open-policy.ts';
import { type Outputs, openOutputs, sharedRun } from './outputs.ts';
import { policyFor } from './policy-for.ts';
import { openSuspects } from './range-suspects.ts';
import type { SharedRun } from './report-files.ts';
import { safeInCi } from './safe-in-ci.ts';
import { sourceOptions } from './source-options.ts';
import { withTests } from './tests-file.ts';
import { textOptions } from './text-options.ts';

/** What a run of a command is given beside it. */
export interface CommandRunFlags {
  readonly command: CommandFlags;
  readonly policy: PolicyFlags;
  readonly reports: ReportFlags;
  readonly symbols: SymbolFlags;
  readonly range?: RangeNames | undefined;
  /** The command reads what we could read. A test has nothing to read. */
  readonly hasInput: boolean;
  /** How long is waited, where that is not as usual. */
  readonly patience?: Partial<Patience>;
}

/** `ktriage run`: runs a command, hands its output on, and says what broke in it. Returns the exit code. */
export async function runCommand(
  words: readonly string[],
  flags: CommandRunFlags,
  settings: Settings,
  session: Session,
): Promise<number> {
  const { command, symbols } = flags;
  const place = guestPlace(command);
  if (command.stopOn.includes('/')) (await import('./check-fail-on.ts')).checkKinds(command.stopOn, '--stop-on');
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const engine = await loadEngine();
  const places = {
    ...sourceOptions(symbols, settings, session, flags.reports.reports),
    ...(await debuginfodOptions(symbols, session)),
  };
  const sources = await engine.openSources?.(places);
  const { outputs, output, shared, look } = await openAll(flags, settings, session, status);
  const guard = guardCommand();
  const isTerminal = flags.hasInput && isatty(0);
  const hasInput = flags.hasInput && !(isTerminal && isInBackground());
  const restoreTerminal = keepTerminal(isTerminal && hasInput);
  let copy: LogCopy | undefined;
  let ended: EndedCommand | undefined;
  let startError: StartError | undefined;
  try {
    const known = await policyFor(flags.policy, async () => engine, session, settings, guard.signal);
    const addSuspects = await openSuspects(flags.range, symbols.source, guard.signal);
    if (command.saveLog !== undefined) copy = new LogCopy(command.saveLog);
    const path = command.saveLog ?? commandOutput;
    const analyzeFile: Engine['analyzeFile'] = async (_path, options): Promise<FileResult> => {
      try {
        ended = await superviseCommand(words, options, {
          ...{ path, flags: command, session, guard, hasInput, patience: flags.patience, verbose: settings.verbose },
          isWanted: copy !== undefined || command.output !== undefined || flags.reports.reports.length > 0,
          isCrash: crashTest(command, known, path),
          onBytes: (bytes) => {
            copy?.push(bytes);
            outputs.hooks.onStandardInput?.(bytes);
          },
          look:
            place &&
            ((signal) =>
              lookAtGuest(place, {
                ...{ flags: command, symbols, places, session, guard, signal },
                isEverything: settings.all,
              })),
        });
        return ended.result;
      } catch (error) {
        if (error instanceof StartError) startError = error;
        throw error;
      } finally {
        restoreTerminal();
      }
    };
    const results = eachFile(
      [path],
      { ...engine, analyzeFile },
      {
        ...{ signal: guard.signal, status, output: { closed: false }, session, verbose: settings.verbose, sources },
        ...(symbols.noExplain === true ? { findings: false } : {}),
        policy: known?.policy,
        ...outputs.hooks,
        onUnread: (of, why) => shared?.failed(of, why),
      },
    );
    for await (const result of results) {
      if (ended === undefined) continue;
      const { facts, endsLine } = ended;
      if (command.output === undefined) await output.write(freshLine(session, endsLine));
      await outputs.begin();
      const printed = { ...result, command: facts };
      const told =
        ended.live === undefined ? printed : await withGuest(printed, ended.live, { known, sources: places });
      for (const report of told.reports.slice(printed.reports.length)) {
        status.report(report);
        outputs.hooks.onReport?.(report, path);
      }
      const suspected = async (of: FileResult): Promise<FileResult> => addSuspects?.(of) ?? of;
      // As text, all that was found in the guest follows.
      if (told !== printed && settings.format === 'text')
        await outputs.file(await suspected(told), await suspected(printed));
      else await outputs.file(await suspected(told));
      const doubt = doubtOf(facts);
      if (doubt !== undefined) shared?.failed(path, doubt);
      if (refusedNamed(result, symbols.vmlinux)) {
        status.unvouched();
        shared?.failed(path, 'the vmlinux that was named is of another kernel');
      }
    }
    if (ended?.live !== undefined && settings.format === 'text') {
      const text = ['\n', ...liveText(ended.live, look)].join('');
      // Names and messages of the guest's memory are in it.
      await output.write(ciOf(session.env) === undefined ? text : safeInCi(text));
    }
    known?.tell();
    if (startError === undefined) await outputs.end();
    closeCopy(copy, session, status);
  } finally {
    guard.dispose();
    sources?.close();
  }
  if (startError !== undefined) return startError.exitCode;
  return ended === undefined ? status.code : exitCodeOf(status.code, ended.facts);
}

/** Everything that is written, but for the copy of the log. */
async function openAll(
  { command, reports, policy, symbols }: CommandRunFlags,
  settings: Settings,
  session: Session,
  status: ExitStatus,
): Promise<{ outputs: Outputs; output: Output; shared: SharedRun | undefined; look: ReturnType<typeof textOptions> }> {
  const flags = await withTests(reports, policy.tests, settings.format);
  const aside = besideOutput(session);
  const shared = await sharedRun(settings, aside, flags);
  const toFile = command.output !== undefined;
  const output =
    command.output === undefined ? new StreamOutput(session.stderr) : await openOutputFile(command.output, []);
  const look = textOptions(aside, settings, toFile, givenFiles(symbols));
  const around = { output, toFile, look, inputs: [], settings, session: aside, status, shared };
  return { outputs: await openOutputs(around, flags), output, shared, look };
}

/** Standard output is the command's: what we have to say goes to standard error. */
function besideOutput(session: Session): Session {
  return {
    get stdin() {
      return session.stdin;
    },
    stdout: session.stderr,
    stderr: session.stderr,
    env: session.env,
    cwd: session.cwd,
    home: session.home,
    exitCode: 0,
  };
}

/** What tells a report after which the command is not waited for. A known issue is none. */
function crashTest(
  { stopOn }: CommandFlags,
  known: OpenPolicy | undefined,
  path: string,
): (report: FileResult['reports'][number]) => boolean {
  const conditions = parseFailOn(stopOn) ?? [];
  return (report) => countsFor(conditions, known?.policy.report(report, path) ?? report);
}

/** Why nobody can say that all is well, of a command that did not come to its own end. */
function doubtOf(facts: CommandFacts): string | undefined {
  const { stopped, guest } = facts;
  if (stopped === undefined || stopped === 'crash') return undefined;
  // A hang that was found is told as a report.
  if (guest === undefined || guest.outcome === 'broken') return commandSentence(facts);
  return `${commandSentence(facts)} ${guest.sentence}`;
}

function closeCopy(copy: LogCopy | undefined, session: Session, status: ExitStatus): void {
  try {
    copy?.end();
  } catch (error) {
    session.stderr.write(errorText(error));
    status.failed();
  }
}
