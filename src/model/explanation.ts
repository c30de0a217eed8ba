/** One line of a disassembly. */
export interface InstructionLine {
  /** Bytes from the marked instruction; negative before it. */
  readonly offset: number;
  /** The instruction's bytes in the order of memory, in hex; of arm64 the word. */
  readonly bytes: string;
  /** In the syntax of GNU tools: AT&T for x86, the architecture's own for arm64. `(bad)` where it is none. */
  readonly text: string;
  /** The instruction that the processor was at. */
  readonly marked?: true;
}

/** How an instruction uses a place. */
export type Access = 'read' | 'write' | 'read-write' | 'execute' | 'none';

/** An operand in memory. */
export interface MemoryOperand {
  /** As the disassembly prints it. */
  readonly text: string;
  readonly access: Access;
  /** Bytes. */
  readonly size: number;
  /** Registers that the address is made of, by the names of the report's register set (`rbx`, `x0`, `sp`). */
  readonly base?: string;
  readonly index?: string;
  readonly scale?: number;
  readonly displacement: bigint;
  /** `fs`, `gs`: a base was added that the report may not print. */
  readonly segment?: string;
  /** The effective address by the report's registers, where all of them are known. */
  readonly address?: bigint;
}

/** What the effective address says about the address that the processor complained of. */
export type AddressVerdict =
  | 'equal' // the operand made that address
  | 'within' // the access begins before and reaches it: it crosses into another page
  | 'not-canonical' // the processor reports no address for these
  | 'shadow' // a sanitizer's check of the shadow of another address
  | 'fetch' // the processor could not fetch the instruction itself
  | 'different' // neither: registers changed since, or the code did
  | 'unknown';

/** The instruction that the processor was at, and what it tried. */
export interface FaultingInstruction {
  readonly line: InstructionLine;
  /** The mnemonic without size suffixes where these are not part of the name (`mov`, `ldr`, `call`). */
  readonly mnemonic: string;
  readonly operands: readonly MemoryOperand[];
  /** The operand that faulted, an index into `operands`. */
  readonly faulting?: number;
  readonly verdict: AddressVerdict;
  /** The verdict in words. */
  readonly words: string;
  /** The register whose value is wrong. */
  readonly register?: string;
  /** Registers read and written, by the names of the report's register set. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** The log has no code of it: it is what the vmlinux or module has at that place. */
  readonly isOfFile?: true;
}

/** A byte range of code that the log and the vmlinux have differently. */
export interface CodeDifference {
  /** Bytes from the marked instruction. */
  readonly offset: number;
  readonly log: string;
  readonly file: string;
  /** What may have changed it. */
  readonly cause: 'alternative' | 'ftrace' | 'static-key' | 'static-call' | 'paravirt' | 'kprobe' | 'int3' | 'unknown';
}

/** A `Code:` line disassembled. */
export interface Disassembly {
  /** Index into the report's `code`. */
  readonly code: number;
  readonly lines: readonly InstructionLine[];
  /** Leading bytes left out because no instruction begins there. */
  readonly skippedBytes: number;
  /** Against the vmlinux or module: absent where there is none. */
  readonly differences?: readonly CodeDifference[];
}

/** What a value is, by where it points or what it is made of. */
export type ValueClass =
  | 'zero'
  | 'null-offset'
  | 'errno'
  | 'small'
  | 'list-poison'
  | 'slab-poison'
  | 'page-poison'
  | 'stack-poison'
  | 'init-poison'
  | 'other-poison'
  | 'kasan-shadow'
  | 'user'
  | 'non-canonical'
  | 'per-cpu'
  | 'direct-map'
  | 'vmalloc'
  | 'vmemmap'
  | 'fixmap'
  | 'module'
  | 'kernel-text'
  | 'kernel-data'
  | 'init-text'
  | 'stack'
  | 'stack-guard'
  | 'text-string' // ASCII
  | 'bit-flip'
  | 'refcount-saturated'
  | 'kernel-pointer'
  | 'number';

/** What is known of a value. */
export interface ValueMeaning {
  readonly value: bigint;
  readonly class: ValueClass;
  /** In words, without the value itself: `NULL plus 0x20`, `-ENOMEM as a pointer`, `freed slab memory (0x6b)`. */
  readonly words: string;
  /** False where it may be by chance. */
  readonly certain: boolean;
  /** What it points to: `symbol+0x10`, a module's name. */
  readonly target?: string;
  /** The address that it stands for: without a tag, of what a shadow byte guards, with a flipped bit put right. */
  readonly address?: bigint;
}

