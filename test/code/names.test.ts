import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dwarfRegisters } from '../../src/arch/dwarf-registers.ts';
import { followBack } from '../../src/code/follow.ts';
import { originsOf } from '../../src/code/follow-words.ts';
import { type FunctionText, readFunction } from '../../src/code/function-text.ts';
import { loadDisassembler } from '../../src/code/load-disassembler.ts';
import { CodeNames } from '../../src/code/names.ts';
import { VariablesInCode } from '../../src/code/names-variables.ts';
import { fromBigAddress } from '../../src/elf/address.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { Image } from '../../src/symbols/image.ts';

/** What drivers do: nested structures, unions, lists, spills, calls, and things of other files. */
const source = `
struct list { struct list *next, *prev; };
struct stats { unsigned long packets, bytes; };
struct ring { unsigned long reserved[4]; unsigned head, tail; void *slot[8]; };
struct device {
	int id;
	union { unsigned flags; float weight; };
	struct { struct stats rx, tx; } stats;
	struct ring *rings[2];
	struct list entries;
	void (*release)(struct device *);
};
struct request { struct list link; struct device *device; unsigned long sector; };

extern struct device *default_device;
static struct { int users; struct ring *ring; } state;
struct device *find_device(int id);
void note(unsigned long value);
void use(void *pointer);

static inline __attribute__((always_inline)) unsigned level(const struct ring *ring)
{
	return ring->head - ring->tail;
}

unsigned by_argument(int unused, struct ring *ring) { return ring->tail; }
unsigned by_inlined(struct device *dev) { return level(dev->rings[1]); }
unsigned long nested(struct device *dev) { return dev->stats.tx.bytes; }
unsigned in_union(struct device *dev) { return dev->flags; }
unsigned long by_call(int id) { return find_device(id)->stats.rx.packets; }
int by_global(void) { return default_device->id; }
unsigned by_static(void) { state.users++; note(state.users); return state.ring->head; }

unsigned long after_call(struct request *request)
{
	note(1);
	return request->sector;
}

unsigned long by_chain(struct request *request)
{
	return request->device->rings[0]->reserved[3];
}

unsigned long by_container(struct list *list)
{
	struct request *request = (struct request *)((char *)list - __builtin_offsetof(struct request, link));

	note(2);
	return request->sector;
}

int walk(struct list *head)
{
	int count = 0;

	for (struct list *at = head->next; at != head; at = at->next)
		count++;
	return count;
}

void store(struct device *dev, struct ring *ring)
{
	note(3);
	dev->rings[1] = ring;
	use(ring->slot[3]);
}
int main(void) { return 0; }
`;

const compilers = { x86_64: 'gcc', arm64: 'aarch64-linux-gnu-gcc' } as const;
type Architecture = keyof typeof compilers;

/** Whether a compiler is there that makes code for an architecture. */
function hasCompiler(architecture: Architecture): boolean {
  const { stdout, status } = spawnSync(compilers[architecture], ['-dumpmachine'], { encoding: 'utf8' });
  return status === 0 && stdout.startsWith(architecture === 'arm64' ? 'aarch64' : 'x86_64');
}

interface Named {
  readonly accessed: string | undefined;
  readonly type: string | undefined;
  readonly wrong: string | undefined;
  readonly alternatives: readonly string[] | undefined;
  readonly certain: boolean | undefined;
  readonly origins: readonly string[];
}

class Compiled {
  readonly image: Image;
  readonly #architecture: Architecture;

  constructor(image: Image, architecture: Architecture) {
    this.image = image;
    this.#architecture = architecture;
  }

