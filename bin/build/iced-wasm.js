// A part of the build (rolldown.config.js): iced-x86's WebAssembly, made to start fast. To make an instance takes as
// long as there are exports (760: 5 ms), and the first instruction that is decoded or written waits for tables of all
// instructions to be unpacked (7 ms each). So it is instantiated here and used once, and its memory as it is then
// becomes what it starts with; and it has only the exports that the script calls.

/** Numbers of sections, of the WebAssembly core specification (5.5.2). */
const memorySection = 5;
const exportSection = 7;
const dataSection = 11;
const pageSize = 65_536;
/** Zeros in a row that are left out; a segment of data costs ten bytes. */
const longGap = 16;

/** The WebAssembly for `script`, the package's own cut or whole, from the package's. */
function startFast(wasm, script) {
  const wanted = new Set(Array.from(script.matchAll(/\bwasm\.(\w+)/g), ([, name]) => name));
  const memory = usedMemory(wasm, script);
  const pages = memory.length / pageSize;
  return rewritten(wasm, {
    // One memory, of so many pages and more if need be.
    [memorySection]: () => Buffer.concat([Buffer.of(1, 0), unsigned(pages)]),
    [exportSection]: (section) => cutExports(section, wanted),
    [dataSection]: () => dataOf(memory),
  });
}

/** The memory of an instance that has decoded, written and analyzed instructions of 32 and 64 bits. */
function usedMemory(wasm, script) {
  const module = { exports: {} };
  const requireFor = (name) => (name === 'fs' ? { readFileSync: () => wasm } : require(name));
  new Function('module', 'require', '__dirname', script)(module, requireFor, '');
  const iced = module.exports;
  const formatter = new iced.Formatter(iced.FormatterSyntax.Gas);
  const infos = new iced.InstructionInfoFactory();
  for (const bits of [32, 64]) {
    const decoder = new iced.Decoder(bits, Uint8Array.of(0x8b, 0x43, 0x08), iced.DecoderOptions.None);
    const instruction = decoder.decode();
    if (formatter.format(instruction) === '') throw new Error('iced-x86 writes nothing');
    infos.info(instruction).free();
    instruction.free();
    decoder.free();
  }
  infos.free();
  formatter.free();
  return Buffer.from(iced.__wasm.memory.buffer);
}

/** WebAssembly with other contents for some sections, by their numbers. */
function rewritten(wasm, changes) {
  const reader = { bytes: wasm, at: 8 };
  const parts = [wasm.subarray(0, reader.at)];
  const pending = new Set(Object.keys(changes));
  while (reader.at < wasm.length) {
    const id = wasm[reader.at++];
    const size = readUnsigned(reader);
    const content = wasm.subarray(reader.at, reader.at + size);
    const changed = changes[id]?.(content) ?? content;
    pending.delete(String(id));
    parts.push(Buffer.of(id), unsigned(changed.length), changed);
    reader.at += size;
  }
  if (pending.size > 0) throw new Error(`iced-x86 has no sections ${[...pending].join(', ')}`);
  return Buffer.concat(parts);
}

function cutExports(section, wanted) {
  const reader = { bytes: section, at: 0 };
  const kept = [];
  for (let count = readUnsigned(reader); count > 0; count--) {
    const start = reader.at;
    const length = readUnsigned(reader);
    const name = section.toString('latin1', reader.at, reader.at + length);
    reader.at += length + 1;
    readUnsigned(reader);
    if (wanted.has(name)) kept.push(section.subarray(start, reader.at));
  }
  if (kept.length < wanted.size) throw new Error(`iced-x86 exports ${kept.length} of ${[...wanted].join(', ')}`);
  return Buffer.concat([unsigned(kept.length), ...kept]);
}

/** A section of data that makes this memory. */
function dataOf(memory) {
  const segments = [];
  const isZero = (at) => memory[at] === 0;
  for (let at = 0; at < memory.length; ) {
    if (isZero(at)) {
      at++;
      continue;
    }
    let end = at + 1;
    for (let next = end; next < memory.length && next < end + longGap; next++) if (!isZero(next)) end = next + 1;
    // Of the one memory, at an i32.const.
    segments.push(Buffer.of(0, 0x41), signed(at), Buffer.of(0x0b), unsigned(end - at), memory.subarray(at, end));
    at = end;
  }
  return Buffer.concat([unsigned(segments.length / 5), ...segments]);
}

/** Numbers as WebAssembly has them: seven bits a byte, the lowest first (LEB128). */
function readUnsigned(reader) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function unsigned(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A number of zero or more as a signed one, whose last byte's bit 6 is the sign. */
function signed(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x40; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

module.exports = { startFast };
