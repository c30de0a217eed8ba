import { mailBody, prose } from './mail-body.ts';
import { addressHeader, headerText } from './mail-header.ts';
import { mailNotes } from './mail-notes.ts';
import { mailRecipients } from './mail-recipients.ts';
import type { FormatOptions } from './options.ts';
import type { Problem, Run } from './run.ts';
import { withoutCommands } from './safe.ts';
import { titleOf, totalsText } from './words.ts';

/** The problem to write about: the most severe that makes the run fail. */
function problemOf({ problems }: Run): Problem | undefined {
  return problems[0];
}

/** Words to the sender, who takes them out. */
const note = (text: string): string[] => prose(text, '# - ', '#   ');

/**
 * A mail to who looks after the code, as the kernel's documentation wants reports (reporting-issues.rst): printed, never
 * sent. Above it are notes to the sender, each line behind a `#`, so that nobody sends it without a look at them.
 */
export function* mailFormat(run: Run, options: FormatOptions): Generator<string> {
  const problem = problemOf(run);
  if (problem === undefined) {
    yield `# No mail: ${totalsText(run)}.\n`;
    return;
  }
  const facts = options.mail ?? {};
  const recipients = mailRecipients(problem.report, facts);
  const more = run.problems.length - 1 + run.omitted;
  const notes = mailNotes(problem, facts, recipients, more).flatMap(note);
  yield '# To you who send this: take these lines out when you have read them.\n';
  for (const line of notes) yield `${withoutCommands(line)}\n`;
  yield '\n';
  const body = mailBody(problem, run, options).map(withoutCommands);
  const title = `[${facts.introduced === undefined ? 'BUG' : 'REGRESSION'}] ${titleOf(problem)}`;
  const headers = [
    `Subject: ${headerText(withoutCommands(title))}`,
    ...addressHeader('To', recipients.to),
    ...addressHeader('Cc', recipients.cc),
    ...(body.every((line) => /^[\x20-\x7e]*$/.test(line))
      ? []
      : ['MIME-Version: 1.0', 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit']),
  ];
  for (const line of [...headers, '', ...body]) yield `${line}\n`;
}