  /** Names for the nth last instruction of a function that accesses memory at a distance from a register. */
  async at(name: string, displacement: number, nth = 0): Promise<Named> {
    const disassembler = await loadDisassembler(this.#architecture);
    const registers = dwarfRegisters(this.#architecture);
    const { elf } = this.image;
    const [symbol] = elf.symbols().named(name);
    if (disassembler === undefined || registers === undefined || symbol === undefined) throw new Error(`no ${name}`);
    const text = readFunction(this.image, symbol.address, disassembler);
    if (text === undefined) throw new Error(`no code of ${name}`);
    const { fault, register } = accessAt(text, displacement, nth);
    const variables = new VariablesInCode(await this.image.variables(), registers);
    const names = new CodeNames(text, variables, (each) =>
      fromBigAddress(text.code.instructions[each]?.address ?? 0n, true),
    );
    const [memory] = text.code.instructions[fault]?.instruction.memory ?? [];
    if (memory === undefined) throw new Error('no operand');
    const accessed = names.operand(fault, { memory, offset: 0, size: memory.size });
    const steps = followBack(text.code, { from: fault, register }, text.calls);
    const origins = originsOf(steps, {
      text,
      fault,
      nameOf: (step) => names.operand(step.nth, step)?.text,
      computed: (step) => names.computed(step),
      parameter: (...given) => names.parameter(...given)?.text,
    });
    return {
      accessed: accessed?.text,
      type: accessed?.tools.types.name(accessed.type),
      wrong: names.register(fault, register)?.text,
      alternatives: accessed?.alternatives,
      certain: accessed?.certain,
      origins: origins.map(({ words }) => words),
    };
  }
}

function accessAt(text: FunctionText, displacement: number, nth: number): { fault: number; register: string } {
  const found = text.code.instructions.flatMap(({ instruction }, fault) => {
    const [memory] = instruction.memory;
    const isIt = memory?.base !== undefined && !['rip', 'rsp', 'sp', 'pc'].includes(memory.base) && memory.size > 0;
    // A pair has two members.
    const second =
      instruction.effect?.kind === 'load' && instruction.effect.second !== undefined ? (memory?.size ?? 0) / 2 : 0;
    const at = Number(memory?.displacement);
    return isIt && (at === displacement || (second > 0 && at + second === displacement))
      ? [{ fault, register: memory?.base ?? '' }]
      : [];
  });
  const wanted = found.at(-1 - nth);
  if (wanted === undefined) throw new Error(`nothing at ${displacement}`);
  return wanted;
}

describe.each(['x86_64', 'arm64'] as const)('%s, compiled', (architecture) => {
  const isThere = hasCompiler(architecture);
  if (!isThere)
    process.stderr.write(`names of variables: SKIPPED for ${architecture}, no ${compilers[architecture]}\n`);
  let compiled: Compiled;

  beforeAll(async () => {
    if (!isThere) return;
    const folder = mkdtempSync(join(tmpdir(), 'ktriage-names-'));
    writeFileSync(join(folder, 'driver.c'), source);
    // As the kernel is compiled, but for what it needs of its own.
    const flags = ['-O2', '-g', '-ffreestanding', '-fno-stack-protector', '-fno-pic', '-fcf-protection=none'];
    const its =
      architecture === 'x86_64' ? [...flags, '-mcmodel=kernel', '-mno-red-zone', '-mno-sse'] : flags.slice(0, 5);
    execFileSync(compilers[architecture], [...its, '-c', '-o', 'driver.o', 'driver.c'], { cwd: folder });
    compiled = new Compiled(Image.of(await openElf(join(folder, 'driver.o'))), architecture);
  });

  afterAll(() => compiled?.image.close());

  test.runIf(isThere)('an argument', async () => {
    expect(await compiled.at('by_argument', 0x24)).toMatchObject({
      accessed: 'ring->tail',
      type: 'unsigned int',
      wrong: 'ring',
      origins: ['second argument of by_argument(), ring'],
    });
  });

  test.runIf(isThere)('a member that was loaded, for an inlined function', async () => {
    const { accessed, origins } = await compiled.at('by_inlined', 0x20);
    // It is up to the compiler whether the parameter of what is inlined has a place.
    expect(accessed).toMatch(/^(?:ring|dev->rings\[1\])->head$/);
    expect(origins).toEqual(['loaded from dev->rings[1]']);
  });

  test.runIf(isThere)('structures in structures', async () => {
    expect(await compiled.at('nested', 0x20)).toMatchObject({ accessed: 'dev->stats.tx.bytes', wrong: 'dev' });
  });

  test.runIf(isThere)('a union', async () => {
    expect(await compiled.at('in_union', 4)).toMatchObject({ accessed: 'dev->flags', alternatives: ['dev->weight'] });
  });

  test.runIf(isThere)('what a function returned that is in no variable', async () => {
    expect(await compiled.at('by_call', 8)).toMatchObject({
      accessed: 'find_device()->stats.rx.packets',
      origins: ['returned by find_device()'],
    });
  });

  test.runIf(isThere)('variables outside of functions', async () => {
    expect(await compiled.at('by_global', 0)).toMatchObject({
      accessed: 'default_device->id',
      wrong: 'default_device',
      origins: ['loaded from default_device'],
    });
    expect(await compiled.at('by_static', 0x20)).toMatchObject({
      accessed: 'state.ring->head',
      origins: ['loaded from state.ring'],
    });
  });

  test.runIf(isThere)('a variable that calls preserve', async () => {
    const { accessed, origins } = await compiled.at('after_call', 0x18);
    expect(accessed).toBe('request->sector');
    expect(origins.at(-1)).toBe('first argument of after_call(), request');
  });

  test.runIf(isThere)('members of members, none of them in a variable', async () => {
    expect(await compiled.at('by_chain', 0x18)).toMatchObject({
      accessed: 'request->device->rings[0]->reserved[3]',
      wrong: 'request->device->rings[0]',
      origins: ['loaded from request->device->rings[0]'],
      certain: true,
    });
  });

  test.runIf(isThere)('the structure that a list is in', async () => {
    expect(await compiled.at('by_container', 0x18)).toMatchObject({ accessed: 'request->sector' });
  });

  test.runIf(isThere)('a loop has two ways into it', async () => {
    const { accessed, origins } = await compiled.at('walk', 0);
    expect(accessed).toBe('at->next');
    expect(origins[0]).toMatch(/^loaded from (?:at|head)->next/);
  });

  test.runIf(isThere)('a store', async () => {
    expect(await compiled.at('store', 0x30)).toMatchObject({ accessed: 'dev->rings[1]', wrong: 'dev' });
  });
});
