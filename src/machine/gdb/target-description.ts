import { layOut, mostRegisters, type RegisterLayout, type RegisterLiteral } from './register-layout.ts';
import { xmlEvents } from './xml.ts';

/** Documents of a description at most, and how deep they may include each other. */
const mostDocuments = 64;
const mostDepth = 8;
/** Bits of the widest register that there is: SVE's with 2048, SME's ZA with 64 KiB. */
const mostBits = 524_288;

/** Groups of registers and types that are of no use to find out where the kernel stands. */
const wideGroups: ReadonlySet<string> = new Set(['float', 'vector']);

/**
 * The registers that a stub describes (gdb's manual, appendix G).
 * @param read gives a document by its name (`target.xml` first); undefined if there is none.
 * @returns undefined if no register is described.
 */
export async function readTargetDescription(
  read: (name: string) => Promise<string | undefined>,
): Promise<RegisterLayout | undefined> {
  const description = new Description(read);
  await description.document('target.xml', 0);
  return description.registers.length === 0 ? undefined : layOut(description.architecture, description.registers);
}

class Description {
  architecture = '';
  readonly registers: RegisterLiteral[] = [];
  readonly #read: (name: string) => Promise<string | undefined>;
  #next = 0;
  #documents = 0;

  constructor(read: (name: string) => Promise<string | undefined>) {
    this.#read = read;
  }

  async document(name: string, depth: number): Promise<void> {
    if (depth > mostDepth || ++this.#documents > mostDocuments) return;
    const text = await this.#read(name);
    if (text === undefined) return;
    let isArchitecture = false;
    for (const event of xmlEvents(text)) {
      switch (event.kind) {
        case 'open':
          isArchitecture = event.name === 'architecture';
          if (event.name === 'reg') this.#register(event.attributes);
          else if (event.name === 'xi:include' || event.name === 'include') {
            const href = event.attributes.get('href') ?? '';
            if (/^[\w.+-]{1,128}$/.test(href)) await this.document(href, depth + 1);
          }
          break;
        case 'close':
          isArchitecture = false;
          break;
        case 'text':
          if (isArchitecture && this.architecture === '') this.architecture = event.text.slice(0, 64);
          break;
      }
    }
  }

  #register(attributes: ReadonlyMap<string, string>): void {
    const bits = smallNumber(attributes.get('bitsize'));
    const name = attributes.get('name') ?? '';
    // Without a number it follows the one before it, in whatever document that was.
    const number = smallNumber(attributes.get('regnum')) ?? this.#next;
    if (bits === undefined || bits === 0 || bits % 8 !== 0 || bits > mostBits) return;
    if (number >= mostRegisters || this.registers.length >= mostRegisters || !/^[\w.$-]{1,64}$/.test(name)) return;
    this.#next = number + 1;
    const isWide = bits > 64 || wideGroups.has(attributes.get('group') ?? '') || /^fp[sc]r$/i.test(name);
    this.registers.push({ name, number, bits, isWide });
  }
}

function smallNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}
