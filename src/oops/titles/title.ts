import { demangleInText } from '../../util/demangle/demangle.ts';
import { headlines } from '../headlines.ts';
import { panicKind, slabKind, ubsanTrapKind, unableToHandleKind } from '../kinds/families.ts';
import { frameFunctions, stackStarts } from './frames.ts';
import type { TitleRule } from './rule.ts';
import { rulesOf } from './rules.ts';
import { scrub } from './scrub.ts';
import { type Found, search } from './search.ts';
import { syscallVariants } from './syscalls.ts';
import { typeOf } from './type.ts';

/** What a title is made from. */
export interface TitleInput {
  readonly header: string;
  /** The report's texts, headline first, without questionable lines and other contexts' ones. */
  readonly report: readonly string[];
  /** How many of them make the title window. */
  readonly windowLength: number;
  /** The machine's connection was lost: the log is not to be trusted. */
  readonly disconnected?: boolean;
}

/** What `specs/titles.md` defines, and our kind. */
export interface Titled {
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly type: string;
  readonly kind: string;
  readonly corruptedReason?: string;
  readonly frame?: string;
  /** True if no kind's text was found at all: the title is the headline as it stands. */
  readonly raw: boolean;
}

interface Match {
  readonly rule: TitleRule;
  readonly match: RegExpExecArray;
  readonly needed: RegExpExecArray | null;
}

/** The rule that matches earliest; `unmet` if texts were found but no rule's needs were met. */
function firstMatch(rules: readonly TitleRule[], window: string): Match | 'unmet' | undefined {
  let best: Match | undefined;
  let unmet = false;
  for (const rule of rules) {
    const match = rule.find.exec(window);
    if (match === null) continue;
    const needed = rule.needs === undefined ? null : rule.needs.exec(window.slice(match.index));
    if (rule.needs !== undefined && needed === null) unmet = true;
    else if (best === undefined || match.index < best.match.index) best = { rule, match, needed };
  }
  return best ?? (unmet ? 'unmet' : undefined);
}

/** Why the report's stacks show that it is damaged (`specs/titles.md` section 10, 6 and 7). */
function stackDamage(report: readonly string[]): string | undefined {
  let anyFrames = false;
  for (const { start, mayLackFrames } of stackStarts) {
    const at = report.findIndex((line) => start.test(line));
    if (at < 0) continue;
    if (report.length - at - 1 < 2) return 'a stack begins at the very end of the report';
    let frames = false;
    for (const line of report.slice(at + 1, at + 16)) {
      if (frameFunctions(line).length > 0 || line.includes('(stack is not available)')) {
        frames = true;
        break;
      }
      if (stackStarts.some((s) => s.start.test(line))) break;
    }
    if (frames) anyFrames = true;
    else if (!mayLackFrames) return 'a stack has no frames';
  }
  return anyFrames ? undefined : 'no stack has frames';
}

/** The word after the last ` in `. */
function frameOf(title: string): string | undefined {
  const at = title.lastIndexOf(' in ');
  if (at < 0) return undefined;
  return /^(?:<[^>]*>)?[A-Za-z0-9_:]+/.exec(title.slice(at + 4))?.[0];
}

const timeStamp = /\[ *[0-9]+\.[0-9]+\]/;

/** The headline's text from the header on, up to the end of the line. */
function rawTitle(input: TitleInput): string {
  const texts = headlines.find((h) => h.header === input.header)?.texts ?? [];
  for (const line of input.report) {
    for (const text of texts) {
      const at = line.indexOf(text);
      if (at >= 0) return line.slice(at);
    }
  }
  return input.report[0] ?? '';
}

function titleOfRaw(input: TitleInput, unmet: boolean): Titled {
  const raw = rawTitle(input);
  // A title is never empty.
  const title = scrub(raw) || input.header.replace(/[: ]+$/, '');
  const frame = frameOf(title);
  const reason = unmet
    ? 'what the headline announces is missing'
    : timeStamp.test(raw)
      ? 'two lines were printed into each other'
      : input.disconnected
        ? 'the connection to the machine was lost'
        : undefined;
  return {
    title,
    altTitles: [],
    type: typeOf(title),
    kind: rawKind(input.header, raw),
    raw: !unmet,
    ...(reason === undefined ? {} : { corruptedReason: reason }),
    ...(frame === undefined ? {} : { frame }),
  };
}

