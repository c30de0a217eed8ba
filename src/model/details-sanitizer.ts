/** An object in memory that a report is about. */
export interface MemoryObject {
  readonly address?: bigint;
  /** The slab cache it belongs to. */
  readonly cache?: string;
  /** Bytes. */
  readonly size?: number;
  /** Where the bad access lies: `0 bytes inside of`, `4 bytes to the right of`. */
  readonly relation?: string;
  /** Bytes from the object's start (inside) or from its nearest end (left, right). */
  readonly distance?: number;
  readonly state?: 'allocated' | 'freed';
}

/** mm/kasan/report.c */
export interface KasanDetails {
  readonly of: 'kasan';
  readonly bug: string;
  readonly access?: 'read' | 'write' | 'free';
  /** Bytes accessed. */
  readonly size?: number;
  readonly address?: bigint;
  readonly task?: string;
  readonly pid?: number;
  /** The processor, where the address is one of a task that is not known. */
  readonly cpu?: number;
  readonly object?: MemoryObject;
  /** For global variables: their name, the file that defines them, their size. */
  readonly variable?: { readonly name: string; readonly file?: string; readonly size?: number };
  /** For stack objects: function and variables of the frame, as listed. */
  readonly stack?: {
    readonly task?: string;
    readonly pid?: number;
    readonly function?: string;
    readonly offset?: number;
    readonly variables: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  };
  /** Tag-based KASAN. */
  readonly pointerTag?: number;
  readonly memoryTag?: number;
  /** `null-ptr-deref` and its like: the range of addresses, from general protection faults. */
  readonly range?: { readonly from: bigint; readonly to: bigint };
  /** `Memory state around the buggy address`: a line each. */
  readonly shadow?: readonly { readonly address: bigint; readonly bytes: readonly string[]; readonly bad: boolean }[];
  /** Index of the marked byte in the shadow line that is `bad`. */
  readonly marked?: number;
  /** What the marked shadow byte says (mm/kasan/kasan.h). */
  readonly markedMeaning?: string;
}

/** mm/kfence/report.c */
export interface KfenceDetails {
  readonly of: 'kfence';
  readonly bug: string;
  readonly access?: 'read' | 'write';
  readonly address?: bigint;
  /** `left of` or `right of` the object. */
  readonly side?: 'left' | 'right';
  readonly distance?: number;
  /** The object's number, negative for a guard page. */
  readonly number?: number;
  readonly object?: MemoryObject;
  /** The bytes found at the corrupted place, `.` for those unharmed. */
  readonly corruptedBytes?: readonly string[];
}

/** mm/kmsan/report.c */
export interface KmsanDetails {
  readonly of: 'kmsan';
  readonly bug: string;
  /** `Bytes 4-7 of 16 are uninitialized`. */
  readonly bytes?: { readonly from: number; readonly to: number; readonly size: number };
  readonly address?: bigint;
  /** `Data copied to user address`. */
  readonly userAddress?: bigint;
  /** The local variable that was not initialized, and its function. */
  readonly variable?: string;
}

export interface RaceAccess {
  readonly access: 'read' | 'write';
  /** Words beside: `marked`, `reordered`, `read-write`, `assert no accesses`. */
  readonly words: readonly string[];
  readonly function?: string;
  readonly address?: bigint;
  /** Bytes. */
  readonly size?: number;
  readonly task?: string;
  readonly pid?: number;
  readonly cpu?: number;
  /** It happened in an interrupt. */
  readonly interrupt?: boolean;
}

/** kernel/kcsan/report.c */
export interface KcsanDetails {
  readonly of: 'kcsan';
  readonly functions: readonly string[];
  readonly accesses: readonly RaceAccess[];
  /** One of both accesses is not known: the value changed meanwhile. */
  readonly unknownOrigin: boolean;
  readonly oldValue?: bigint;
  readonly newValue?: bigint;
}

/** lib/ubsan.c */
export interface UbsanDetails {
  readonly of: 'ubsan';
  readonly check: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** `index 4 is out of range for type 'int [4]'`. */
  readonly message?: string;
  /** As printed: it may be negative or have 128 bits. */
  readonly index?: string;
  readonly type?: string;
}
