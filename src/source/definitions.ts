/** A definition's first and last line. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Lines that a function's head may have before its brace. */
const longestHead = 32;
/** Definitions of one name that are noted: a few stand between #ifdef. */
const mostDefinitions = 32;

/** System calls are defined with a macro that makes several functions of it (include/linux/syscalls.h). */
const systemCall = /^__(?:do|se|x64|ia32|arm64|riscv|s390x?)_(?:compat_)?sys_(\w+)$/;

/** What a function is called in its source: without what the compiler hung on it, and without its modules. */
export function nameInSource(name: string): string {
  const plain = name.replace(/\.(?:isra|constprop|part|cold|llvm|lto_priv)\b.*$/, '');
  return /(?:^|::|\.)(\w+)(?:<[^<>]*>)?$/.exec(plain)?.[1] ?? plain;
}

const isWord = (character: string | undefined): boolean => character !== undefined && /\w/.test(character);

/** True if the text has `name` as a word, with `(` or `,` behind it as given. */
function hasWord(text: string, name: string, behind: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (isWord(text[at - 1])) continue;
    if (behind === '' ? !isWord(text[at + name.length]) : text.startsWith(behind, at + name.length)) return true;
  }
  return false;
}

/**
 * Finds where a function is defined, from the lines of its file in their order. It goes by how the kernel is written:
 * definitions begin at the left margin, and so does the brace that ends them; Rust's, at their `fn` and its indentation.
 */
export class DefinitionFinder {
  readonly #name: string;
  readonly #call: string | undefined;
  readonly #rust: boolean;
  readonly #found: LineRange[] = [];
  #head: number | undefined;
  #body: number | undefined;
  /** The body ended; what follows is still its own until other code begins. */
  #ended = false;
  #indent = '';
  #line = 0;

  constructor(name: string, rust: boolean) {
    this.#name = nameInSource(name);
    this.#call = systemCall.exec(this.#name)?.[1];
    this.#rust = rust;
  }

  /** Takes the next line. */
  push(text: string): void {
    this.#line += 1;
    const begins = this.#rust ? this.#beginsRust(text) : this.#begins(text);
    if (this.#body !== undefined) {
      if (!this.#ended) {
        if (text.startsWith(`${this.#indent}}`)) this.#ended = true;
        return;
      }
      const other = this.#rust ? text.trim() !== '' : /^[A-Za-z_]/.test(text);
      if (!other) return;
      this.#close(this.#line - 1);
    }
    if (begins) {
      this.#head = this.#line;
      this.#indent = this.#rust ? (/^\s*/.exec(text)?.[0] ?? '') : '';
    }
    if (this.#head === undefined) return;
    if (text.includes('{')) {
      this.#body = this.#head;
      this.#head = undefined;
      this.#ended = /\}\s*(?:\/[/*].*)?$/.test(text);
    } else if (/;\s*$/.test(text) || this.#line - this.#head > longestHead) this.#head = undefined;
  }

  /** The definitions, when all lines were taken. */
  end(): readonly LineRange[] {
    if (this.#body !== undefined) this.#close(this.#line);
    return this.#found;
  }

  #close(last: number): void {
    if (this.#body !== undefined && this.#found.length < mostDefinitions) this.#found.push({ first: this.#body, last });
    this.#body = undefined;
    this.#ended = false;
  }

  #begins(text: string): boolean {
    if (!/^[A-Za-z_]/.test(text)) return false;
    if (hasWord(text, this.#name, '(')) return true;
    return this.#call !== undefined && text.includes('SYSCALL_DEFINE') && hasWord(text, this.#call, '');
  }

  #beginsRust(text: string): boolean {
    return hasWord(text, `fn ${this.#name}`, '');
  }
}
