interface TaintFlag {
  readonly letter: string;
  readonly meaning: string;
}

// taint_flags[], kernel/panic.c, by bit. J since 6.15, N since 6.0, T since 4.20 or so. `G` only says that P is not set.
const taintTable: readonly TaintFlag[] = [
  { letter: 'P', meaning: 'proprietary module' },
  { letter: 'F', meaning: 'module loaded by force' },
  { letter: 'S', meaning: 'processor or system out of specification' },
  { letter: 'R', meaning: 'module unloaded by force' },
  { letter: 'M', meaning: 'machine check' },
  { letter: 'B', meaning: 'bad page' },
  { letter: 'U', meaning: 'set by user space' },
  { letter: 'D', meaning: 'died before (oops or BUG)' },
  { letter: 'A', meaning: 'overridden ACPI table' },
  { letter: 'W', meaning: 'warned before' },
  { letter: 'C', meaning: 'staging driver' },
  { letter: 'I', meaning: 'workaround for a firmware bug' },
  { letter: 'O', meaning: 'out-of-tree module' },
  { letter: 'E', meaning: 'unsigned module' },
  { letter: 'L', meaning: 'soft lockup before' },
  { letter: 'K', meaning: 'live patched' },
  { letter: 'X', meaning: 'auxiliary, defined by the distribution' },
  { letter: 'T', meaning: 'randomized structure layout' },
  { letter: 'N', meaning: 'in-kernel test' },
  { letter: 'J', meaning: 'fwctl mutated device firmware' },
];

/** What a report says of taint. */
export interface TaintFacts {
  readonly flags: readonly string[];
  readonly words: readonly string[];
}

function factsOf(letters: Iterable<string>): TaintFacts {
  const set = new Set(letters);
  const known = taintTable.filter(({ letter }) => set.has(letter));
  const unknown = [...set].filter((l) => l !== 'G' && !taintTable.some(({ letter }) => letter === l)).sort();
  return {
    flags: [...known.map(({ letter }) => letter), ...unknown],
    words: [...known.map(({ meaning }) => meaning), ...unknown.map((l) => `unknown flag ${l}`)],
  };
}

/** Blanks and capitals behind `Tainted: `: print_tainted() leaves a blank for each flag that is not set. */
const letters = /\bTainted: ([A-Z ]{1,40})/;

/**
 * Reads `Not tainted`, `Tainted: G        W  OE` and 6.12's `Tainted: [W]=WARN, [O]=OOT_MODULE`.
 * Nothing if the line does not tell.
 */
export function parseTaint(text: string): TaintFacts | undefined {
  const at = text.search(/[Tt]ainted/);
  if (at < 0) return undefined;
  if (/\bNot tainted\b/.test(text)) return factsOf([]);
  const verbose = [...text.matchAll(/\[([A-Z])\]=[A-Z_]{1,40}/g)].map((m) => m[1] ?? '');
  if (verbose.length > 0) return factsOf(verbose);
  const match = letters.exec(text);
  if (match === null) return undefined;
  let run = match[1] ?? '';
  // `Tainted: G        W  OE Linux-6.1`: the last letter belongs to a release that begins with capitals.
  const next = text[match.index + match[0].length];
  if (next !== undefined && /[\w.-]/.test(next)) run = run.slice(0, run.lastIndexOf(' ') + 1);
  return factsOf([...run].filter((c) => c !== ' '));
}
