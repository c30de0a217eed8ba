/** Longer names are left alone: the kernel's own limit (KSYM_NAME_LEN, kernel/kallsyms) is 512. */
export const maxNameLength = 4096;

/** A longer result is none: a few bytes of back references can stand for gigabytes. */
export const maxResultLength = 4096;

/** No real name nests deeper than a fraction of this. */
const maxDepth = 160;

/** Steps of all parsing and printing of one name together; a result of the greatest length takes far fewer. */
const maxSteps = 40_000;

/** Thrown inside this folder when a name turns out to be none; `demangle` catches it. */
export class NotMangledError extends Error {
  constructor() {
    super('not a mangled name');
    this.name = 'NotMangledError';
  }
}

/** Reads a mangled name from left to right, within bounds of depth and work. */
export class MangledReader {
  readonly text: string;
  position = 0;
  #depth = 0;
  #steps = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  fail(): never {
    throw new NotMangledError();
  }

  /** The character `ahead` of the next one, the empty string behind the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.position + ahead);
  }

  next(): string {
    if (this.atEnd) {
      this.fail();
    }
    return this.text.charAt(this.position++);
  }

  /** Goes behind `expected` if it comes next. */
  eat(expected: string): boolean {
    if (!this.text.startsWith(expected, this.position)) {
      return false;
    }
    this.position += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.eat(expected)) {
      this.fail();
    }
  }

  take(length: number): string {
    const end = this.position + length;
    if (end > this.text.length) {
      this.fail();
    }
    const taken = this.text.slice(this.position, end);
    this.position = end;
    return taken;
  }

  /** The characters up to the first one that `belongs` refuses, perhaps none. */
  takeWhile(belongs: (character: string) => boolean): string {
    const start = this.position;
    while (!this.atEnd && belongs(this.peek())) {
      this.position++;
    }
    return this.text.slice(start, this.position);
  }

  /** A decimal number that can be a length or an index; 0 only as a single digit. */
  decimal(): number {
    if (this.eat('0')) {
      return 0;
    }
    const digits = this.takeWhile(isDigit);
    if (digits === '' || digits.length > 6) {
      this.fail();
    }
    return Number(digits);
  }

  /** Runs a production one level deeper; fails when it nests too deep or works too much. */
  nested<T>(production: () => T): T {
    this.step();
    if (++this.#depth > maxDepth) {
      this.fail();
    }
    const result = production();
    this.#depth--;
    return result;
  }

  step(): void {
    if (++this.#steps > maxSteps) {
      this.fail();
    }
  }
}

export function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

export function isUpper(character: string): boolean {
  return character >= 'A' && character <= 'Z' && character.length === 1;
}

export function isLower(character: string): boolean {
  return character >= 'a' && character <= 'z' && character.length === 1;
}
