import type { TextSymbol } from './text-symbols.ts';
import type { ToolFrame } from './tools.ts';

/** What compilers append to names of copies and parts of functions. */
const cloneSuffix = /(?:\.(?:cold|isra|constprop|part|lto_priv|llvm)(?:\.\d+)*)+$/;

const bare = (name: string): string => name.replace(cloneSuffix, '');

/** A place with what everybody says about it. */
export interface Question {
  readonly where: string;
  readonly symbol: TextSymbol;
  /** Bare names of all symbols that begin where this one does. */
  readonly aliases: ReadonlySet<string>;
  readonly llvm: readonly ToolFrame[];
  readonly elfutils: readonly ToolFrame[];
  readonly ours: readonly ToolFrame[];
}

/**
 * Frames as far as they are compared: functions without clone suffixes, and the outermost one, if it is one of the
 * symbol's names or has none (assembly, padding, trampolines), as the symbol.
 */
function functionsOf(frames: readonly ToolFrame[], aliases: ReadonlySet<string>): string[] {
  if (frames.length === 0) return ['(symbol)'];
  return frames.map(({ function: name }, nth) => {
    const isOutermost = nth === frames.length - 1;
    if (isOutermost && (name === undefined || aliases.has(bare(name)))) return '(symbol)';
    return bare(name ?? '??');
  });
}

const positionsOf = (frames: readonly ToolFrame[]): (ToolFrame | undefined)[] =>
  frames.length === 0 ? [undefined] : [...frames];

/** True if two positions are the same line; our files are named from the top of the source, theirs from anywhere above. */
function samePosition(a: ToolFrame | undefined, b: ToolFrame | undefined): boolean {
  if (a?.file === undefined || b?.file === undefined) return a?.file === b?.file;
  return a.line === b.line && (a.file === b.file || a.file.endsWith(`/${b.file}`) || b.file.endsWith(`/${a.file}`));
}

/** True if two answers are the same: as many frames, each with the same function, file and line. */
export function sameFrames(a: readonly ToolFrame[], b: readonly ToolFrame[], aliases: ReadonlySet<string>): boolean {
  const [here, there] = [positionsOf(a), positionsOf(b)];
  return sameFunctions(a, b, aliases) && here.every((position, nth) => samePosition(position, there[nth]));
}

function sameFunctions(a: readonly ToolFrame[], b: readonly ToolFrame[], aliases: ReadonlySet<string>): boolean {
  const [ours, theirs] = [functionsOf(a, aliases), functionsOf(b, aliases)];
  return ours.length === theirs.length && ours.every((name, nth) => name === theirs[nth]);
}

/** How our answers stand to those that both tools agree on. */
export interface Comparison {
  /** Places of which both tools say the same. */
  readonly agreed: number;
  /** Of these, ours that say so too. */
  readonly equal: number;
  /**
   * Of these, places that neither tool has a line for and we do: NOPs before the first function of a unit (arm64),
   * which no unit covers. We give the line that the function begins with.
   */
  readonly onlyOurs: number;
  /** The others, in words. */
  readonly differences: readonly string[];
  /** Places of which the tools do not say the same, by whom we agree with. */
  readonly disputed: { readonly llvm: number; readonly elfutils: number; readonly neither: readonly string[] };
}

const words = (frames: readonly ToolFrame[]): string =>
  frames.map(({ function: name = '??', file = '??', line = 0 }) => `${name} ${file}:${line}`).join(' < ') || 'nothing';

const listed = ({ where, llvm, elfutils, ours }: Question): string =>
  `${where}\n    llvm:     ${words(llvm)}\n    elfutils: ${words(elfutils)}\n    ours:     ${words(ours)}`;

/** Holds our answers against those of the tools. */
export function compare(questions: readonly Question[]): Comparison {
  let agreed = 0;
  let onlyOurs = 0;
  const differences: string[] = [];
  const disputed = { llvm: 0, elfutils: 0, neither: [] as string[] };
  for (const question of questions) {
    const { aliases, llvm, elfutils, ours } = question;
    if (sameFrames(llvm, elfutils, aliases)) {
      agreed += 1;
      if (sameFrames(ours, llvm, aliases)) continue;
      const isOnlyOurs = ours.length === 1 && llvm.every(({ file }) => file === undefined);
      if (isOnlyOurs && sameFunctions(ours, llvm, aliases)) onlyOurs += 1;
      else differences.push(listed(question));
    } else if (sameFrames(ours, llvm, aliases)) disputed.llvm += 1;
    else if (sameFrames(ours, elfutils, aliases)) disputed.elfutils += 1;
    else disputed.neither.push(listed(question));
  }
  return { agreed, equal: agreed - differences.length, onlyOurs, differences, disputed };
}

/** Bare names of the symbols that begin at each address of a section. */
export function aliasesOf(symbols: readonly TextSymbol[]): (symbol: TextSymbol) => ReadonlySet<string> {
  const names = new Map<string, Set<string>>();
  const key = ({ section, value }: TextSymbol): string => `${section}+${value}`;
  for (const symbol of symbols) {
    const known = names.get(key(symbol));
    if (known === undefined) names.set(key(symbol), new Set([bare(symbol.name)]));
    else known.add(bare(symbol.name));
  }
  return (symbol) => names.get(key(symbol)) ?? new Set();
}