/** What a register of the report means. */
export interface RegisterMeaning extends ValueMeaning {
  readonly register: string;
}

/** A variable or parameter, or a member that is reached through one. */
export interface VariableValue {
  /** As in the source: `ring`, or an expression as `ring->slot[2]`. */
  readonly name: string;
  /** As C writes it: `struct ktlab_ring *`. */
  readonly type?: string;
  /** The function that it belongs to, which may be inlined. */
  readonly function: string;
  readonly kind: 'parameter' | 'local' | 'member';
  /** Where it was: a register's name, a memory location in words; absent if it was optimized out. */
  readonly location?: string;
  readonly value?: bigint;
  readonly meaning?: ValueMeaning;
  /** Said where it has none. */
  readonly missing?: 'optimized-out' | 'not-here' | 'not-in-log';
  /** Other names for the same bytes: members of a union. */
  readonly alternatives?: readonly string[];
  /** Said of names that were found by following the code back, where the value may have come another way. */
  readonly certain?: false;
}

/** One step of a value's way to the place where it hurt, the last first. */
export interface Origin {
  /** `loaded from member next of struct foo`, `returned by kmalloc`, `first argument`. */
  readonly words: string;
  readonly kind: 'load' | 'call' | 'argument' | 'constant' | 'arithmetic' | 'copy' | 'unknown';
  /** Bytes from the marked instruction, where the step is one. */
  readonly offset?: number;
  readonly certain: boolean;
}

/** A value that a function passed to another, on its way to the place where it hurt. */
export interface PassedArgument {
  /** Who called. */
  readonly by: string;
  /** Whom. */
  readonly to: string;
  /** As which argument, from 0 on. */
  readonly index: number;
  /** That argument's name in the called function. */
  readonly parameter?: string;
  /** What the caller passed, as in its source; absent where the debug information does not tell. */
  readonly expression?: string;
  readonly value?: bigint;
}

/** A place in code, as in the source. */
export interface CodePlace {
  readonly function: string;
  readonly file?: string;
  readonly line?: number;
}

/** A lock that code waits for, by the call that asks for it. */
export interface WantedLock {
  /** As in the source: `ktlab_spin`, `port->lock`; absent where nothing tells. */
  readonly name?: string;
  /** Who asks. */
  readonly by: CodePlace;
  /** What it calls for that: `_raw_spin_lock`. */
  readonly through: string;
  /** Where the same task took it before and, by the code, has not given it back. */
  readonly taken?: CodePlace & {
    /** Functions that it called since, one of which may have given it back. */
    readonly calls: number;
    /** False where the code may have come another way. */
    readonly certain: boolean;
  };
}

/** What a report's machine state says. */
export interface Explanation {
  readonly disassembly?: readonly Disassembly[];
  readonly instruction?: FaultingInstruction;
  /** Registers that there is a word to say about, of the report's first kernel register set. */
  readonly values?: readonly RegisterMeaning[];
  readonly variables?: readonly VariableValue[];
  /** The variable, or member path, that the faulting operand is in the source. */
  readonly accessed?: VariableValue;
  /** The variable that held the wrong value. */
  readonly wrong?: VariableValue;
  readonly origins?: readonly Origin[];
  /** Arguments by which the wrong value came from caller to caller, the innermost call first. */
  readonly passed?: readonly PassedArgument[];
  /** The lock that the stack waits for. */
  readonly lock?: WantedLock;
  /** What could not be found out, and why, in words. */
  readonly missing?: readonly string[];
}

/** How sure a finding is. */
export const confidences = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof confidences)[number];

/** Something that a finding rests on. */
export interface Evidence {
  readonly words: string;
  /** Lines of the log. */
  readonly firstLine?: number;
  readonly lastLine?: number;
  readonly register?: string;
  readonly address?: bigint;
}

/** What a rule concludes. */
export interface Finding {
  /** The rule's name, of the list that `ktriage explain --list` prints. */
  readonly rule: string;
  readonly confidence: Confidence;
  /** One sentence that a kernel engineer would sign. */
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  /** Lines to be shown as they are, all characters of one width: the two columns of a deadlock. */
  readonly drawing?: readonly string[];
  /** It is no cause: what else matters. */
  readonly circumstance?: true;
  /** What speaks against it. */
  readonly against?: readonly string[];
}
