import type { Kind } from '../../oops/kinds/kind.ts';
import { kindOf, listKinds, nearestKinds } from '../../oops/kinds/kinds.ts';
import { type Paragraph, wrap } from '../../report/text/spans.ts';
import { KtriageError } from '../../util/errors.ts';
import { StreamOutput } from '../output.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { painterFor, terminalWidth } from '../terminal.ts';

function documentUrl(document: string): string {
  return document.startsWith('http') ? document : `Documentation/${document.replace(/^Documentation\//, '')}`;
}

function unknownKind(name: string): KtriageError {
  const near = nearestKinds(name);
  return new KtriageError(
    'KT-KIND-UNKNOWN',
    `there is no kind of report called ${name}`,
    'kinds have the form family/variant, in lower case',
    near.length === 0 ? 'ktriage explain --list shows them all' : `did you mean ${near.slice(0, 3).join(', or ')}?`,
  );
}

/** `ktriage explain`: one kind in a paragraph, or all of them in a line each. */
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
  const print = async (paragraph: Paragraph, first = '', rest = first): Promise<void> => {
    for (const line of wrap(paragraph, width, painter, first, rest)) await output.write(`${line.trimEnd()}\n`);
  };
  const explain = async (kind: Kind): Promise<void> => {
    await print([{ text: kind.name, tone: 'strong' }, ` (${kind.severity}): ${kind.summary}`]);
    await output.write('\n');
    for (const paragraph of kind.explanation.split(/\n+/)) await print(paragraph);
    await output.write('\n');
    await print(`In the kernel's documents: ${documentUrl(kind.document)}`);
  };
  if (listing) {
    const kinds = listKinds();
    const nameColumns = Math.max(...kinds.map((kind) => kind.name.length)) + 2;
    for (const kind of kinds) {
      const head = `${kind.name.padEnd(nameColumns)}${kind.severity.padEnd(9)}`;
      // Narrow terminals: the summary under the name rather than beside it.
      const hang = ' '.repeat(Math.min(head.length, Math.max(width - 40, 4)));
      await print([{ text: kind.summary }], head, hang);
    }
    return 0;
  }
  const kind = kindOf(name);
  if (!kind) throw unknownKind(name);
  await explain(kind);
  return 0;
}
