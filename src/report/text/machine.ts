import type { Disassembly, RegisterMeaning, ValueClass, VariableValue } from '../../model/explanation.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { hex } from './words.ts';

/** More of one kind are not shown. */
const mostShown = 200;

const blanks = { text: '  ', whole: true } as const;

/** `rdi is NULL plus 0x8`. */
export function registerWords({ register, words, target, certain }: RegisterMeaning): string {
  const at = target === undefined || words.includes(target) ? '' : `: ${target}`;
  return printable(`${register} is ${certain ? '' : 'perhaps '}${words}${at}`);
}

/** Why a variable has no value. */
const missingWords: Readonly<Record<NonNullable<VariableValue['missing']>, string>> = {
  'optimized-out': 'optimized out',
  'not-here': 'not known here',
  'not-in-log': 'in memory that the log does not have',
};

/** Classes whose words say no more than the number. */
const plain: ReadonlySet<ValueClass> = new Set(['zero', 'small', 'number']);

/** `next = 0xdead000000000100, LIST_POISON1 (struct list_head *, in rdx)`. */
function variableText({ name, type, kind, location, value, meaning, missing, certain }: VariableValue): string {
  const told = value === undefined ? missingWords[missing ?? 'not-here'] : hex(value);
  const words = meaning === undefined || plain.has(meaning.class) ? '' : `, ${meaning.words}`;
  const about = [
    ...(type === undefined ? [] : [type]),
    ...(kind === 'parameter' ? ['parameter'] : []),
    ...(location === undefined ? [] : [`in ${location}`]),
    ...(certain === false ? ['not certain'] : []),
  ];
  return printable(`${name} = ${told}${words}${about.length === 0 ? '' : ` (${about.join(', ')})`}`);
}

/** Variables of the frames, by function, innermost first: lines of functions, and below each those of its variables. */
export function variableLines({ explanation }: CrashReport): { readonly text: string; readonly isOf: boolean }[] {
  const lines: { readonly text: string; readonly isOf: boolean }[] = [];
  let latest: string | undefined;
  for (const variable of (explanation?.variables ?? []).slice(0, mostShown)) {
    if (variable.function !== latest) lines.push({ text: `${printable(variable.function)}():`, isOf: false });
    latest = variable.function;
    lines.push({ text: variableText(variable), isOf: true });
  }
  return lines;
}

export function variablesSection(report: CrashReport): Section | undefined {
  const paragraphs = variableLines(report).map(({ text, isOf }): Paragraph => (isOf ? [blanks, text] : text));
  return paragraphs.length === 0 ? undefined : { label: 'Vars', paragraphs };
}

/** The instructions of the code dumps, as `ktriage decodecode` has them. */
export function disassemblySections({ explanation }: CrashReport): Section[] {
  return (explanation?.disassembly ?? []).map(disassemblySection).filter((section) => section.paragraphs.length > 0);
}

function disassemblySection({ lines, skippedBytes }: Disassembly): Section {
  const marked = Math.max(
    lines.findIndex((line) => line.marked === true),
    0,
  );
  const from = Math.max(marked - mostShown / 2, 0);
  const paragraphs = lines.slice(from, from + mostShown).map(({ offset, bytes, text, marked: isHere }): Paragraph => {
    const place = (offset < 0 ? `-0x${(-offset).toString(16)}` : `+0x${offset.toString(16)}`).padStart(6);
    const row = printable(`${isHere ? '>' : ' '} ${place}  ${bytes.padEnd(20)}  ${text}`);
    return [{ text: row, whole: true, ...(isHere && { tone: 'strong' as const }) }];
  });
  if (skippedBytes > 0) paragraphs.unshift(`${skippedBytes} bytes before it begin no instruction.`);
  return { label: 'Disasm', paragraphs };
}
