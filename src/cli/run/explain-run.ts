import { livePages } from '../../diagnose/pages/live.ts';
import type { RulePage } from '../../diagnose/pages/page.ts';
import { hangRuleNamed, listHangRules, listRules, ruleNamed, rulePages } from '../../diagnose/pages.ts';
import type { Kind } from '../../oops/kinds/kind.ts';
import { kindOf, listKinds, nearestKinds } from '../../oops/kinds/kinds.ts';
import { type Paragraph, wrap } from '../../report/text/spans.ts';
import { KtriageError } from '../../util/errors.ts';
import { nearest } from '../near.ts';
import { StreamOutput } from '../output.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { painterFor, terminalWidth } from '../terminal.ts';

function documentUrl(document: string): string {
  return document.startsWith('http') ? document : `Documentation/${document.replace(/^Documentation\//, '')}`;
}

/** Names that may have been meant: kinds, and rules whose name is close or holds the word. */
function meant(name: string): string[] {
  const rules = [...listRules(), ...listHangRules()].map((rule) => rule.name);
  const word = name.trim().toLowerCase();
  const closest = name.includes('/') ? undefined : nearest(name, rules);
  const holding = word.length < 3 ? [] : rules.filter((rule) => rule.includes(word));
  return [...new Set([...(closest === undefined ? [] : [closest]), ...nearestKinds(name), ...holding])];
}

function unknownName(name: string): KtriageError {
  const names = meant(name);
  return new KtriageError(
    'KT-KIND-UNKNOWN',
    `there is no kind of report and no rule called ${name}`,
    'kinds have the form family/variant, rules that of null-member, all in lower case',
    names.length === 0 ? 'ktriage explain --list shows them all' : `did you mean ${names.slice(0, 3).join(', or ')}?`,
  );
}

type Print = (paragraph: Paragraph, first?: string, rest?: string) => Promise<void>;

async function explainKind(kind: Kind, print: Print): Promise<void> {
  await print([{ text: kind.name, tone: 'strong' }, ` (${kind.severity}): ${kind.summary}`]);
  await print('');
  for (const paragraph of kind.explanation.split(/\n+/)) await print(paragraph);
  await print('');
  await print(`In the kernel's documents: ${documentUrl(kind.document)}`);
}

async function explainRule(name: string, page: RulePage, print: Print): Promise<void> {
  const { summary, meaning, recognized, against, next } = page;
  await print([{ text: name, tone: 'strong' }, ` (rule): ${summary}`]);
  await print('');
  await print(meaning);
  for (const [label, text] of [
    ['How it is recognized', recognized],
    ['What speaks against it', against],
    ['How to go on', next],
  ] as const) {
    await print('');
    await print(`${label}: ${text}`);
  }
}

async function listAll(print: Print, width: number): Promise<void> {
  const kinds = listKinds();
  const rules = listRules();
  const live = listHangRules();
  const nameColumns = Math.max(...[...kinds, ...rules, ...live].map(({ name }) => name.length)) + 2;
  const entry = async (head: string, summary: string): Promise<void> => {
    // Narrow terminals: the summary under the name rather than beside it.
    const hang = ' '.repeat(Math.min(head.length, Math.max(width - 40, 4)));
    await print([{ text: summary }], head, hang);
  };
  await print('Kinds of reports:');
  for (const kind of kinds) await entry(`${kind.name.padEnd(nameColumns)}${kind.severity.padEnd(9)}`, kind.summary);
  await print('');
  await print('Rules that findings come from:');
  for (const rule of rules) await entry(`${rule.name.padEnd(nameColumns)}${'rule'.padEnd(9)}`, rule.summary);
  await print('');
  await print('Rules that verdicts of ktriage live come from:');
  for (const rule of live) await entry(`${rule.name.padEnd(nameColumns)}${'rule'.padEnd(9)}`, rule.summary);
}

/** `ktriage explain`: one kind or rule on a page, or all of them in a line each. */
export async function runExplain(
  name: string | undefined,
  list: boolean,
  settings: Settings,
  session: Session,
): Promise<number> {
  const output = new StreamOutput(session.stdout);
  // A list for `grep` has one kind per line; only a terminal has a width to keep.
  const listing = list || name === undefined;
  const endless = listing && session.stdout.isTTY !== true;
  const width = endless ? Number.POSITIVE_INFINITY : Math.min(terminalWidth(session, session.stdout), 100);
  const painter = painterFor(settings.color, session.stdout, session.env);
  const print: Print = async (paragraph, first = '', rest = first) => {
    for (const line of wrap(paragraph, width, painter, first, rest)) await output.write(`${line.trimEnd()}\n`);
  };
  if (listing) {
    await listAll(print, width);
    return 0;
  }
  const kind = kindOf(name);
  const rule = ruleNamed(name);
  const hang = hangRuleNamed(name);
  if (kind !== undefined) await explainKind(kind, print);
  else if (rule !== undefined) await explainRule(rule, rulePages[rule], print);
  else if (hang !== undefined) await explainRule(hang, livePages[hang], print);
  else throw unknownName(name);
  return 0;
}
