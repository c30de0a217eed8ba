import type { Iced } from './iced.ts';

/** Names of registers by iced's numbers, as the report's register set has them: full ones, in lower case. */
export class RegisterNames {
  readonly bits: 32 | 64;
  readonly #iced: Iced;
  readonly #names = new Map<number, string | undefined>();

  constructor(iced: Iced, bits: 32 | 64) {
    this.#iced = iced;
    this.bits = bits;
  }

  /** `rax` for `%al`; undefined for no register. */
  full(register: number): string | undefined {
    if (this.#names.has(register)) return this.#names.get(register);
    const name = this.#find(register);
    this.#names.set(register, name);
    return name;
  }

  #find(register: number): string | undefined {
    const { Register, RegisterExt } = this.#iced;
    if (register === Register.None) return undefined;
    const full = this.bits === 64 ? RegisterExt.fullRegister(register) : RegisterExt.fullRegister32(register);
    const name: string | undefined = Register[full];
    // A ymm or zmm register is called by its first part.
    return name?.toLowerCase().replace(/^[yz]mm/, 'xmm');
  }
}
