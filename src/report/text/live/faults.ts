import type { LiveDocument, LivePageFault } from '../../../model/live.ts';
import { printable } from '../../escape.ts';
import type { Section } from '../section.ts';
import type { Paragraph } from '../spans.ts';
import { count, hex } from '../words.ts';
import { stackParagraphs } from './frames.ts';
import { registerParagraphs } from './registers.ts';
import { doing, partyName } from './words.ts';

function head(fault: LivePageFault): Paragraph {
  const address = fault.faultAddress === undefined ? '' : ` of ${hex(fault.faultAddress)}`;
  const at = doing(fault.frames);
  const where = at === '' ? '' : ` in ${at}`;
  return [
    { text: printable(`${partyName(fault)}: page fault${address}${where}`), tone: fault.fatal ? 'strong' : 'plain' },
    printable(`, ${fault.why} (pt_regs at ${hex(fault.ptRegsAddress)}).`),
  ];
}

/** The page faults on all stacks: those that cannot end well, and how many others there are. */
export function faultsSection({ pageFaults }: LiveDocument, all: boolean): Section | undefined {
  const fatal = pageFaults.filter((fault) => fault.fatal);
  const innocent = pageFaults.length - fatal.length;
  const paragraphs: Paragraph[] = (all ? pageFaults : fatal).flatMap((fault): Paragraph[] => [
    head(fault),
    ...explained(fault),
    ...(all ? registerParagraphs(fault.registers) : []),
    ...(all ? stackParagraphs(fault.frames, undefined, { all, most: 0 }) : []),
  ]);
  if (!all && innocent > 0)
    paragraphs.push([{ text: `… ${count(innocent, 'page fault')} of no harm not shown (--all)`, tone: 'quiet' }]);
  return paragraphs.length === 0 ? undefined : { label: 'Faults', paragraphs };
}

/** The instruction and the register that was wrong. */
function explained({ explanation }: LivePageFault): Paragraph[] {
  const { instruction } = explanation ?? {};
  if (instruction === undefined) return [];
  const meaning = explanation?.values?.find(({ register }) => register === instruction.register);
  const value = meaning === undefined ? '' : `: ${meaning.register} = ${hex(meaning.value)} (${meaning.words})`;
  return [[{ text: '  ', whole: true }, printable(`${instruction.line.text}${value}`)]];
}