/** The kind of a headline that no rule knows more of. */
function rawKind(header: string, raw: string): string {
  switch (header) {
    case 'BUG:':
      return 'other/bug';
    case 'INFO:':
      return 'other/info';
    case 'WARNING:':
      return 'warning/generic';
    case 'Unable to handle kernel':
      return unableToHandleKind(raw.slice(header.length).trim());
    case 'Kernel panic':
      return panicKind(raw.slice(header.length));
    case 'UBSAN:':
      return ubsanTrapKind(raw.slice(header.length).trim());
    case 'BUG kmalloc-':
      return slabKind(/\): (.*)/.exec(raw)?.[1] ?? '');
    default:
      return 'other/unknown';
  }
}

/** Title, alternatives, type, frame and damage of a report (`specs/titles.md`). */
export function titleReport(printed: TitleInput): Titled {
  const input = { ...printed, report: printed.report.map(demangleInText) };
  const window = input.report.slice(0, input.windowLength).join('\n');
  const found = firstMatch(rulesOf(input.header), window);
  if (found === undefined || found === 'unmet') return titleOfRaw(input, found === 'unmet');
  const { rule, match, needed } = found;

  let reason = rule.damaged ? 'the report proper was lost' : undefined;
  const lineAt = window.slice(0, match.index).split('\n').length - 1;
  const end = match.index + match[0].length;
  const nextBreak = window.indexOf('\n', end);
  const ground = {
    lines: input.report.slice(lineAt, input.windowLength),
    afterText: window.slice(end, nextBreak < 0 ? undefined : nextBreak),
    skip: rule.skip ?? [],
    pick: rule.pick,
  };
  const look = (from: TitleRule['from'], orFrom: TitleRule['orFrom']): Found | undefined =>
    from === undefined ? undefined : search(ground, from, orFrom);
  const guilty = look(rule.from, rule.orFrom);
  const second = look(rule.second, undefined);
  if (guilty !== undefined && guilty.chosen === undefined) reason ??= 'no function to blame was found';
  if (second !== undefined && second.chosen === undefined) reason ??= 'the origin of the memory was not found';
  if (guilty?.injected) reason ??= "another task's fault injection is in the trace";

  const made = typeof rule.title === 'string' ? rule.title : rule.title(match, needed);
  const also = rule.also === undefined ? [] : typeof rule.also === 'function' ? rule.also(match) : rule.also;
  const f = guilty?.chosen?.title ?? 'corrupted';
  const g = second?.chosen?.title ?? 'corrupted';
  const withFunction = (text: string, name: string): string => text.replaceAll('{F}', name).replaceAll('{G}', g);

  const beforeScrub = withFunction(made, f);
  if (timeStamp.test(beforeScrub)) reason ??= 'two lines were printed into each other';
  if (!rule.exempt) reason ??= stackDamage(input.report);
  if (input.disconnected) reason ??= 'the connection to the machine was lost';

  const title = scrub(beforeScrub) || 'corrupted';
  const names = [f];
  if (guilty?.chosen !== undefined && guilty.chosen.printed !== f) {
    names.push(guilty.chosen.printed, ...syscallVariants(guilty.chosen.printed));
  }
  const alternatives = new Set(names.flatMap((n) => [made, ...also].map((text) => scrub(withFunction(text, n)))));
  alternatives.delete(title);
  const frame = frameOf(title);
  return {
    title,
    altTitles: [...alternatives].sort(),
    type: rule.type ?? typeOf(title),
    kind: typeof rule.kind === 'string' ? rule.kind : rule.kind(match, needed),
    raw: false,
    ...(reason === undefined ? {} : { corruptedReason: reason }),
    ...(frame === undefined ? {} : { frame }),
  };
}
